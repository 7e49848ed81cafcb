#pragma once
// The U-Net of 2015 in the form that PDEBench (1D to 3D) and PDEArena (2D) train.

#include "core/config/config.hpp"
#include "operators/fno/fno_layers.hpp"
#include "operators/kernels/layers.hpp"
#include "operators/unet/unet_layers.hpp"

namespace eddyline::unet {

/// What both forms share; the defaults are PDEArena's.
struct Unet2015Config final : Config {
  std::int64_t features = 64;
  std::string activation = "gelu";
  std::string size_padding = "none";
  void fields(FieldVisitor& visit) override;
};

/// x [B, C_in, ...] to [B, C_out, ...]: four levels of features, 2, 4, 8 times features, the bottleneck of 16 times;
/// blocks of twice (convolution without bias, batch norm, activation); pooling by the maximum; transposed convolutions
/// up. Names are PDEBench's: encoder1.enc1conv1, ..., bottleneck, upconv4, decoder4, ..., conv.
/// Ronneberger, Fischer & Brox, U-Net (2015), arXiv:1505.04597.
class Unet2015Impl final : public torch::nn::Module {
 public:
  Unet2015Impl(const Unet2015Config& config, std::int64_t in, std::int64_t out, int dimension);
  /// @throws ShapeError when the channels or (without padding) the sizes, multiples of 16, do not fit.
  torch::Tensor forward(const torch::Tensor& x);

 private:
  struct Block {
    Convolution conv1{nullptr}, conv2{nullptr};
    fno::BatchNorm norm1{nullptr}, norm2{nullptr};
  };
  Block block(const std::string& name, const std::string& stem, std::int64_t in, std::int64_t out);
  torch::Tensor run(Block& block, const torch::Tensor& x) const;

  Unet2015Config config_;
  std::int64_t in_;
  int dimension_;
  std::vector<Block> encoders_, decoders_;  // finest first
  std::vector<Convolution> upward_;
  Block bottleneck_;
  Convolution final_{nullptr};
};
TORCH_MODULE(Unet2015);

}  // namespace eddyline::unet
