#pragma once
// Parameters and static channels in, the field that belongs to them out: an operator without a past.

#include "core/training/normalised_operator.hpp"

namespace eddyline {

/// Of B samples.
struct RegressionInputs {
  at::Tensor statics;     // [B, S, ...]; gives the grid, S may be 0
  at::Tensor parameters;  // [B, P] physical, double; P may be 0
};

class Regressor {
 public:
  /// @throws ConfigError when the operator wants past frames.
  explicit Regressor(NormalisedOperator base);

  /// @throws ShapeError with both shapes.
  [[nodiscard]] Batch batch(const RegressionInputs& inputs) const;
  /// The operator's fields [B, 1, C, ...], normalised, solids at physical zero. Keeps the graph.
  /// With a wall exponent p the physical field is the operator's times prod_axes (4 s (1 - s))^p, s = k / N, which is 0
  /// on the walls and 1 in the middle of the box.
  [[nodiscard]] torch::Tensor fields(const Batch& batch) const;
  /// Physical fields without gradient in evaluation mode: [B, C, ...].
  [[nodiscard]] at::Tensor predict(const RegressionInputs& inputs) const;

  [[nodiscard]] const NormalisedOperator& base() const { return base_; }

 private:
  NormalisedOperator base_;
};

}  // namespace eddyline
