#include "core/plot/frame_series.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <filesystem>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"
#include "core/config/config_reader.hpp"
#include "core/io/vtk_reader.hpp"
#include "core/rollout/simulation.hpp"
#include "core/training/dataset.hpp"
#include "core/training/dataset_place.hpp"

namespace eddyline {
namespace {

namespace fs = std::filesystem;

std::shared_ptr<const Dataset> open_split(DatasetPlace& place) {
  if (place.split) return open_dataset(place.dataset, *place.split);
  for (const char* split : {"test", "valid", "train"}) {
    place.split = split;
    try {
      return open_dataset(place.dataset, split);
    } catch (const IoError&) {  // the dataset has no such split
      if (!fs::exists(place.dataset) || std::string_view(split) == "train") throw;
    }
  }
  throw DataError("'" + place.dataset + "' has no split");
}

FrameSeries from_dataset(DatasetPlace place) {
  const auto dataset = open_split(place);
  const DatasetInfo& info = dataset->info();
  if (!info.grid) throw DataError("'" + place.dataset + "' does not lie on a grid; only grids are drawn");
  if (place.trajectory >= dataset->size())
    throw ConfigError("split '" + printable(*place.split) + "' of '" + place.dataset + "' has trajectories 0 to " +
                      std::to_string(dataset->size() - 1) + ", not " + std::to_string(place.trajectory));
  FrameSeries series;
  const TrajectoryInfo trajectory = dataset->trajectory(place.trajectory);
  series.name = fs::is_directory(place.dataset) ? info.name + " " + trajectory.id : info.name;
  series.grid = info.grid;
  series.channels = info.channels;
  series.length_unit = info.length_unit;
  series.time_unit = info.time_unit;
  series.times = trajectory.times;
  series.chosen = place.frame;
  if (const auto problem = dataset->problem(place.trajectory)) {
    series.bodies = problem->config().obstacles;
    series.periodic = periodic_axes(*problem);
  } else {
    for (std::size_t c = 0; c < info.static_channels.size(); ++c)
      if (info.static_channels[c].name == "mask")
        series.fluid = dataset->statics(place.trajectory)[static_cast<std::int64_t>(c)] > 0;
  }
  series.read = [dataset, index = place.trajectory](std::int64_t frame) -> SeriesFrame {
    return {dataset->frames(index, frame, 1)[0], std::nullopt};
  };
  return series;
}

constexpr std::string_view prediction_prefix = "prediction_", reference_prefix = "reference_";

/// The arrays of a file whose names begin with the prefix, as channels and cells.
struct NamedCells {
  std::vector<Channel> channels;
  std::vector<at::Tensor> cells;
};

NamedCells cells_of(const VtkGridFile& file, std::string_view prefix) {
  NamedCells result;
  const int dimension = file.grid->dimension();
  for (const VtkArray& array : file.arrays) {
    if (!array.name.starts_with(prefix) || array.name == "solid") continue;
    const std::string name = array.name.substr(prefix.size());
    const auto components = static_cast<int>(array.components.size());
    if (components == 1) {
      result.channels.push_back({name, array.unit, ChannelKind::scalar});
      result.cells.push_back(array.components[0]);
      continue;
    }
    // VTK's vectors have three components in any dimension.
    for (int c = 0; c < std::min(components, dimension); ++c) {
      const auto kind = static_cast<ChannelKind>(static_cast<int>(ChannelKind::vector_x) + c);
      result.channels.push_back({name + "_" + "xyz"[c], array.unit, name == "velocity" ? kind : ChannelKind::scalar});
      result.cells.push_back(array.components[static_cast<std::size_t>(c)]);
    }
  }
  return result;
}

bool holds_predictions(const VtkGridFile& file) {
  return std::any_of(file.arrays.begin(), file.arrays.end(),
                     [](const VtkArray& array) { return array.name.starts_with(prediction_prefix); });
}

SeriesFrame vtk_frame(const fs::path& path, const Grid& grid, const std::vector<Channel>& channels, bool predictions) {
  const VtkGridFile file = read_vtk(path);
  const NamedCells found = cells_of(file, predictions ? prediction_prefix : "");
  if (!(*file.grid == grid) || found.channels != channels)
    throw DataError("'" + path.string() + "' has another grid or other arrays than the first file of its series");
  SeriesFrame frame{at::stack(found.cells), std::nullopt};
  if (!predictions) return frame;
  const NamedCells reference = cells_of(file, reference_prefix);
  if (reference.channels == channels) frame.reference = at::stack(reference.cells);
  return frame;
}

/// The case behind a file of an output folder, which draws bodies more smoothly than their mask: `solve` leaves it in
/// config.yaml, `predict` in NAME.h5. Null when it is not there or lies in another box.
std::shared_ptr<const Case> case_beside(const fs::path& path, const Grid& grid) {
  const fs::path folder = path.parent_path();
  std::string name = path.stem().string();
  if (path.extension() != ".pvd") name = name.substr(0, name.rfind('_'));  // without the frame's number
  std::shared_ptr<const Case> problem;
  try {
    if (fs::exists(folder / (name + ".h5"))) {
      problem = open_dataset((folder / (name + ".h5")).string(), "file")->problem(0);
    } else if (fs::exists(folder / "config.yaml")) {
      SimulationConfig config;
      read_config_file(folder / "config.yaml", {}, config);
      problem = std::make_shared<const Case>(config.problem);
    }
  } catch (const Error&) {  // files of somebody else's; the mask in the frames remains
    return nullptr;
  }
  if (!problem || problem->grid().dimension() != grid.dimension()) return nullptr;
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    const double length = grid.high(axis) - grid.low(axis);
    if (std::abs(problem->grid().low(axis) - grid.low(axis)) > 1e-6 * length ||
        std::abs(problem->grid().high(axis) - grid.high(axis)) > 1e-6 * length)
      return nullptr;
  }
  return problem;
}

FrameSeries from_vtk(const fs::path& path, const std::vector<std::pair<double, fs::path>>& files) {
  const VtkGridFile first = read_vtk(files.front().second);
  const bool predictions = holds_predictions(first);
  FrameSeries series;
  series.name = path.stem().string();
  series.grid = first.grid;
  series.channels = cells_of(first, predictions ? prediction_prefix : "").channels;
  if (series.channels.empty()) throw DataError("'" + path.string() + "' has no fields to draw");
  series.length_unit = first.length_unit;
  series.time_unit = first.time_unit;
  series.has_reference = predictions && cells_of(first, reference_prefix).channels == series.channels;
  if (const auto problem = case_beside(path, *series.grid)) {
    series.bodies = problem->config().obstacles;
    series.periodic = periodic_axes(*problem);
  }
  for (const VtkArray& array : first.arrays)
    if (series.bodies.empty() && array.name == "solid" && array.components.size() == 1)
      series.fluid = array.components[0] < 0.5;
  for (const auto& [time, file] : files) series.times.push_back(time);
  series.read = [files, grid = first.grid, channels = series.channels, predictions](std::int64_t frame) {
    return vtk_frame(files.at(static_cast<std::size_t>(frame)).second, *grid, channels, predictions);
  };
  return series;
}

std::string words(const std::vector<std::int64_t>& shape) {
  std::vector<std::string> parts;
  for (const std::int64_t length : shape) parts.push_back(std::to_string(length));
  return join(parts, " x ");
}

}  // namespace

FrameSeries open_frames(const std::string& text) {
  const fs::path path = text;
  const std::string extension = path.extension().string();
  if (extension == ".pvd") return from_vtk(path, read_pvd(path));
  if (extension == ".vti" || extension == ".vtr") return from_vtk(path, {{read_vtk(path).time.value_or(0), path}});
  FrameSeries series = from_dataset(parse_dataset_place(text, "PATH"));
  if (series.chosen && (*series.chosen < 0 || *series.chosen >= series.frames()))
    throw ConfigError("'" + printable(text) + "' has frames 0 to " + std::to_string(series.frames() - 1));
  return series;
}

FrameSeries with_reference(FrameSeries prediction, const FrameSeries& reference) {
  if (prediction.grid->cell_shape() != reference.grid->cell_shape())
    throw DataError("the reference has " + words(reference.grid->cell_shape()) + " cells, '" +
                    printable(prediction.name) + "' has " + words(prediction.grid->cell_shape()));
  std::vector<std::int64_t> places;  // of each of our channels among the reference's
  const auto names = channel_names(reference.channels);
  for (const Channel& channel : prediction.channels) {
    const auto found = std::find(names.begin(), names.end(), channel.name);
    if (found == names.end())
      throw DataError("the reference has no '" + printable(channel.name) + "'" + suggestion(channel.name, names));
    places.push_back(found - names.begin());
  }
  std::vector<std::optional<std::int64_t>> partner(prediction.times.size());
  // Stored times are rounded to float; a thousandth of the frame distance is far wider than that.
  const double distance = reference.frames() > 1 ? std::abs(reference.times.back() - reference.times.front()) /
                                                       static_cast<double>(reference.frames() - 1)
                                                 : 1;
  bool any = false;
  for (std::size_t i = 0; i < partner.size(); ++i)
    for (std::int64_t k = 0; k < reference.frames(); ++k)
      if (std::abs(reference.times[static_cast<std::size_t>(k)] - prediction.times[i]) < 1e-3 * distance) {
        partner[i] = k;
        any = true;
      }
  if (!any)
    throw DataError("no time of '" + printable(prediction.name) + "' (" + format_number(prediction.times.front(), 5) +
                    " to " + format_number(prediction.times.back(), 5) + ") is one of the reference's (" +
                    format_number(reference.times.front(), 5) + " to " + format_number(reference.times.back(), 5) +
                    ")");
  FrameSeries both = prediction;
  both.has_reference = true;
  both.read = [own = prediction.read, other = reference.read, partner, places](std::int64_t frame) {
    SeriesFrame result = own(frame);
    if (const auto index = partner.at(static_cast<std::size_t>(frame)))
      result.reference = other(*index).cells.index_select(0, at::tensor(places, at::kLong));
    return result;
  };
  return both;
}

}  // namespace eddyline
