#pragma once
// The library form of the Fourier neural operator (neuraloperator), in one to three dimensions.

#include "operators/fno/fno_blocks.hpp"
#include "operators/kernels/layers.hpp"

namespace eddyline::fno {

/// Defaults are neuraloperator's but for the sizes.
struct FnoConfig final : FnoBlockConfig {
  std::vector<std::int64_t> n_modes = {16, 16};
  std::int64_t hidden_channels = 32, n_layers = 4;
  double lifting_channel_ratio = 2, projection_channel_ratio = 2;
  std::string positional_embedding = "grid";
  std::vector<double> domain_padding;             // part of each axis added on both sides; empty is none
  std::vector<double> resolution_scaling_factor;  // one for all, one a layer, or one a layer and axis; empty is none
  void fields(FieldVisitor& visit) override;
};

/// x [B, C_in, ...] to [B, C_out, ...]: grid embedding, lifting, padding, n_layers blocks, projection. GELU is the erf
/// form. Module names are those of the original's state dict (lifting, fno_blocks.convs.l, fno_blocks.fno_skips.l,
/// ...). With `complex_data` x and the result are complex.
class FnoModelImpl final : public torch::nn::Module {
 public:
  /// @throws ConfigError when the number of modes does not fit the dimension.
  FnoModelImpl(const FnoConfig& config, std::int64_t in, std::int64_t out, int dimension);
  torch::Tensor forward(torch::Tensor x);
  /// Points of the output over points of the input along each axis.
  [[nodiscard]] const std::vector<double>& total_scaling() const { return total_scaling_; }

 private:
  std::int64_t in_;
  int dimension_;
  bool has_grid_, is_complex_;
  std::vector<double> padding_;               // an axis
  std::vector<std::vector<double>> scaling_;  // a layer, an axis
  std::vector<double> total_scaling_;
  PossiblyComplex<ChannelMlp> lifting_, projection_;
  FnoBlocks blocks_{nullptr};
};
TORCH_MODULE(FnoModel);

/// Zeros on both sides of every axis of space: round(part * size) of them.
class DomainPadding {
 public:
  /// @param parts  one an axis.
  DomainPadding(const torch::Tensor& x, const std::vector<double>& parts);
  [[nodiscard]] torch::Tensor padded(const torch::Tensor& x) const;
  /// Takes round(scaling * padding) points off both sides again.
  [[nodiscard]] torch::Tensor cropped(const torch::Tensor& x, const std::vector<double>& scaling) const;

 private:
  std::vector<std::int64_t> counts_;
};

/// `values` for every axis: one of them for all, or one each, or none. @throws ConfigError naming `key`.
[[nodiscard]] std::vector<double> for_every_axis(const std::vector<double>& values, std::size_t axes,
                                                 const std::string& key);

}  // namespace eddyline::fno
