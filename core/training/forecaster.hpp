#pragma once
// Physical frames in, the physical frames behind them out, for many samples at once.

#include "core/training/normalised_operator.hpp"

namespace eddyline {

/// What stays the same along the forecasts of B samples.
struct ForecastInputs {
  at::Tensor past;        // [B, K, C, ...] physical, float
  at::Tensor statics;     // [B, S, ...]; S may be 0
  at::Tensor parameters;  // [B, P] physical, double; P may be 0
  at::Tensor dt;          // [B] physical, double: time between frames
  at::Tensor time;        // [B] physical, double: of the last past frame
};

class Forecaster {
 public:
  /// @throws ConfigError when the operator takes no past frames.
  explicit Forecaster(NormalisedOperator base);

  /// An operator that predicts increments from the last input frame gives them in units of
  /// `Normaliser::increment_deviation`; here they become frames: [B, F, C, ...] normalised, solids at physical zero.
  /// Keeps the graph.
  [[nodiscard]] torch::Tensor frames(const Batch& batch) const;
  /// The batch that follows when `predicted` [B, F, C, ...] (normalised) is taken for true.
  [[nodiscard]] Batch advanced(const Batch& batch, const torch::Tensor& predicted) const;
  /// @throws ShapeError with both shapes; DataError when a frame or parameter is not finite; ConfigError when a dt lies
  /// outside the trained range.
  [[nodiscard]] Batch batch(const ForecastInputs& inputs) const;
  /// Free rollout without gradient in evaluation mode: [B, steps, C, ...] physical, in `state_type` of the operator.
  [[nodiscard]] at::Tensor forecast(const ForecastInputs& inputs, std::int64_t steps) const;

  [[nodiscard]] Operator& model() const { return base_.model(); }
  [[nodiscard]] const OperatorSpec& spec() const { return base_.spec(); }

 private:
  NormalisedOperator base_;
};

/// Relative distance by which a dt may leave the trained range.
constexpr double dt_tolerance = 1e-3;

/// Forecast inputs of dataset trajectories from frame `first` on: [first, first + history). All are stacked.
[[nodiscard]] ForecastInputs forecast_inputs(const Dataset& dataset, const std::vector<std::int64_t>& trajectories,
                                             std::int64_t first, std::int64_t history);

}  // namespace eddyline
