#pragma once
// The pointwise linear layer of operators on grids.

#include "operators/kernels/layers.hpp"

namespace eddyline {

/// weight [C_out, C_in] times x [B, C_in, N] plus bias [C_out], which may be undefined: [B, C_out, N], what a 1x1
/// convolution computes. On the CPU tile by tile with products compiled for the shape (LIBXSMM), where LibTorch's
/// batched product reaches half of that; equal to `plain_channel_product` but for the order of sums. Differentiable
/// twice.
[[nodiscard]] torch::Tensor channel_product(const torch::Tensor& weight, const torch::Tensor& bias,
                                            const torch::Tensor& x);

/// The same by LibTorch's batched product, for any device and type.
[[nodiscard]] torch::Tensor plain_channel_product(const torch::Tensor& weight, const torch::Tensor& bias,
                                                  const torch::Tensor& x);

}  // namespace eddyline
