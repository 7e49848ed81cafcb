#pragma once
// Relative errors of fields in the L2 and H1 norms, for losses and for evaluation; the graph is kept.
//
// The definitions are those of neuraloperator's LpLoss and H1Loss (version 2.0.0) with their default settings, before
// its sum over samples and channels:
//   L2: ||p - r|| / (||r|| + eps),  ||u||^2 = sum_i u_i^2
//   H1: the same with  ||u||^2 = sum_i (u_i^2 + sum_axes (D u)_i^2)
// with eps = 1e-8 and D the central difference over 2h, periodic on every axis (p: prediction, r: reference).

#include <ATen/core/Tensor.h>

#include <vector>

#include "core/domain/grid.hpp"

namespace eddyline {

/// @param prediction, reference  [B, C, ...]. @return [B, C], in their dtype.
[[nodiscard]] at::Tensor relative_l2(const at::Tensor& prediction, const at::Tensor& reference);

/// @param spacing  h of each axis of the tensors, the first axis of space first.
[[nodiscard]] at::Tensor relative_h1(const at::Tensor& prediction, const at::Tensor& reference,
                                     const std::vector<double>& spacing);

/// Cell width of each axis in the order of the tensors' axes. @throws ConfigError when an axis is not uniform: the
/// differences of the H1 norm need one spacing.
[[nodiscard]] std::vector<double> uniform_spacing(const Grid& grid);

}  // namespace eddyline
