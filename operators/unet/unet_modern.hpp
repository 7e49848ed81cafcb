#pragma once
// The modern residual U-Net of PDEArena, with and without attention and Fourier blocks, in one to three dimensions.

#include "core/config/config.hpp"
#include "operators/fno/spectral_convolution.hpp"
#include "operators/kernels/layers.hpp"
#include "operators/unet/unet_layers.hpp"

namespace eddyline::unet {

/// Defaults are PDEArena's Unetmod-64 (its paper and code are 2D).
struct UnetConfig final : Config {
  std::int64_t hidden_channels = 64;
  std::vector<std::int64_t> ch_mults = {1, 2, 2, 4};
  std::int64_t n_blocks = 2;
  bool norm = true, use1x1 = false;
  std::string activation = "gelu";
  std::vector<std::int64_t> is_attn;  // a level, 0 or 1; missing ones are 0
  bool mid_attn = false;
  std::string softmax_axis = "key";
  std::int64_t n_fourier_layers = 0;
  std::vector<std::int64_t> modes = {16, 16};
  bool mode_scaling = true;
  std::string size_padding = "none";
  void fields(FieldVisitor& visit) override;
};

/// h = conv1(act(norm1(x))); conv2(act(norm2(h))) + shortcut(x). In its Fourier form each convolution is 1x1 and a
/// spectral one is added: fourier1, fourier2.
class ResidualBlockImpl final : public torch::nn::Module {
 public:
  /// @param modes  of the spectral convolutions; empty for the plain form.
  ResidualBlockImpl(const UnetConfig& config, std::int64_t in, std::int64_t out, int dimension,
                    const std::vector<std::int64_t>& modes);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  std::string activation_;
  torch::nn::GroupNorm norm1_{nullptr}, norm2_{nullptr};
  Convolution conv1_{nullptr}, conv2_{nullptr}, shortcut_{nullptr};
  fno::ClassicSpectralConvolution fourier1_{nullptr}, fourier2_{nullptr};
};
TORCH_MODULE(ResidualBlock);

/// Self-attention of all points of the grid with one head, added to x. PDEArena takes the softmax over the queries;
/// that is a switch for its weights, not the default. (Its `norm` is made and never used; here there is none.)
class AttentionBlockImpl final : public torch::nn::Module {
 public:
  AttentionBlockImpl(std::int64_t channels, const std::string& softmax_axis);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  double scale_;
  std::int64_t softmax_dimension_;
  torch::nn::Linear projection_{nullptr}, output_{nullptr};
};
TORCH_MODULE(AttentionBlock);

/// x [B, C_in, ...] to [B, C_out, ...]. Channels grow cumulatively: level i has hidden * ch_mults[0] * .. *
/// ch_mults[i]. Names are PDEArena's: image_proj, down.j, middle, up.j, norm, final.
/// Gupta & Brandstetter, Towards Multi-spatiotemporal-scale Generalized PDE Modeling (2022), arXiv:2209.15616.
class ModernUnetImpl final : public torch::nn::Module {
 public:
  /// @throws ConfigError when the width is no multiple of 8 or a level's settings do not fit.
  ModernUnetImpl(const UnetConfig& config, std::int64_t in, std::int64_t out, int dimension);
  /// @throws ShapeError when the channels or (without padding) the sizes do not fit.
  torch::Tensor forward(const torch::Tensor& x);

 private:
  /// One residual block, with attention behind it where the level has it.
  struct Stage {
    ResidualBlock residual{nullptr};
    AttentionBlock attention{nullptr};
    Convolution resample{nullptr};  // instead of the two: to the next level
  };
  Stage block(torch::nn::ModuleListImpl& list, std::int64_t in, std::int64_t out, bool has_attention,
              const std::vector<std::int64_t>& modes);
  Stage resampling(torch::nn::ModuleListImpl& list, std::int64_t channels, bool is_up);
  static torch::Tensor run(Stage& stage, const torch::Tensor& x);

  UnetConfig config_;
  std::int64_t in_;
  int dimension_;
  Convolution image_projection_{nullptr}, final_{nullptr};
  torch::nn::GroupNorm norm_{nullptr};
  std::vector<Stage> down_, up_;
  ResidualBlock middle1_{nullptr}, middle2_{nullptr};
  AttentionBlock middle_attention_{nullptr};
};
TORCH_MODULE(ModernUnet);

}  // namespace eddyline::unet
