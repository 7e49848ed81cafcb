#pragma once
// Relative errors of whole frames over the fluid cells.

#include <ATen/core/Tensor.h>

namespace eddyline {

/// Sum of squares over the cells: [B, T, C, ...] -> [B, T, C], double.
/// @param mask [B, ...], above 0 in the fluid; undefined counts every cell.
[[nodiscard]] at::Tensor sum_of_squares(const at::Tensor& fields, const at::Tensor& mask);

/// nRMSE of each sample and frame over all channels, each in units of its own deviation s_c:
/// sqrt(sum_c ||prediction_c - reference_c||^2 / s_c^2) / sqrt(sum_c ||reference_c||^2 / s_c^2): [B, T], double.
/// Infinity where it is not finite (a blown-up prediction, a reference of zero).
/// @param deviation [C], double.
[[nodiscard]] at::Tensor frame_error(const at::Tensor& prediction, const at::Tensor& reference, const at::Tensor& mask,
                                     const at::Tensor& deviation);

/// Mean of all values; infinity when it is not finite.
[[nodiscard]] double mean_or_infinity(const at::Tensor& values);

}  // namespace eddyline
