#pragma once
// Convolution in Fourier space on the kept modes, in the two conventions in use.

#include <optional>
#include <vector>

#include "operators/fno/spectral_weight.hpp"
#include "operators/fno/spectrum_resize.hpp"
#include "operators/fno/truncated_transform.hpp"
#include "operators/kernels/layers.hpp"

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
                          OddShift shift, const Factorisation& factorisation = {},
                          Rescaling rescaling = Rescaling::by_frequency);
  /// [B, C_in, ...] to [B, C_out, ...]. @throws ShapeError when the axes do not fit.
  torch::Tensor forward(const torch::Tensor& x);
  /// The same on another number of points: the trigonometric interpolation of `forward` (or what the library makes of
  /// it).
  torch::Tensor forward_to(const torch::Tensor& x, const std::vector<std::int64_t>& sizes);

  /// `forward` by FFT, always; what the path by matrix products is tested against.
  torch::Tensor forward_by_fft(const torch::Tensor& x);

  /// Complex weight as real pairs: [C_in, C_out, m1, .., mn, 2] ([C, m1, .., mn, 2] when separable); undefined when it
  /// is factorised.
  torch::Tensor weight, bias;
  /// The original leaves the imaginary part of the ends of the half spectrum to the FFT in some versions, and zeroes
  /// them in others; matters only for rescaling as the library does it.
  bool zeroes_ends = true;

 private:
  /// Modes of the grid that the weight meets, and the dense weight cut to them.
  [[nodiscard]] std::vector<std::int64_t> kept_modes(const std::vector<std::int64_t>& sizes) const;
  [[nodiscard]] torch::Tensor kept_weight(const std::vector<std::int64_t>& kept) const;
  torch::Tensor forward_by_products(const torch::Tensor& x, const std::vector<std::int64_t>& kept);
  /// The filtered spectrum in FFT order on the axes of x, half along the last one.
  torch::Tensor filtered(const torch::Tensor& x);

  std::int64_t in_, out_;
  std::vector<std::int64_t> modes_;  // stored modes per axis: n_modes, the last n_modes / 2 + 1
  bool separable_;
  OddShift shift_;
  Rescaling rescaling_;
  FactorisedWeight factorised_{nullptr};
  std::optional<TruncatedTransform> transform_;  // of the latest grid
};
TORCH_MODULE(SpectralConvolution);

/// The classic layer (the paper's scripts, PDEBench): 2^(n-1) weight blocks, one for each combination of low and high
/// ends of the leading axes; where blocks overlap the later one counts, as in the original.
class ClassicSpectralConvolutionImpl final : public torch::nn::Module {
 public:
  /// @param is_2020_form  weights [C_out, C_in, ...] and a unitary transform, as the scripts of 2020 have them.
  ClassicSpectralConvolutionImpl(std::int64_t in, std::int64_t out, const std::vector<std::int64_t>& modes,
                                 bool is_2020_form = false);
  /// @throws ShapeError when the channels do not fit or the grid has fewer modes than the weights.
  torch::Tensor forward(const torch::Tensor& x);
  /// `forward` by FFT, always; what the path by matrix products is tested against.
  torch::Tensor forward_by_fft(const torch::Tensor& x);

  /// weights1, weights2, ...: real pairs [C_in, C_out, m1, .., mn, 2].
  std::vector<torch::Tensor> weights;

 private:
  torch::Tensor forward_by_products(const torch::Tensor& x, const std::vector<std::int64_t>& kept);

  std::int64_t in_, out_;
  std::vector<std::int64_t> modes_;
  bool is_2020_form_;
  std::optional<TruncatedTransform> transform_;  // of the latest grid
};
TORCH_MODULE(ClassicSpectralConvolution);

}  // namespace eddyline::fno
