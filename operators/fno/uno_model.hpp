#pragma once
// The U-shaped neural operator (U-NO) in neuraloperator's form.

#include <map>

#include "operators/fno/fno_model.hpp"
#include "operators/kernels/layers.hpp"

namespace eddyline::fno {

/// Lists of lists are written one behind the other: layer by layer, axis by axis.
struct UnoConfig final : FnoBlockConfig {
  std::int64_t hidden_channels = 32, lifting_channels = 256, projection_channels = 256;
  std::vector<std::int64_t> uno_out_channels = {32, 64, 64, 64, 32};
  std::vector<std::int64_t> uno_n_modes = {16, 16, 8, 8, 8, 8, 8, 8, 16, 16};
  std::vector<double> uno_scalings = {1, 1, 0.5, 0.5, 1, 1, 2, 2, 1, 1};
  std::vector<std::int64_t> horizontal_skips_map;  // pairs (layer, earlier layer); empty: n-1 <- 0, n-2 <- 1, ...
  std::string horizontal_skip = "linear";
  std::string positional_embedding = "grid";
  std::vector<double> domain_padding;
  UnoConfig() { channel_mlp_skip = "linear"; }
  void fields(FieldVisitor& visit) override;
};

/// x [B, C_in, ...] to [B, C_out, ...]: lifting, one rescaling FNO layer after the other, earlier results appended as
/// channels on the way up, projection. The original never applies the GELU behind a layer (each is the last of its own
/// block); with compat: none all but the last layer end in one, as the paper has it.
/// Rahman, Ross & Azizzadenesheli, U-NO: U-shaped Neural Operators (2022), arXiv:2204.11127.
class UnoModelImpl final : public torch::nn::Module {
 public:
  /// @throws ConfigError when the lists do not fit each other or the dimension.
  UnoModelImpl(const UnoConfig& config, std::int64_t in, std::int64_t out, int dimension);
  torch::Tensor forward(torch::Tensor x);
  [[nodiscard]] const std::vector<double>& total_scaling() const { return total_scaling_; }

 private:
  std::int64_t in_;
  int dimension_;
  bool has_grid_;
  Rescaling rescaling_;
  std::vector<double> padding_;
  std::vector<std::vector<double>> scaling_;
  std::vector<double> total_scaling_;
  std::map<std::size_t, std::size_t> source_;  // layer -> the earlier layer whose result it takes
  std::map<std::size_t, Skip> horizontal_skips_;
  std::vector<FnoBlocks> blocks_;
  ChannelMlp lifting_{nullptr}, projection_{nullptr};
};
TORCH_MODULE(UnoModel);

}  // namespace eddyline::fno
