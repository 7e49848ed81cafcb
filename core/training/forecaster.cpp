#include "core/training/forecaster.hpp"

#include <sstream>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"

namespace eddyline {
namespace {

std::string shape_text(const at::Tensor& tensor) {
  std::ostringstream text;
  text << tensor.sizes();
  return text.str();
}

/// Evaluation mode for a scope.
class EvaluationMode {
 public:
  explicit EvaluationMode(torch::nn::Module& module) : module_(module), was_training_(module.is_training()) {
    if (was_training_) module_.eval();
  }
  ~EvaluationMode() {
    if (was_training_) module_.train();
  }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  torch::nn::Module& module_;
  bool was_training_;
};

}  // namespace

Forecaster::Forecaster(std::shared_ptr<Operator> model, OperatorSpec spec, std::shared_ptr<const Normaliser> normaliser,
                       std::int64_t mask_channel)
    : model_(std::move(model)), spec_(spec), normaliser_(std::move(normaliser)), mask_channel_(mask_channel) {}

torch::Tensor Forecaster::frames(const Batch& batch) const {
  const torch::Tensor increments = model_->forward(batch);
  const auto& inputs = batch.inputs;
  const torch::Tensor last = inputs.narrow(1, inputs.size(1) - 1, 1);
  if (increments.dim() != inputs.dim() || increments.size(1) != spec_.bundle || increments.size(2) != spec_.channels)
    throw ShapeError("the operator gave " + shape_text(increments) + " for inputs " + shape_text(inputs) +
                     "; expected " + std::to_string(spec_.bundle) + " frames of " + std::to_string(spec_.channels) +
                     " channels");
  const torch::Tensor frames = last + increments * normaliser_->increment_scale(increments);
  if (!batch.mask.defined()) return frames;
  return torch::where(batch.mask.unsqueeze(1).unsqueeze(1) > 0, frames, normaliser_->solid_value(frames));
}

Batch Forecaster::advanced(const Batch& batch, const torch::Tensor& predicted) const {
  Batch result = batch;
  const torch::Tensor all = torch::cat({batch.inputs, predicted}, 1);
  result.inputs = all.narrow(1, all.size(1) - spec_.history, spec_.history);
  const double frames = static_cast<double>(predicted.size(1)) * normaliser_->lead_time_scale;
  result.time = batch.time + batch.lead_time * frames;
  return result;
}

Batch Forecaster::batch(const ForecastInputs& inputs) const {
  const auto& past = inputs.past;
  if (past.dim() != spec_.dimension + 3 || past.size(1) != spec_.history || past.size(2) != spec_.channels)
    throw ShapeError("the model takes past frames [batch, " + std::to_string(spec_.history) + ", " +
                     std::to_string(spec_.channels) + "] and " + std::to_string(spec_.dimension) +
                     " axes of space, got " + shape_text(past));
  if (inputs.statics.size(1) != spec_.static_channels)
    throw ShapeError("the model takes " + std::to_string(spec_.static_channels) + " static channels, got " +
                     shape_text(inputs.statics));
  if (spec_.static_channels > 0 && inputs.statics.sizes().slice(2) != past.sizes().slice(3))
    throw ShapeError("static channels " + shape_text(inputs.statics) + " do not lie on the grid of the frames " +
                     shape_text(past));
  if (inputs.parameters.size(1) != spec_.parameters)
    throw ShapeError("the model takes " + std::to_string(spec_.parameters) + " parameters, got " +
                     std::to_string(inputs.parameters.size(1)));
  const double low = inputs.dt.min().item<double>(), high = inputs.dt.max().item<double>();
  if (!(low >= normaliser_->dt_low * (1 - dt_tolerance) && high <= normaliser_->dt_high * (1 + dt_tolerance)))
    throw ConfigError("the model was trained with " + format_number(normaliser_->dt_low, 6) + " to " +
                      format_number(normaliser_->dt_high, 6) + " between frames, asked for " +
                      format_number(low < normaliser_->dt_low ? low : high, 6) +
                      "; choose a frame interval in that range or train with this one");
  Batch batch;
  at::Tensor physical = past.to(at::kFloat);
  batch.statics = inputs.statics.to(at::kFloat);
  if (mask_channel_ >= 0) {
    batch.mask = (batch.statics.select(1, mask_channel_) > 0).to(at::kFloat);
    physical = physical * batch.mask.unsqueeze(1).unsqueeze(1);
  }
  batch.inputs = normaliser_->apply(physical);
  batch.parameters = normaliser_->parameters(inputs.parameters);
  batch.time = inputs.time.to(at::kFloat);
  batch.lead_time = (inputs.dt / normaliser_->lead_time_scale).to(at::kFloat);
  return batch;
}

at::Tensor Forecaster::forecast(const ForecastInputs& inputs, std::int64_t steps) const {
  const torch::NoGradGuard no_gradient;
  const EvaluationMode evaluation(*model_);
  Batch now = batch(inputs);
  std::vector<at::Tensor> parts;
  for (std::int64_t done = 0; done < steps; done += spec_.bundle) {
    const at::Tensor next = frames(now);
    now = advanced(now, next);
    at::Tensor physical = normaliser_->invert(next.narrow(1, 0, std::min(spec_.bundle, steps - done)));
    // The solids' zero survives the rounding of the round trip.
    if (now.mask.defined()) physical = physical * now.mask.unsqueeze(1).unsqueeze(1);
    parts.push_back(physical);
  }
  return at::cat(parts, 1);
}

ForecastInputs forecast_inputs(const Dataset& dataset, const std::vector<std::int64_t>& trajectories,
                               std::int64_t first, std::int64_t history) {
  std::vector<at::Tensor> past, statics;
  std::vector<double> parameters, dt, time;
  for (const std::int64_t index : trajectories) {
    const TrajectoryInfo trajectory = dataset.trajectory(index);
    past.push_back(dataset.frames(index, first, history));
    statics.push_back(dataset.statics(index));
    parameters.insert(parameters.end(), trajectory.parameters.begin(), trajectory.parameters.end());
    dt.push_back(trajectory.dt());
    time.push_back(trajectory.times.at(static_cast<std::size_t>(first + history - 1)));
  }
  const auto count = static_cast<std::int64_t>(trajectories.size());
  const auto parameter_count = static_cast<std::int64_t>(dataset.info().parameters.size());
  return {at::stack(past), at::stack(statics), at::tensor(parameters, at::kDouble).reshape({count, parameter_count}),
          at::tensor(dt, at::kDouble), at::tensor(time, at::kDouble)};
}

}  // namespace eddyline
