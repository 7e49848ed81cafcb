#include "core/training/observations.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/random.hpp"
#include "core/base/text.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/content_hash.hpp"
#include "core/io/csv.hpp"
#include "core/io/hdf5.hpp"

namespace eddyline {
namespace {

const std::vector<std::string> axis_names = {"x", "y", "z"}, velocity_names = {"u", "v", "w"};

/// The columns of a file by name, each [N] double.
struct Columns {
  std::vector<std::string> names;
  std::vector<at::Tensor> values;
  [[nodiscard]] bool has(const std::string& name) const {
    return std::find(names.begin(), names.end(), name) != names.end();
  }
  [[nodiscard]] const at::Tensor& at(const std::string& name) const {
    return values[static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin())];
  }
};

Columns read_columns(const std::filesystem::path& path) {
  Columns columns;
  if (path.extension() == ".h5" || path.extension() == ".hdf5") {
    const auto file = hdf5::File::open(path);
    for (const auto& name : file.links("/")) {
      columns.names.push_back(name);
      columns.values.push_back(file.read(name).to(at::kDouble));
      if (columns.values.back().dim() != 1)
        throw ShapeError("'" + path.string() + "': column '" + printable(name) + "' has " +
                         std::to_string(columns.values.back().dim()) + " axes, expected one");
    }
    return columns;
  }
  const CsvTable table = read_csv(path);
  columns.names = table.columns;
  for (const auto& name : table.columns) columns.values.push_back(at::tensor(table.column(name), at::kDouble));
  return columns;
}

/// @param allowed  bool [N]. @throws DataError naming the first row that is not.
void require(const at::Tensor& allowed, const at::Tensor& column, const std::string& name, const std::string& what,
             const std::filesystem::path& path) {
  if (allowed.all().item<bool>()) return;
  const auto bad = at::nonzero(allowed.logical_not());
  const auto row = bad[0][0].item<std::int64_t>();
  throw DataError("'" + path.string() + "': '" + name + "' of observation " + std::to_string(row + 1) + " is " +
                  format_number(column[row].item<double>()) + ", expected " + what + " (" +
                  std::to_string(bad.size(0)) + " such observations)");
}

}  // namespace

Observations read_observations(const std::filesystem::path& path) {
  const std::string hash = content_hash(read_file(path));
  const Columns columns = read_columns(path);
  std::size_t dimension = 0;
  while (dimension < 3 && columns.has(axis_names[dimension])) ++dimension;
  std::vector<std::string> known(axis_names.begin(), axis_names.begin() + static_cast<std::ptrdiff_t>(dimension));
  known.insert(known.end(), {"t", "rho"});
  for (const auto& name : {std::string("x"), std::string("t"), std::string("rho")})
    if (!columns.has(name))
      throw DataError("'" + path.string() + "': no column '" + name + "'; there are " +
                      printable(join(columns.names, ", ")) + "; expected x[,y[,z]],t,rho[,u[,v[,w]]]");
  known.insert(known.end(), velocity_names.begin(), velocity_names.begin() + static_cast<std::ptrdiff_t>(dimension));
  for (const auto& name : columns.names)
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw DataError("'" + path.string() + "': unknown column '" + printable(name) + "' of observations in " +
                      std::to_string(dimension) + " dimension(s)" + suggestion(name, known));
  const std::int64_t rows = columns.at("x").size(0);
  for (const auto& name : columns.names)
    if (columns.at(name).size(0) != rows)
      throw ShapeError("'" + path.string() + "': column '" + name + "' has " +
                       std::to_string(columns.at(name).size(0)) + " rows, 'x' has " + std::to_string(rows));
  if (rows == 0) throw DataError("'" + path.string() + "' holds no observation");
  Observations result;
  result.source = path.string();
  result.fingerprint = hash;
  std::vector<at::Tensor> points, values = {columns.at("rho")};
  for (std::size_t axis = 0; axis < dimension; ++axis) {
    points.push_back(columns.at(axis_names[axis]));
    require(at::isfinite(points.back()), points.back(), axis_names[axis], "a finite number", path);
    values.push_back(columns.has(velocity_names[axis]) ? columns.at(velocity_names[axis])
                                                       : at::full({rows}, std::nan(""), at::kDouble));
    require(at::isinf(values.back()).logical_not(), values.back(), velocity_names[axis], "a finite number or nan",
            path);
  }
  result.times = columns.at("t");
  require(at::isfinite(result.times), result.times, "t", "a finite number", path);
  const at::Tensor& density = values.front();
  require(at::isnan(density).logical_or((density >= 0).logical_and(at::isfinite(density))), density, "rho",
          "a finite number >= 0 or nan", path);
  result.points = at::stack(points, 1);
  result.values = at::stack(values, 1);
  return result;
}

Observations selected(const Observations& all, const std::vector<std::int64_t>& rows) {
  const at::Tensor index = at::tensor(rows, at::kLong);
  Observations result = all;
  result.points = all.points.index_select(0, index);
  result.times = all.times.index_select(0, index);
  result.values = all.values.index_select(0, index);
  return result;
}

ObservationSplit split_observations(const Observations& all, double valid_fraction, std::uint64_t seed) {
  const auto order = RandomStream(seed, "observations/split").permutation(all.size());
  const auto held = static_cast<std::ptrdiff_t>(std::llround(valid_fraction * static_cast<double>(all.size())));
  if (held < 1 || held >= static_cast<std::ptrdiff_t>(order.size()))
    throw DataError("'" + all.source + "' has " + std::to_string(all.size()) + " observations: a valid_fraction of " +
                    format_number(valid_fraction) + " leaves none to learn from or none to validate with");
  return {selected(all, {order.begin() + held, order.end()}), selected(all, {order.begin(), order.begin() + held})};
}

}  // namespace eddyline
