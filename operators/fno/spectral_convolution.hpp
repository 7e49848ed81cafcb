#pragma once
// Convolution in Fourier space on the kept modes, in the two conventions in use.

#include <torch/torch.h>

#include <optional>
#include <vector>

#include "operators/fno/truncated_transform.hpp"

namespace eddyline::fno {

/// Which inverse shift the frequencies of odd axes get; `fftshift` only loads checkpoints of neuraloperator 2.0.0.
enum class OddShift { ifftshift, fftshift };

/// y = irfftn(R . rfftn(x)) + bias on the kept modes, zero elsewhere; both transforms in the "forward" norm (rfftn
/// divides by the number of points). Library form (neuraloperator): weight index j on every axis but the last is the
/// frequency j - k/2 with k modes kept there; the last axis keeps 0..m-1 with m = n_modes/2 + 1. More modes than the
/// grid has are cut from the middle of the weight. Works in 1, 2 and 3 dimensions. Li et al., Fourier Neural Operator
/// for Parametric PDEs (2021), arXiv:2010.08895; Kossaifi et al., arXiv:2310.00120.
class SpectralConvolutionImpl final : public torch::nn::Module {
 public:
  /// @param modes  n_modes per axis, as configured. @param separable  one weight per channel instead of a channel
  /// matrix.
  SpectralConvolutionImpl(std::int64_t in, std::int64_t out, const std::vector<std::int64_t>& modes, bool separable,
                          OddShift shift);
  /// [B, C_in, ...] to [B, C_out, ...]. @throws ShapeError when the axes do not fit.
  torch::Tensor forward(const torch::Tensor& x);

  /// The same by FFT, always; what the path by matrix products is tested against.
  torch::Tensor forward_by_fft(const torch::Tensor& x);

  /// Complex weight as real pairs: [C_in, C_out, m1, .., mn, 2] ([C, m1, .., mn, 2] when separable).
  torch::Tensor weight, bias;

 private:
  /// Modes of the grid that the weight meets, and the weight cut to them.
  [[nodiscard]] std::vector<std::int64_t> kept_modes(const std::vector<std::int64_t>& sizes) const;
  [[nodiscard]] torch::Tensor kept_weight(const std::vector<std::int64_t>& kept) const;
  torch::Tensor forward_by_products(const torch::Tensor& x, const std::vector<std::int64_t>& kept);

  std::int64_t in_, out_;
  std::vector<std::int64_t> modes_;  // stored modes per axis: n_modes, the last n_modes / 2 + 1
  bool separable_;
  OddShift shift_;
  std::optional<TruncatedTransform> transform_;  // of the latest grid
};
TORCH_MODULE(SpectralConvolution);

/// The classic layer (the paper's scripts, PDEBench): 2^(n-1) weight blocks, one for each combination of low and high
/// ends of the leading axes; where blocks overlap the later one counts, as in the original.
class ClassicSpectralConvolutionImpl final : public torch::nn::Module {
 public:
  ClassicSpectralConvolutionImpl(std::int64_t in, std::int64_t out, const std::vector<std::int64_t>& modes);
  torch::Tensor forward(const torch::Tensor& x);

  /// weights1, weights2, ...: real pairs [C_in, C_out, m1, .., mn, 2].
  std::vector<torch::Tensor> weights;

 private:
  std::int64_t in_, out_;
  std::vector<std::int64_t> modes_;
};
TORCH_MODULE(ClassicSpectralConvolution);

}  // namespace eddyline::fno
