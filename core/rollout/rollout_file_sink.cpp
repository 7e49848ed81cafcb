#include "core/rollout/rollout_file_sink.hpp"

#include <ATen/ATen.h>

#include <numeric>

#include "core/base/error.hpp"

namespace eddyline {
namespace {

std::string without_suffix(const std::string& name) { return name.substr(0, name.size() - 2); }

/// Whether NAME_x, NAME_y(, NAME_z) start at channel c.
bool starts_vector(const std::vector<Channel>& channels, std::size_t c, int dimension) {
  for (int k = 0; k < dimension; ++k) {
    const std::size_t i = c + static_cast<std::size_t>(k);
    if (i >= channels.size() || static_cast<int>(channels[i].kind) != static_cast<int>(ChannelKind::vector_x) + k ||
        !channels[i].name.ends_with(std::string("_") + "xyz"[k]))
      return false;
  }
  return true;
}

std::string boundary_word(const std::string& type) {
  if (type == "periodic") return "PERIODIC";
  return type == "inflow" || type == "outflow" || type == "prescribed" ? "OPEN" : "WALL";
}

void write_boundary(hdf5::File& file, const std::string& name, const std::string& axis, const std::string& type,
                    const at::Tensor& mask) {
  const std::string group = "boundary_conditions/" + name;
  file.make_group(group);
  file.set_attribute(group, "associated_dims", std::vector<std::string>{axis});
  file.set_attribute(group, "associated_fields", std::vector<std::string>{});
  file.set_attribute(group, "bc_type", type);
  file.set_attribute(group, "sample_varying", false);
  file.set_attribute(group, "time_varying", false);
  file.write(group + "/mask", mask);
}

void write_boundaries(hdf5::File& file, const Case& problem) {
  for (int axis = 0; axis < problem.grid().dimension(); ++axis) {
    const std::string name(1, "xyz"[axis]);
    const auto& boundaries = problem.config().boundaries;
    const std::string low = boundary_word(boundaries.at(name + "_low").type);
    const std::string high = boundary_word(boundaries.at(name + "_high").type);
    const at::Tensor cells = at::arange(problem.grid().cells(axis));
    const at::Tensor at_low = cells == 0, at_high = cells == problem.grid().cells(axis) - 1;
    if (low == high) {
      write_boundary(file, name, name, low, at_low | at_high);
    } else {
      write_boundary(file, name + "_low", name, low, at_low);
      write_boundary(file, name + "_high", name, high, at_high);
    }
  }
}

}  // namespace

RolloutFileSink::RolloutFileSink(std::filesystem::path path, std::int64_t frames)
    : path_(std::move(path)), frames_(frames) {
  if (frames < 1) throw ConfigError("a rollout file needs room for at least one frame, got " + std::to_string(frames));
}

void RolloutFileSink::open(const std::shared_ptr<const Case>& problem, const std::vector<Channel>& channels) {
  problem_ = problem;
  channels_ = channels;
  parts_.clear();
  times_.clear();
  indices_.clear();
  const int dimension = problem->grid().dimension();
  for (std::size_t c = 0; c < channels.size();) {
    const bool vector = starts_vector(channels, c, dimension);
    Part part{vector ? "t1_fields/" + without_suffix(channels[c].name) : "t0_fields/" + channels[c].name,
              std::vector<std::int64_t>(vector ? static_cast<std::size_t>(dimension) : 1)};
    std::iota(part.channels.begin(), part.channels.end(), static_cast<std::int64_t>(c));
    c += part.channels.size();
    parts_.push_back(std::move(part));
  }
  if (path_.has_parent_path()) create_folder(path_.parent_path());
  file_.emplace(begin(path_, frames_));
}

hdf5::File RolloutFileSink::begin(const std::filesystem::path& path, std::int64_t frames) const {
  const Grid& grid = problem_->grid();
  hdf5::File file = hdf5::File::create(path);
  file.set_attribute("/", "dataset_name", problem_->name());
  file.set_attribute("/", "grid_type", std::string("cartesian"));
  file.set_attribute("/", "n_spatial_dims", static_cast<std::int64_t>(grid.dimension()));
  file.set_attribute("/", "n_trajectories", std::int64_t{1});
  std::vector<std::string> parameters, axes, scalars, vectors;
  for (const auto& [name, value] : problem_->config().parameters) {
    parameters.push_back(name);
    file.set_attribute("/", name, value);
  }
  file.set_attribute("/", "simulation_parameters", parameters);
  for (const char* group :
       {"dimensions", "boundary_conditions", "scalars", "t0_fields", "t1_fields", "t2_fields", "eddyline"})
    file.make_group(group);
  std::vector<std::int64_t> shape = {1, frames}, chunk = {1, 1};
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    axes.emplace_back(1, "xyz"[axis]);
    const std::string place = "dimensions/" + axes.back();
    file.write(place, at::tensor(grid.centers(axis), at::kFloat));
    file.set_attribute(place, "sample_varying", false);
    file.set_attribute(place, "time_varying", false);
    shape.push_back(grid.cells(axis));
    chunk.push_back(grid.cells(axis));
  }
  file.set_attribute("dimensions", "spatial_dims", axes);
  file.set_attribute("dimensions", "length_unit", problem_->config().length_unit);
  file.set_attribute("dimensions", "time_unit", problem_->config().time_unit);
  for (const Part& part : parts_) {
    const bool vector = part.dataset.starts_with("t1");
    auto full = shape, block = chunk;
    if (vector) full.push_back(grid.dimension()), block.push_back(grid.dimension());
    file.make_dataset(part.dataset, full, hdf5::Type::float32, block);
    file.set_attribute(part.dataset, "sample_varying", true);
    file.set_attribute(part.dataset, "time_varying", true);
    file.set_attribute(part.dataset, "dim_varying", std::vector<bool>(axes.size(), true));
    file.set_attribute(part.dataset, "unit", channels_[static_cast<std::size_t>(part.channels[0])].unit);
    (vector ? vectors : scalars).push_back(part.dataset.substr(3 + std::string("fields/").size()));
  }
  file.set_attribute("t0_fields", "field_names", scalars);
  file.set_attribute("t1_fields", "field_names", vectors);
  file.set_attribute("t2_fields", "field_names", std::vector<std::string>{});
  file.set_attribute("scalars", "field_names", parameters);
  for (const auto& [name, value] : problem_->config().parameters) {
    const std::string place = "scalars/" + name;
    file.write(place, at::tensor({value}, at::kFloat));
    file.set_attribute(place, "sample_varying", true);
    file.set_attribute(place, "time_varying", false);
  }
  write_boundaries(file, *problem_);
  file.write_strings("eddyline/cases", {problem_->to_yaml()});
  return file;
}

void RolloutFileSink::write(const Frame& frame) {
  if (frame.member != 0) return;
  const auto row = static_cast<std::int64_t>(times_.size());
  if (row == frames_)
    throw DataError("'" + path_.string() + "' was made for " + std::to_string(frames_) + " frames and got another one");
  const auto shape = problem_->grid().cell_shape();
  const at::Tensor cells = cell_tensor(*frame.state, channel_names(channels_)).to(at::kCPU, at::kFloat);
  if (cells[0].sizes() != at::IntArrayRef(shape))
    throw ShapeError("frame " + std::to_string(frame.index) + " does not have the grid's cells");
  for (const Part& part : parts_) {
    std::vector<at::Tensor> components;
    for (const std::int64_t channel : part.channels) {
      std::vector<std::int64_t> reversed;  // [z, y, x] to [x, y, z]
      for (std::int64_t axis = cells.dim() - 2; axis >= 0; --axis) reversed.push_back(axis);
      components.push_back(cells[channel].permute(reversed));
    }
    const at::Tensor values = part.dataset.starts_with("t1") ? at::stack(components, -1) : components[0];
    std::vector<std::int64_t> start(static_cast<std::size_t>(values.dim()) + 2, 0);
    start[1] = row;
    file_->write_block(part.dataset, start, values.contiguous().unsqueeze(0).unsqueeze(0));
  }
  times_.push_back(frame.state->time);
  indices_.push_back(frame.index);
}

void RolloutFileSink::finish(hdf5::File& file) const {
  file.write("dimensions/time", at::tensor(times_, at::kDouble).to(at::kFloat));
  file.set_attribute("dimensions/time", "sample_varying", false);
  file.write("eddyline/frames", at::tensor(indices_, at::kLong));
  file.commit();
}

void RolloutFileSink::close(RunStatus) {
  if (!file_) return;
  const auto written = static_cast<std::int64_t>(times_.size());
  if (written == frames_) {
    finish(*file_);
  } else if (written > 0) {
    // Fewer frames than announced: a file of the right length, under another name beside it, takes them over one at a
    // time.
    std::filesystem::path beside = path_;
    beside += ".cut";
    hdf5::File file = begin(beside, written);
    for (const Part& part : parts_)
      for (std::int64_t row = 0; row < written; ++row) {
        std::vector<std::int64_t> count = file_->info(part.dataset).shape, start(count.size(), 0);
        start[1] = row;
        count[1] = 1;
        file.write_block(part.dataset, start, file_->read(part.dataset, start, count));
      }
    finish(file);
    std::error_code code;
    std::filesystem::rename(beside, path_, code);
    if (code) throw_io_error(path_, "rename to", code.value());
  }
  file_.reset();
}

}  // namespace eddyline
