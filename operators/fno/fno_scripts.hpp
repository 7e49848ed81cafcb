#pragma once
// The classic Fourier neural operator as its authors' scripts had it in 2020 and in 2023.

#include <string>

#include "operators/fno/fno_layers.hpp"
#include "operators/fno/spectral_convolution.hpp"
#include "operators/kernels/layers.hpp"

namespace eddyline::fno {

/// fourier_2d_time.py of 2020, in any dimension: x [B, ..., C_in] (coordinates among its channels) to [B, ..., C_out],
/// channels last. fc0, four layers relu(batch norm(conv + w)) without the last ReLU, fc1 (128), ReLU, fc2; the FFT is
/// unitary. Names are the script's: fc0, conv0..3, w0..3, bn0..3, fc1, fc2.
class ClassicFno2020Impl final : public torch::nn::Module {
 public:
  ClassicFno2020Impl(const std::vector<std::int64_t>& modes, std::int64_t width, std::int64_t in, std::int64_t out);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::nn::Linear fc0_{nullptr}, fc1_{nullptr}, fc2_{nullptr};
  std::vector<ClassicSpectralConvolution> convolutions_;
  std::vector<PointwiseLinear> pointwise_;
  std::vector<BatchNorm> norms_;
};
TORCH_MODULE(ClassicFno2020);

/// The same script in its form of 2023: the coordinates linspace(0, 1, N) are appended inside; p, four layers
/// gelu(mlp(norm(conv(norm(x)))) + w(x)) without the last GELU, q (4 times the width); norm is an instance norm without
/// parameters. Names: p, conv0..3, mlp0..3.mlp1/2, w0..3, q.mlp1/2.
class ClassicFno2023Impl final : public torch::nn::Module {
 public:
  /// @param in  channels without the coordinates.
  ClassicFno2023Impl(const std::vector<std::int64_t>& modes, std::int64_t width, std::int64_t in, std::int64_t out);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::nn::Linear p_{nullptr};
  std::vector<ClassicSpectralConvolution> convolutions_;
  /// 1x1 convolutions with as many unit axes as there are of space.
  struct Pointwise {
    torch::Tensor weight, bias;
    [[nodiscard]] torch::Tensor operator()(const torch::Tensor& x) const;
  };
  Pointwise pointwise(torch::nn::Module& owner, std::int64_t in, std::int64_t out) const;
  std::size_t dimension_;
  std::vector<Pointwise> mlps1_, mlps2_, w_;
  Pointwise q1_, q2_;
};
TORCH_MODULE(ClassicFno2023);

/// linspace(0, 1, N) along each axis, the end point included, channels last: [B, ..., d] for x [B, C, ...].
[[nodiscard]] torch::Tensor unit_grid(const torch::Tensor& x);

}  // namespace eddyline::fno
