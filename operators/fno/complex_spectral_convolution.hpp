#pragma once
// The spectral convolution of complex fields.

#include <vector>

#include "operators/fno/spectral_convolution.hpp"
#include "operators/kernels/layers.hpp"

namespace eddyline::fno {

/// y = ifftn(R . fftn(x)) + bias, "forward" norm: weight index j on every axis is the frequency j - k/2 with k modes
/// kept there. neuraloperator forgets to shift the last axis back and takes its first k entries there (issue 731 of its
/// tracker); `Rescaling::as_neuraloperator` does the same, for weights that were trained so.
class ComplexSpectralConvolutionImpl final : public torch::nn::Module {
 public:
  ComplexSpectralConvolutionImpl(std::int64_t in, std::int64_t out, const std::vector<std::int64_t>& modes,
                                 bool separable, OddShift shift, const Factorisation& factorisation,
                                 Rescaling compatibility);
  /// [B, C_in, ...] to [B, C_out, ...] on `sizes` points, complex. @throws ShapeError when the axes do not fit.
  torch::Tensor forward(const torch::Tensor& x, const std::vector<std::int64_t>& sizes);

 private:
  [[nodiscard]] torch::Tensor weighted(const torch::Tensor& spectrum, const ModeCut& cut);

  std::int64_t in_;
  std::vector<std::int64_t> modes_;
  bool separable_;
  OddShift shift_;
  Rescaling compatibility_;
  torch::Tensor weight_, bias_;
  FactorisedWeight factorised_{nullptr};
};
TORCH_MODULE(ComplexSpectralConvolution);

}  // namespace eddyline::fno
