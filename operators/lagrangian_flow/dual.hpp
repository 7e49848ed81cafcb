#pragma once
// Forward differentiation: values that carry their derivatives along a few directions. The derivatives are ordinary
// tensors, so that a loss of them can be differentiated again.

#include "operators/kernels/layers.hpp"

namespace eddyline::lagrangian_flow {

/// value [N, ...] and tangent [K, N, ...], the derivative along each of K directions; an undefined tangent is a
/// constant.
struct Dual {
  torch::Tensor value, tangent;
};

[[nodiscard]] Dual operator+(const Dual& a, const Dual& b);
[[nodiscard]] Dual operator-(const Dual& a, const Dual& b);
[[nodiscard]] Dual operator*(const Dual& a, const Dual& b);
[[nodiscard]] Dual operator/(const Dual& a, const Dual& b);
[[nodiscard]] Dual operator+(const Dual& a, double b);
[[nodiscard]] Dual operator*(double a, const Dual& b);

/// y = f(x) entry by entry. @param slope  f'(x).
[[nodiscard]] Dual mapped(const Dual& x, const torch::Tensor& value, const torch::Tensor& slope);
[[nodiscard]] Dual relu(const Dual& x);
[[nodiscard]] Dual silu(const Dual& x);
[[nodiscard]] Dual sigmoid(const Dual& x);
[[nodiscard]] Dual tanh(const Dual& x);
[[nodiscard]] Dual softplus(const Dual& x);
/// Along the last axis.
[[nodiscard]] Dual softmax(const Dual& x);
[[nodiscard]] Dual sum_last(const Dual& x, bool keep);
[[nodiscard]] Dual narrow_last(const Dual& x, std::int64_t start, std::int64_t length);
[[nodiscard]] Dual cat_last(const Dual& a, const Dual& b);
[[nodiscard]] Dual unsqueeze_last(const Dual& x);
[[nodiscard]] Dual squeeze_last(const Dual& x);

/// x W^T + b on the last axis. @param bias  may be undefined.
[[nodiscard]] Dual linear(const Dual& x, const torch::Tensor& weight, const torch::Tensor& bias);

}  // namespace eddyline::lagrangian_flow
