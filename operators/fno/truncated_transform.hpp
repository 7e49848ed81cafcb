#pragma once
// The kept Fourier modes of real fields by matrix products: what `rfftn`, the cut and the padding of the spectrum do
// together, without ever forming the modes that are thrown away. Works on a few modes of moderate grids faster than an
// FFT; the cost of an axis grows as size times modes, so long axes are left to the FFT (`pays`).

#include <vector>

#include "operators/kernels/layers.hpp"

namespace eddyline::fno {

/// Modes -k/2 .. k - k/2 - 1 along every axis but the last, 0 .. k-1 along the last; "forward" norm: the analysis
/// divides by the number of points. Matrices are made in double and rounded once.
class TruncatedTransform {
 public:
  /// @param sizes  points along each axis. @param kept  modes along each axis, at most its points (last: size / 2 + 1).
  /// @param like  dtype (float or double) and device of the fields.
  TruncatedTransform(std::vector<std::int64_t> sizes, std::vector<std::int64_t> kept, const torch::TensorOptions& like);

  /// Whether matrix products beat the FFT for these shapes.
  [[nodiscard]] static bool pays(const std::vector<std::int64_t>& sizes, const std::vector<std::int64_t>& kept);
  [[nodiscard]] bool fits(const std::vector<std::int64_t>& sizes, const torch::TensorOptions& like) const;

  /// Real [B, C, N1, .., Nn] to complex [K, B, C], the K = k1 .. kn modes in row-major order.
  [[nodiscard]] torch::Tensor analysis(const torch::Tensor& fields) const;
  /// Complex [K, B, C] to real [B, C, N1, .., Nn]. Imaginary parts that a real field cannot have (of the frequencies 0
  /// and N/2 of the last axis) are ignored, as `irfftn` does.
  [[nodiscard]] torch::Tensor synthesis(const torch::Tensor& modes) const;

 private:
  std::vector<std::int64_t> sizes_, kept_;
  torch::Tensor last_analysis_, last_synthesis_;     // real [Nn, 2 kn] and [2 kn, Nn], pairs (re, im) side by side
  std::vector<torch::Tensor> analysis_, synthesis_;  // complex [N, k] of the leading axes
};

}  // namespace eddyline::fno
