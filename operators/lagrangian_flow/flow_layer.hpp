#pragma once
// What every layer of a flow is: an invertible map of space that may depend on time through a context vector.
// Module and parameter names are those of the authors' code, so that their weights load by name.

#include "operators/kernels/layers.hpp"
#include "operators/lagrangian_flow/dual.hpp"

namespace eddyline::lagrangian_flow {

/// y = f(x, t) at N points and its derivatives.
struct LayerOutput {
  torch::Tensor value;            // [N, D]
  torch::Tensor jacobian;         // [N, D, D], dy_i / dx_j
  torch::Tensor rate;             // [N, D], dy / dt at fixed x
  torch::Tensor log_determinant;  // [N], log |det dy/dx|
};

class FlowLayer : public torch::nn::Module {
 public:
  /// @param context  value [N, C] and its derivative in time [1, N, C].
  virtual LayerOutput forward(const torch::Tensor& x, const Dual& context) = 0;
  /// The x with f(x) = y, without gradient. @param context [N, C]. @throws NumericalError when an iteration stalls.
  [[nodiscard]] virtual torch::Tensor inverse(const torch::Tensor& y, const torch::Tensor& context) = 0;
};

/// Output of a layer that scales every coordinate by `slope` [N, D] and does not move in time.
[[nodiscard]] LayerOutput diagonal_output(const torch::Tensor& value, const torch::Tensor& slope);
/// x with the unit directions of space and one of time, in which only the context moves: tangents [D + 1, N, ...].
struct Seeded {
  Dual x, context;
};
[[nodiscard]] Seeded seeded(const torch::Tensor& x, const Dual& context);
/// Splits tangents [D + 1, N, D] into jacobian and rate.
[[nodiscard]] LayerOutput split_output(const Dual& y);

}  // namespace eddyline::lagrangian_flow
