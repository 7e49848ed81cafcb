#include "datasets/the_well/well_writer.hpp"

#include <ATen/ATen.h>

#include <cmath>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"

namespace eddyline::well {
namespace {

std::string without_suffix(const std::string& name) { return name.substr(0, name.size() - 2); }

/// [.., z, y, x] to [.., x, y, z].
at::Tensor reversed_axes(const at::Tensor& values, std::int64_t dimension) {
  std::vector<std::int64_t> order;
  for (std::int64_t axis = 0; axis < values.dim() - dimension; ++axis) order.push_back(axis);
  for (std::int64_t axis = values.dim(); axis > values.dim() - dimension; --axis) order.push_back(axis - 1);
  return values.permute(order).contiguous();
}

std::string boundary_word(const BoundaryConfig& boundary) {
  if (boundary.type == "periodic") return "PERIODIC";
  return boundary.type == "inflow" || boundary.type == "outflow" ? "OPEN" : "WALL";
}

}  // namespace

WellWriter::WellWriter(const std::filesystem::path& path, const DatasetInfo& info, std::int64_t trajectories,
                       std::int64_t frames)
    : info_(info),
      trajectories_(trajectories),
      frames_(frames),
      file_(hdf5::File::create(path)),
      parameters_(info.parameters.size()) {
  const auto dimension = info.grid->dimension();
  file_.set_attribute("/", "dataset_name", info.name);
  file_.set_attribute("/", "grid_type", std::string("cartesian"));
  file_.set_attribute("/", "n_spatial_dims", static_cast<std::int64_t>(dimension));
  file_.set_attribute("/", "n_trajectories", trajectories);
  file_.set_attribute("/", "simulation_parameters", std::vector<std::string>{});
  for (const char* group :
       {"dimensions", "boundary_conditions", "scalars", "t0_fields", "t1_fields", "t2_fields", "eddyline"})
    file_.make_group(group);

  std::vector<std::string> axes;
  for (int axis = 0; axis < dimension; ++axis) {
    const std::string name(1, "xyz"[axis]), place = "dimensions/" + name;
    axes.push_back(name);
    file_.write(place, at::tensor(info.grid->centers(axis), at::kFloat));
    file_.set_attribute(place, "sample_varying", false);
    file_.set_attribute(place, "time_varying", false);
  }
  file_.set_attribute("dimensions", "spatial_dims", axes);
  file_.set_attribute("dimensions", "length_unit", info.length_unit);
  file_.set_attribute("dimensions", "time_unit", info.time_unit);
  file_.write("dimensions/time", at::arange(frames, at::kFloat));
  file_.set_attribute("dimensions/time", "sample_varying", false);

  // Vectors come as neighbouring channels NAME_x, NAME_y[, NAME_z].
  std::vector<std::string> t0, t1;
  const auto plan = [&](const std::vector<Channel>& channels, bool is_static) {
    for (std::size_t c = 0; c < channels.size(); ++c) {
      const bool is_vector =
          channels[c].kind == ChannelKind::vector_x && c + static_cast<std::size_t>(dimension) <= channels.size();
      Group group{(is_vector ? "t1_fields/" + without_suffix(channels[c].name) : "t0_fields/" + channels[c].name),
                  {},
                  is_static};
      (is_vector ? t1 : t0).push_back(is_vector ? without_suffix(channels[c].name) : channels[c].name);
      std::vector<std::int64_t> shape = {trajectories}, chunk = {1};
      if (!is_static) shape.push_back(frames), chunk.push_back(1);
      for (int axis = 0; axis < dimension; ++axis)
        shape.push_back(info.grid->cells(axis)), chunk.push_back(info.grid->cells(axis));
      if (is_vector) shape.push_back(dimension), chunk.push_back(dimension);
      for (int k = 0; k < (is_vector ? dimension : 1); ++k) group.channels.push_back(static_cast<std::int64_t>(c) + k);
      file_.make_dataset(group.dataset, shape, hdf5::Type::float32, chunk);
      file_.set_attribute(group.dataset, "sample_varying", true);
      file_.set_attribute(group.dataset, "time_varying", !is_static);
      file_.set_attribute(group.dataset, "dim_varying", std::vector<bool>(static_cast<std::size_t>(dimension), true));
      file_.set_attribute(group.dataset, "unit", channels[c].unit);
      if (is_vector) c += static_cast<std::size_t>(dimension) - 1;
      groups_.push_back(std::move(group));
    }
  };
  plan(info.channels, false);
  plan(info.static_channels, true);
  file_.set_attribute("t0_fields", "field_names", t0);
  file_.set_attribute("t1_fields", "field_names", t1);
  file_.set_attribute("t2_fields", "field_names", std::vector<std::string>{});
  std::vector<std::string> scalars;
  for (const auto& parameter : info.parameters) scalars.push_back(parameter.name);
  file_.set_attribute("scalars", "field_names", scalars);
}

void WellWriter::add(const Trajectory& trajectory) {
  const auto dimension = info_.grid->dimension();
  auto shape = info_.grid->cell_shape();
  shape.insert(shape.begin(), {frames_, static_cast<std::int64_t>(info_.channels.size())});
  if (trajectory.frames.sizes() != at::IntArrayRef(shape)) {
    std::ostringstream text;
    text << "a trajectory of shape " << trajectory.frames.sizes() << " does not fit the dataset's "
         << at::IntArrayRef(shape);
    throw ShapeError(text.str());
  }
  if (!at::isfinite(trajectory.frames).all().item<bool>())
    throw NumericalError("trajectory " + std::to_string(written_) + " of '" + file_.path().string() +
                         "' holds values that are not finite");
  const std::int64_t row = written_++;
  for (const Group& group : groups_) {
    std::vector<at::Tensor> parts;
    for (const std::int64_t channel : group.channels)
      parts.push_back(group.is_static ? trajectory.statics[channel] : trajectory.frames.select(1, channel));
    at::Tensor values = reversed_axes(at::stack(parts), dimension);
    values = (parts.size() > 1 ? values.movedim(0, -1) : values[0]).to(at::kFloat).unsqueeze(0);
    if (group.is_static) {
      std::vector<std::int64_t> start(static_cast<std::size_t>(values.dim()), 0);
      start[0] = row;
      file_.write_block(group.dataset, start, values);
      continue;
    }
    for (std::int64_t frame = 0; frame < frames_; ++frame) {
      std::vector<std::int64_t> start(static_cast<std::size_t>(values.dim()), 0);
      start[0] = row;
      start[1] = frame;
      file_.write_block(group.dataset, start, values.slice(1, frame, frame + 1));
    }
  }
  for (std::size_t p = 0; p < parameters_.size(); ++p) parameters_[p].push_back(trajectory.parameters.at(p));
  TrajectoryInfo times{"", trajectory.times, {}};
  time_scales_.push_back(times.dt());
  cases_.push_back(trajectory.case_yaml);
}

void WellWriter::commit() {
  if (written_ != trajectories_)
    throw DataError("'" + file_.path().string() + "': " + std::to_string(written_) + " of " +
                    std::to_string(trajectories_) + " trajectories were written");
  for (std::size_t p = 0; p < parameters_.size(); ++p) {
    const std::string place = "scalars/" + info_.parameters[p].name;
    file_.write(place, at::tensor(parameters_[p], at::kDouble).to(at::kFloat));
    file_.set_attribute(place, "sample_varying", true);
    file_.set_attribute(place, "time_varying", false);
    file_.set_attribute(place, "unit", info_.parameters[p].unit);
  }
  file_.write("eddyline/time_scale", at::tensor(time_scales_, at::kDouble));
  if (!cases_.front().empty()) {
    file_.write_strings("eddyline/cases", cases_);
    const auto problem = Case::from_yaml(cases_.front(), file_.path().string());
    for (int axis = 0; axis < info_.grid->dimension(); ++axis) {
      const std::string name(1, "xyz"[axis]), place = "boundary_conditions/" + name;
      const std::string low = boundary_word(problem->config().boundaries.at(name + "_low")),
                        high = boundary_word(problem->config().boundaries.at(name + "_high"));
      at::Tensor low_mask = at::zeros({info_.grid->cells(axis)}, at::kBool), high_mask = at::zeros_like(low_mask);
      low_mask[0] = true;
      high_mask[-1] = true;
      const auto write = [&](const std::string& group, const std::string& kind, const at::Tensor& mask) {
        file_.make_group(group);
        file_.set_attribute(group, "associated_dims", std::vector<std::string>{name});
        file_.set_attribute(group, "associated_fields", std::vector<std::string>{});
        file_.set_attribute(group, "bc_type", kind);
        file_.set_attribute(group, "sample_varying", false);
        file_.set_attribute(group, "time_varying", false);
        file_.write(group + "/mask", mask);
      };
      if (low == high) {
        write(place, low, low_mask | high_mask);
      } else {
        write(place + "_low", low, low_mask);
        write(place + "_high", high, high_mask);
      }
    }
  }
  file_.commit();
}

void write_statistics(const std::filesystem::path& path, const Dataset& dataset) {
  const auto& channels = dataset.info().channels;
  const auto count = static_cast<std::int64_t>(channels.size());
  at::Tensor sum = at::zeros({2, count}, at::kDouble), square = at::zeros_like(sum),
             number = at::zeros({2}, at::kDouble);
  for (std::int64_t i = 0; i < dataset.size(); ++i) {
    const at::Tensor frames =
        dataset.frames(i, 0, dataset.trajectory(i).frames()).to(at::kDouble).transpose(0, 1).flatten(2);
    const at::Tensor changes = frames.slice(1, 1) - frames.slice(1, 0, -1);
    for (const auto& [k, values] :
         {std::pair<std::int64_t, at::Tensor>{0, frames.flatten(1)}, {1, changes.flatten(1)}}) {
      sum[k] += values.sum(1);
      square[k] += values.square().sum(1);
      number[k] += static_cast<double>(values.size(1));
    }
  }
  const at::Tensor mean = sum / number.unsqueeze(1), mean_square = square / number.unsqueeze(1);
  const at::Tensor deviation = (mean_square - mean.square()).clamp_min(0).sqrt(), root = mean_square.sqrt();
  const auto section = [&](const std::string& name, const at::Tensor& values) {
    std::string text = name + ":\n";
    for (std::size_t c = 0; c < channels.size(); ++c) {
      const auto value = [&](std::size_t k) {
        return format_number(values[static_cast<std::int64_t>(k)].item<double>(), 9);
      };
      if (channels[c].kind != ChannelKind::vector_x) {
        text += "  " + channels[c].name + ": " + value(c) + "\n";
        continue;
      }
      text += "  " + without_suffix(channels[c].name) + ":\n";
      for (int k = 0; k < dataset.info().grid->dimension(); ++k, ++c) text += "  - " + value(c) + "\n";
      --c;
    }
    return text;
  };
  write_atomically(path, section("mean", mean[0]) + section("std", deviation[0]) + section("rms", root[0]) +
                             section("mean_delta", mean[1]) + section("std_delta", deviation[1]) +
                             section("rms_delta", root[1]));
}

}  // namespace eddyline::well
