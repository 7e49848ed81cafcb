#include "core/training/regressor.hpp"

#include "core/base/error.hpp"

namespace eddyline {

namespace {

/// prod_axes (4 s (1 - s))^p at the points s = k / N of the axes behind the third: [...].
torch::Tensor wall_factor(const torch::Tensor& fields, double exponent) {
  torch::Tensor factor = torch::ones({}, fields.options());
  const std::int64_t axes = fields.dim() - 3;
  for (std::int64_t axis = 0; axis < axes; ++axis) {
    const std::int64_t points = fields.size(axis + 3);
    const torch::Tensor s = torch::arange(points, fields.options()) / static_cast<double>(points);
    std::vector<std::int64_t> shape(static_cast<std::size_t>(axes), 1);
    shape[static_cast<std::size_t>(axis)] = points;
    factor = factor * (4 * s * (1 - s)).pow(exponent).view(shape);
  }
  return factor;
}

}  // namespace

Regressor::Regressor(NormalisedOperator base) : base_(std::move(base)) {
  if (base_.spec().forecasts())
    throw ConfigError("this model predicts the next frames from past ones, not a field from parameters");
}

Batch Regressor::batch(const RegressionInputs& inputs) const {
  Batch batch = base_.conditions(inputs.statics, inputs.parameters);
  auto shape = batch.statics.sizes().vec();
  shape[1] = base_.spec().channels;
  shape.insert(shape.begin() + 1, 0);
  batch.inputs = at::empty(shape, batch.statics.options());  // no frames, but the grid
  return batch;
}

torch::Tensor Regressor::fields(const Batch& batch) const {
  torch::Tensor fields = base_.output(batch);
  if (const double exponent = base_.spec().wall_exponent; exponent > 0) {
    const torch::Tensor zero = base_.normaliser().solid_value(fields);
    fields = wall_factor(fields, exponent) * (fields - zero) + zero;
  }
  return base_.with_solids(fields, batch);
}

at::Tensor Regressor::predict(const RegressionInputs& inputs) const {
  const torch::NoGradGuard no_gradient;
  const EvaluationMode evaluation(base_.model());
  const Batch now = batch(inputs);
  return base_.physical(fields(now), now).select(1, 0);
}

}  // namespace eddyline
