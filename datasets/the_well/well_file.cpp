#include "datasets/the_well/well_file.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"

namespace eddyline::well {
namespace {

[[noreturn]] void fail(const hdf5::File& file, const std::string& what) {
  throw DataError("'" + file.path().string() + "': " + what + " (expected The Well's schema)");
}

std::vector<std::string> names_of(const hdf5::File& file, const std::string& group) {
  if (!file.exists(group)) fail(file, "group /" + group + " is missing");
  return file.string_attribute(group, "field_names").value_or(std::vector<std::string>{});
}

/// The first text of an attribute.
std::string text(const hdf5::File& file, const std::string& object, const std::string& name,
                 const std::string& fallback) {
  const auto values = file.string_attribute(object, name);
  return values && !values->empty() ? values->front() : fallback;
}

bool flag(const hdf5::File& file, const std::string& object, const std::string& name, bool fallback) {
  const auto value = file.number_attribute(object, name);
  return value && !value->empty() ? value->front() != 0 : fallback;
}

/// Node coordinates around cell centres: half-way between them, ends mirrored.
std::vector<double> nodes_around(const hdf5::File& file, const std::string& axis, const at::Tensor& centers) {
  const at::Tensor line = centers.to(at::kDouble).contiguous();
  const std::vector<double> x(line.data_ptr<double>(), line.data_ptr<double>() + line.numel());
  if (x.empty()) fail(file, "axis '" + axis + "' is empty");
  if (x.size() == 1) return {x[0] - 0.5, x[0] + 0.5};
  std::vector<double> nodes = {x[0] - 0.5 * (x[1] - x[0])};
  // A uniform axis stored in float32 is restored exactly.
  const double width = (x.back() - x.front()) / static_cast<double>(x.size() - 1);
  bool is_uniform = true;
  for (std::size_t i = 1; i < x.size(); ++i)
    is_uniform = is_uniform && std::abs(x[i] - x[i - 1] - width) < 1e-4 * std::abs(width);
  for (std::size_t i = 1; i < x.size(); ++i)
    nodes.push_back(is_uniform ? nodes[0] + static_cast<double>(i) * width : 0.5 * (x[i - 1] + x[i]));
  nodes.push_back(is_uniform ? nodes[0] + static_cast<double>(x.size()) * width
                             : x.back() + 0.5 * (x.back() - x[x.size() - 2]));
  return nodes;
}

/// The leading axes of a field must hold what the header announces, or reading it would end outside.
void check_shape(const hdf5::File& file, const Source& source, const Header& header, std::int64_t dimension) {
  const auto shape = file.info(source.dataset).shape;
  std::vector<std::int64_t> leading;
  if (source.sample_varying) leading.push_back(header.trajectories);
  if (source.time_varying) leading.push_back(header.frames);
  const std::size_t most = leading.size() + static_cast<std::size_t>(dimension) + (source.components > 1 ? 2 : 0);
  if (shape.size() < leading.size() || shape.size() > most)
    fail(file, source.dataset + " has " + std::to_string(shape.size()) + " axes");
  for (std::size_t axis = 0; axis < leading.size(); ++axis)
    if (shape[axis] < leading[axis])
      fail(file, source.dataset + " has " + std::to_string(shape[axis]) + " entries on axis " + std::to_string(axis) +
                     ", " + std::to_string(leading[axis]) + " are announced");
}

}  // namespace

Header read_header(const hdf5::File& file) {
  for (const char* group : {"dimensions", "boundary_conditions", "scalars", "t0_fields", "t1_fields", "t2_fields"})
    if (!file.exists(group)) fail(file, std::string("group /") + group + " is missing");
  Header header;
  DatasetInfo& info = header.info;
  info.name = text(file, "/", "dataset_name", "dataset");
  const auto trajectories = file.number_attribute("/", "n_trajectories");
  if (!trajectories || trajectories->empty() || !(trajectories->front() >= 1 && trajectories->front() <= 1e9))
    fail(file, "attribute n_trajectories is missing or no count");
  header.trajectories = static_cast<std::int64_t>(trajectories->front());
  const auto axes = file.string_attribute("dimensions", "spatial_dims").value_or(std::vector<std::string>{});
  if (axes.empty() || axes.size() > 3) fail(file, "dimensions has no spatial_dims");
  std::vector<std::vector<double>> nodes;
  for (const auto& axis : axes) {
    at::Tensor line = file.read("dimensions/" + axis);
    if (line.dim() == 2 && line.size(0) > 0) line = line[0];
    if (line.dim() != 1) fail(file, "axis '" + axis + "' is no list of coordinates");
    nodes.push_back(nodes_around(file, axis, line));
  }
  info.grid = std::make_shared<Grid>(nodes);
  const auto time = file.info("dimensions/time").shape;
  if (time.empty() || time.size() > 2) fail(file, "dimensions/time has " + std::to_string(time.size()) + " axes");
  header.frames = time.back();
  if (header.frames < 1) fail(file, "dimensions/time is empty");
  if (time.size() == 2 && time.front() < header.trajectories)
    fail(file, "dimensions/time has fewer rows than the file trajectories");
  info.length_unit = text(file, "dimensions", "length_unit", "1");
  info.time_unit = text(file, "dimensions", "time_unit", "1");

  const char* const suffix = "xyz";
  const auto dimension = static_cast<std::int64_t>(axes.size());
  const auto add = [&](const std::string& group, const std::string& name, std::int64_t components,
                       std::int64_t component, const std::string& channel, ChannelKind kind) {
    const std::string dataset = group + "/" + name;
    Source source{dataset,
                  component,
                  components,
                  flag(file, dataset, "sample_varying", true),
                  flag(file, dataset, "time_varying", true),
                  std::vector<bool>(axes.size(), true)};
    if (const auto varying = file.number_attribute(dataset, "dim_varying"))
      for (std::size_t axis = 0; axis < axes.size() && axis < varying->size(); ++axis)
        source.dim_varying[axis] = (*varying)[axis] != 0;
    check_shape(file, source, header, dimension);
    const std::string unit = text(file, dataset, "unit", "1");
    const Channel entry{channel, unit, kind};
    (source.time_varying ? info.channels : info.static_channels).push_back(entry);
    (source.time_varying ? header.channels : header.static_channels).push_back(source);
  };
  for (const auto& name : names_of(file, "t0_fields")) add("t0_fields", name, 1, -1, name, ChannelKind::scalar);
  for (const auto& name : names_of(file, "t1_fields"))
    for (std::int64_t c = 0; c < dimension; ++c)
      add("t1_fields", name, dimension, c, name + "_" + suffix[c],
          static_cast<ChannelKind>(static_cast<int>(ChannelKind::vector_x) + static_cast<int>(c)));
  for (const auto& name : names_of(file, "t2_fields"))
    for (std::int64_t c = 0; c < dimension * dimension; ++c)
      add("t2_fields", name, dimension * dimension, c, name + "_" + suffix[c / dimension] + suffix[c % dimension],
          ChannelKind::scalar);
  for (const auto& name : names_of(file, "scalars")) {
    const std::string dataset = "scalars/" + name;
    if (flag(file, dataset, "time_varying", false)) continue;  // a scalar signal in time is no parameter
    header.parameter_sources.push_back(dataset);
    info.parameters.push_back({name, text(file, dataset, "unit", "1")});
  }
  if (info.channels.empty()) fail(file, "it holds no field that changes in time");
  return header;
}

}  // namespace eddyline::well
