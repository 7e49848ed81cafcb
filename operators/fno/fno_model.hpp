#pragma once
// The library form of the Fourier neural operator (neuraloperator), in one to three dimensions.

#include <torch/torch.h>

#include "core/config/config.hpp"
#include "operators/fno/fno_layers.hpp"
#include "operators/fno/spectral_convolution.hpp"

namespace eddyline::fno {

/// Defaults are neuraloperator's but for the sizes.
struct FnoConfig final : Config {
  std::vector<std::int64_t> n_modes = {16, 16};
  std::int64_t hidden_channels = 32, n_layers = 4;
  double lifting_channel_ratio = 2, projection_channel_ratio = 2;
  std::string positional_embedding = "grid";
  std::string norm = "none";
  std::int64_t norm_groups = 1;
  bool use_channel_mlp = true;
  double channel_mlp_expansion = 0.5;
  std::string channel_mlp_skip = "soft-gating", fno_skip = "linear";
  std::vector<double> domain_padding;  // part of each axis added on both sides; empty is none
  bool separable = false, preactivation = false;
  std::string stabilizer = "none";
  std::string odd_shift = "ifftshift";
  void fields(FieldVisitor& visit) override;
};

/// x [B, C_in, ...] to [B, C_out, ...]: grid embedding, lifting, padding, n_layers blocks, projection. GELU is the erf
/// form. Module names are those of the original's state dict (lifting, fno_blocks.convs.l, fno_blocks.fno_skips.l,
/// ...).
class FnoModelImpl final : public torch::nn::Module {
 public:
  /// @throws ConfigError when the number of modes does not fit the dimension.
  FnoModelImpl(const FnoConfig& config, std::int64_t in, std::int64_t out, int dimension);
  torch::Tensor forward(torch::Tensor x);

 private:
  torch::Tensor block(torch::Tensor x, std::size_t layer);
  [[nodiscard]] std::vector<std::int64_t> padding(const torch::Tensor& x) const;

  FnoConfig config_;
  int dimension_;
  ChannelMlp lifting_{nullptr}, projection_{nullptr};
  std::vector<SpectralConvolution> convolutions_;
  std::vector<Skip> fno_skips_, mlp_skips_;
  std::vector<ChannelMlp> mlps_;
  std::vector<Norm> norms_;
};
TORCH_MODULE(FnoModel);

}  // namespace eddyline::fno
