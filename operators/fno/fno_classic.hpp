#pragma once
// The classic Fourier neural operator of the paper's scripts, in PDEBench's form, 1D to 3D.

#include "core/config/config.hpp"
#include "operators/fno/spectral_convolution.hpp"
#include "operators/kernels/layers.hpp"

namespace eddyline::fno {

struct ClassicFnoConfig final : Config {
  std::vector<std::int64_t> modes = {12, 12};
  std::int64_t width = 20;
  std::string form = "pdebench";  // or "2020", "2023": the authors' scripts of these years
  void fields(FieldVisitor& visit) override;
};

/// x [B, ..., C_in] and grid [B, ..., d], channels last, to [B, ..., C_out]: fc0, zero padding at the end (2 points on
/// every axis; in 3D 6 on the last one), four layers gelu(conv + w), fc1 (128), GELU, fc2. Names are PDEBench's: fc0,
/// conv0..3, w0..3.
class ClassicFnoImpl final : public torch::nn::Module {
 public:
  /// @param in  channels without the grid's coordinates.
  ClassicFnoImpl(const ClassicFnoConfig& config, std::int64_t in, std::int64_t out, int dimension);
  torch::Tensor forward(const torch::Tensor& x, const torch::Tensor& grid);

 private:
  int dimension_;
  torch::nn::Linear fc0_{nullptr}, fc1_{nullptr}, fc2_{nullptr};
  std::vector<ClassicSpectralConvolution> convolutions_;
  std::vector<torch::Tensor> weights_, biases_;  // of w0..3, 1x1 convolutions
};
TORCH_MODULE(ClassicFno);

}  // namespace eddyline::fno
