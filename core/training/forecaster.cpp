#include "core/training/forecaster.hpp"

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/training/operator_with_heads.hpp"

namespace eddyline {
namespace {

/// "[0, 1, 3]".
std::string index_text(const at::Tensor& index) {
  std::string text;
  for (std::int64_t axis = 0; axis < index.numel(); ++axis)
    text += (axis == 0 ? "[" : ", ") + std::to_string(index[axis].item<std::int64_t>());
  return text + "]";
}

/// Only what comes in is held to this: a rollout that diverges later is for its metrics to judge.
void refuse_non_finite(const at::Tensor& values, const std::string& what) {
  const at::Tensor wrong = at::isfinite(values).logical_not();
  const auto count = wrong.sum().item<std::int64_t>();
  if (count == 0) return;
  throw DataError(what + " " + shape_text(values) + " hold " + std::to_string(count) +
                  " values that are not finite; the first is at " + index_text(wrong.nonzero()[0]));
}

}  // namespace

Forecaster::Forecaster(NormalisedOperator base) : base_(std::move(base)) {
  if (!spec().forecasts()) throw ConfigError("this model predicts a field from parameters, not the next frames");
}

torch::Tensor Forecaster::frames(const Batch& batch) const {
  const torch::Tensor given = base_.output(batch);
  const torch::Tensor last = batch.inputs.narrow(1, batch.inputs.size(1) - 1, 1);
  return base_.with_solids(
      spec().output == Output::frames ? given : last + given * base_.normaliser().increment_scale(given), batch);
}

Batch Forecaster::advanced(const Batch& batch, const torch::Tensor& predicted) const {
  Batch result = batch;
  const torch::Tensor all = torch::cat({batch.inputs, predicted}, 1);
  result.inputs = all.narrow(1, all.size(1) - spec().history, spec().history);
  const double frames = static_cast<double>(predicted.size(1)) * base_.normaliser().lead_time_scale;
  result.time = batch.time + batch.lead_time * frames;
  return result;
}

Batch Forecaster::batch(const ForecastInputs& inputs) const {
  const auto& past = inputs.past;
  const OperatorSpec& spec = base_.spec();
  const Normaliser& normaliser = base_.normaliser();
  if (past.dim() != spec.dimension + 3 || past.size(1) != spec.history || past.size(2) != spec.channels)
    throw ShapeError("the model takes past frames [batch, " + std::to_string(spec.history) + ", " +
                     std::to_string(spec.channels) + "] and " + std::to_string(spec.dimension) +
                     " axes of space, got " + shape_text(past));
  if (inputs.statics.size(1) > 0 && inputs.statics.sizes().slice(2) != past.sizes().slice(3))
    throw ShapeError("static channels " + shape_text(inputs.statics) + " do not lie on the grid of the frames " +
                     shape_text(past));
  refuse_non_finite(past, "past frames");
  refuse_non_finite(inputs.parameters, "parameters");
  const double low = inputs.dt.min().item<double>(), high = inputs.dt.max().item<double>();
  if (!(low >= normaliser.dt_low * (1 - dt_tolerance) && high <= normaliser.dt_high * (1 + dt_tolerance)))
    throw ConfigError("the model was trained with " + format_number(normaliser.dt_low, 6) + " to " +
                      format_number(normaliser.dt_high, 6) + " between frames, asked for " +
                      format_number(low < normaliser.dt_low ? low : high, 6) +
                      "; choose a frame interval in that range or train with this one");
  Batch batch = base_.conditions(inputs.statics, inputs.parameters);
  at::Tensor physical = past.to(state_type(model()));
  if (batch.mask.defined()) physical = physical * batch.mask.unsqueeze(1).unsqueeze(1);
  batch.inputs = normaliser.apply(physical);
  batch.time = inputs.time.to(at::kFloat);
  batch.lead_time = (inputs.dt / normaliser.lead_time_scale).to(at::kFloat);
  return batch;
}

at::Tensor Forecaster::forecast(const ForecastInputs& inputs, std::int64_t steps) const {
  const torch::NoGradGuard no_gradient;
  const EvaluationMode evaluation(model());
  Batch now = batch(inputs);
  std::vector<at::Tensor> parts;
  for (std::int64_t done = 0; done < steps; done += spec().bundle) {
    const at::Tensor next = frames(now);
    now = advanced(now, next);
    parts.push_back(base_.physical(next.narrow(1, 0, std::min(spec().bundle, steps - done)), now));
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
