#pragma once
// Changing the number of points of periodic fields through their Fourier coefficients.

#include <vector>

#include "operators/kernels/layers.hpp"

namespace eddyline::fno {

/// What the rescaled layers of neuraloperator do, for weights that were trained with it. Its spectral path pads or
/// crops unshifted coefficients at the end of the array, which misplaces (going up) or loses (going down) negative
/// frequencies; its skips are linear (1D), bicubic (2D, corners aligned) or, in 3D, spectral with the middle
/// coefficient of an odd axis misplaced.
enum class Rescaling { by_frequency, as_neuraloperator };

/// Coefficients along one axis in FFT order, from its size to `to` points: each frequency stays what it is. The Nyquist
/// coefficient of an even axis is split going up and gathered going down, as trigonometric interpolation demands.
[[nodiscard]] torch::Tensor resized_frequencies(const torch::Tensor& spectrum, std::int64_t axis, std::int64_t to);
/// The same for the half spectrum of a real field along its last axis, which had `from` points.
[[nodiscard]] torch::Tensor resized_half(const torch::Tensor& spectrum, std::int64_t from, std::int64_t to);

/// A field [B, C, ...] on `sizes` points by trigonometric interpolation (or the library's way); real or complex.
[[nodiscard]] torch::Tensor resampled(const torch::Tensor& x, const std::vector<std::int64_t>& sizes, Rescaling how);

}  // namespace eddyline::fno
