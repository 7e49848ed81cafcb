#include "core/training/normaliser.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"

namespace eddyline {
namespace {

/// 1 where the deviation vanishes against the size of the values.
at::Tensor usable_deviation(const at::Tensor& variance, const at::Tensor& mean_square) {
  const at::Tensor constant = variance <= mean_square * 1e-14;
  return at::where(constant, at::ones_like(variance), variance.clamp_min(0).sqrt());
}

}  // namespace

at::Tensor Normaliser::channel_shape(const at::Tensor& values, const at::Tensor& like) const {
  auto shape = values.sizes().vec();
  shape.insert(shape.end(), static_cast<std::size_t>(dimension), 1);
  return values.to(like.options()).reshape(shape);
}

at::Tensor Normaliser::apply(const at::Tensor& fields) const {
  return (fields - channel_shape(mean, fields)) / channel_shape(deviation, fields);
}

at::Tensor Normaliser::invert(const at::Tensor& normalised) const {
  return normalised * channel_shape(deviation, normalised) + channel_shape(mean, normalised);
}

at::Tensor Normaliser::increment_scale(const at::Tensor& like) const {
  return channel_shape(increment_deviation / deviation, like);
}

at::Tensor Normaliser::solid_value(const at::Tensor& like) const { return channel_shape(-mean / deviation, like); }

at::Tensor Normaliser::parameters(const at::Tensor& physical) const {
  return ((physical - parameter_mean) / parameter_scale).to(at::kFloat);
}

std::map<std::string, at::Tensor> Normaliser::to_tensors() const {
  const auto scalars = at::tensor({static_cast<double>(dimension), lead_time_scale, dt_low, dt_high, largest_energy},
                                  at::dtype(at::kDouble));
  return {{"mean", mean},
          {"deviation", deviation},
          {"increment_deviation", increment_deviation},
          {"parameter_mean", parameter_mean},
          {"parameter_scale", parameter_scale},
          {"mean_field", mean_field},
          {"largest", largest},
          {"scalars", scalars}};
}

Normaliser Normaliser::from_tensors(const std::map<std::string, at::Tensor>& tensors, const std::string& source) {
  const auto get = [&](const std::string& name) {
    const auto found = tensors.find(name);
    if (found == tensors.end() || found->second.scalar_type() != at::kDouble)
      throw DataError("'" + source + "': the normaliser's '" + name + "' is missing or not double");
    return found->second;
  };
  Normaliser result;
  const at::Tensor scalars = get("scalars");
  if (scalars.numel() != 5) throw DataError("'" + source + "': the normaliser's scalars are not five numbers");
  const auto scalar = [&](std::int64_t i) { return scalars[i].item<double>(); };
  result.dimension = static_cast<int>(scalar(0));
  result.lead_time_scale = scalar(1);
  result.dt_low = scalar(2);
  result.dt_high = scalar(3);
  result.largest_energy = scalar(4);
  result.mean = get("mean");
  result.deviation = get("deviation");
  result.increment_deviation = get("increment_deviation");
  result.parameter_mean = get("parameter_mean");
  result.parameter_scale = get("parameter_scale");
  result.mean_field = get("mean_field");
  result.largest = get("largest");
  return result;
}

std::int64_t mask_channel(const DatasetInfo& info) {
  for (std::size_t s = 0; s < info.static_channels.size(); ++s)
    if (info.static_channels[s].name == "mask") return static_cast<std::int64_t>(s);
  return -1;
}

at::Tensor fluid_cells(const at::Tensor& statics, std::int64_t mask_channel) {
  if (mask_channel < 0) return {};
  return (statics.select(0, mask_channel) > 0).to(at::kFloat);
}

Normaliser fit_normaliser(const Dataset& train, std::int64_t bundle) {
  const DatasetInfo& info = train.info();
  if (train.size() == 0) throw DataError("the training split of '" + info.name + "' is empty");
  const auto channels = static_cast<std::int64_t>(info.channels.size());
  const auto options = at::dtype(at::kDouble);
  Normaliser result;
  result.dimension = info.grid->dimension();
  at::Tensor sum = at::zeros({channels}, options), square = sum.clone(), largest = sum.clone();
  at::Tensor increment = at::zeros({bundle, channels}, options), increment_count = at::zeros({bundle, 1}, options);
  at::Tensor field_sum, field_count;
  std::vector<at::Tensor> frame_squares;
  double count = 0, dt_sum = 0;
  std::vector<double> parameters;
  for (std::int64_t index = 0; index < train.size(); ++index) {
    const TrajectoryInfo trajectory = train.trajectory(index);
    if (trajectory.frames() <= bundle)
      throw DataError("trajectory " + trajectory.id + " has " + std::to_string(trajectory.frames()) +
                      " frames; a bundle of " + std::to_string(bundle) + " needs at least " +
                      std::to_string(bundle + 1) + ": use a smaller task.bundle");
    parameters.insert(parameters.end(), trajectory.parameters.begin(), trajectory.parameters.end());
    if (bundle > 0) {
      const double dt = trajectory.dt();
      dt_sum += dt;
      result.dt_low = index == 0 ? dt : std::min(result.dt_low, dt);
      result.dt_high = std::max(result.dt_high, dt);
    }

    at::Tensor mask = fluid_cells(train.statics(index), mask_channel(info));
    at::Tensor frames = train.frames(index, 0, trajectory.frames()).to(at::kDouble);
    mask = mask.defined() ? mask.to(at::kDouble) : at::ones(info.grid->cell_shape(), options);
    frames = (frames * mask).flatten(2);  // [T, C, cells]
    const double cells = mask.sum().item<double>();
    const at::Tensor frame_square = frames.square().sum(2);  // [T, C]
    sum += frames.sum({0, 2});
    square += frame_square.sum(0);
    largest = at::maximum(largest, frames.abs().amax({0, 2}));
    frame_squares.push_back(frame_square / cells);
    count += cells * static_cast<double>(trajectory.frames());
    for (std::int64_t j = 1; j <= bundle; ++j) {
      const std::int64_t pairs = trajectory.frames() - j;
      increment[j - 1] += (frames.narrow(0, j, pairs) - frames.narrow(0, 0, pairs)).square().sum({0, 2});
      increment_count[j - 1] += cells * static_cast<double>(pairs);
    }
    const at::Tensor time_sum = frames.sum(0), time_count = mask.flatten() * static_cast<double>(trajectory.frames());
    field_sum = field_sum.defined() ? field_sum + time_sum : time_sum;
    field_count = field_count.defined() ? field_count + time_count : time_count;
  }
  result.mean = sum / count;
  result.deviation = usable_deviation(square / count - result.mean.square(), square / count);
  const at::Tensor increment_square = increment / increment_count;
  result.increment_deviation = at::where(increment_square <= result.deviation.square() * 1e-14,
                                         result.deviation.expand_as(increment_square), increment_square.sqrt());
  result.largest = largest;
  for (const auto& frame_square : frame_squares) {
    const at::Tensor energy = (frame_square / result.deviation.square()).mean(1);
    result.largest_energy = std::max(result.largest_energy, energy.max().item<double>());
  }
  auto field_shape = info.grid->cell_shape();
  field_shape.insert(field_shape.begin(), channels);
  result.mean_field = (field_sum / field_count.clamp_min(1)).reshape(field_shape).contiguous();
  if (bundle > 0) result.lead_time_scale = dt_sum / static_cast<double>(train.size());
  const at::Tensor table =
      at::tensor(parameters, options).reshape({train.size(), static_cast<std::int64_t>(info.parameters.size())});
  result.parameter_mean = table.mean(0);
  result.parameter_scale = usable_deviation((table - result.parameter_mean).square().mean(0), table.square().mean(0));
  return result;
}

}  // namespace eddyline
