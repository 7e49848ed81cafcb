#pragma once
// The layers between lifting and projection that FNO, TFNO and UNO share.

#include "core/config/config.hpp"
#include "operators/fno/complex_pair.hpp"
#include "operators/fno/complex_spectral_convolution.hpp"
#include "operators/fno/fno_layers.hpp"
#include "operators/fno/spectral_convolution.hpp"
#include "operators/kernels/layers.hpp"

namespace eddyline::fno {

/// Settings of the layers; defaults are neuraloperator's.
struct FnoBlockConfig : Config {
  std::string activation = "gelu";
  std::string norm = "none";
  std::int64_t norm_groups = 1;
  bool use_channel_mlp = true;
  double channel_mlp_expansion = 0.5;
  std::string channel_mlp_skip = "soft-gating", fno_skip = "linear";
  std::int64_t conv_bias_kernel = 1;
  bool separable = false, preactivation = false;
  std::string stabilizer = "none";
  std::string factorization = "none";  // or "tucker", "cp", "tt"
  double rank = 1;
  std::vector<std::int64_t> ranks;
  std::string implementation = "factorized";
  std::string odd_shift = "ifftshift";
  std::string compat = "none";  // or "neuraloperator"
  // Not read from a config: they only load foreign weights.
  bool complex_data = false;
  bool enforce_hermitian_symmetry = true;
  void fields(FieldVisitor& visit) override;
};

/// Python's round: halves go to the even neighbour.
[[nodiscard]] std::int64_t round_half_even(double value);
/// round(size * factor) along each axis of [B, C, ...].
[[nodiscard]] std::vector<std::int64_t> scaled_sizes(const torch::Tensor& x, const std::vector<double>& factors);
/// How a config wants fields rescaled.
[[nodiscard]] Rescaling rescaling_of(const FnoBlockConfig& config);

/// Layers of one width: spectral convolution + skip, activation, channel MLP + skip, activation; each with its norms.
/// The channel MLPs have GELU inside and complex numbers GELU everywhere, whatever the activation. Names are the
/// original's: convs.l, fno_skips.l, channel_mlp.l, channel_mlp_skips.l, norm.k. Kossaifi et al. (2023),
/// arXiv:2310.00120, section 3.
class FnoBlocksImpl final : public torch::nn::Module {
 public:
  /// @param is_open_ended  the last layer ends in an activation too.
  FnoBlocksImpl(const FnoBlockConfig& config, std::int64_t in, std::int64_t out, const std::vector<std::int64_t>& modes,
                std::int64_t layers, bool is_open_ended);
  /// x [B, in, ...] to [B, out, sizes...]. @throws ShapeError when the axes do not fit.
  torch::Tensor forward(const torch::Tensor& x, std::int64_t layer, const std::vector<std::int64_t>& sizes);

 private:
  torch::Tensor convolved(const torch::Tensor& x, std::size_t layer, const std::vector<std::int64_t>& sizes);

  std::string activation_;
  bool preactivation_, has_tanh_, is_open_ended_;
  Rescaling rescaling_;
  std::vector<SpectralConvolution> convolutions_;
  std::vector<ComplexSpectralConvolution> complex_convolutions_;
  std::vector<PossiblyComplex<Skip>> fno_skips_, mlp_skips_;
  std::vector<PossiblyComplex<ChannelMlp>> mlps_;
  std::vector<PossiblyComplex<Norm>> norms_;
};
TORCH_MODULE(FnoBlocks);

}  // namespace eddyline::fno
