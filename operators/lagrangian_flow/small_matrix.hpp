#pragma once
// Closed forms for batches of matrices of one to three rows, twice differentiable.

#include "operators/kernels/layers.hpp"

namespace eddyline::lagrangian_flow {

/// [N, D, D] -> [N].
[[nodiscard]] torch::Tensor determinant(const torch::Tensor& matrix);
/// Solution of A x = b by Cramer's rule: [N, D, D], [N, D] -> [N, D].
[[nodiscard]] torch::Tensor solved(const torch::Tensor& matrix, const torch::Tensor& right_side);

}  // namespace eddyline::lagrangian_flow
