#pragma once
// FactFormer: factorised attention encoder, then a march in latent time that makes one frame a step.
// Li, Shu & Barati Farimani (2023), arXiv:2305.17560; names and forms as in BaratiLab/FactFormer.

#include <optional>
#include <vector>

#include "operators/factformer/factorised_encoder.hpp"
#include "operators/kernels/layers.hpp"

namespace eddyline::factformer {

struct FactFormerOptions {
  EncoderOptions encoder;
  std::int64_t in_channels = 1, out_channels = 1;
  std::int64_t frames = 0;        // > 0: the input is [B, C, frames, n..], joined by a convolution over time
  std::int64_t latent_steps = 1;  // steps that were trained; 0: no march, one output (the steady form)
  double latent_multiplier = 2;   // latent width over width
  std::int64_t norm_groups = 16;  // of the group norm in the head
  std::int64_t padding = 0;       // zeros behind the end of each axis around the encoder
  bool convolutional_block = false;
};

/// A small U of strided convolutions beside the encoder, for boundaries: [B, n.., width] to the same shape.
class ConvolutionalBlock {
 public:
  /// @param owner  gets the parameters, as down_block.1, down_block.3, up_block.1, up_block.3.
  ConvolutionalBlock(torch::nn::Module& owner, int dimension, std::int64_t width);
  [[nodiscard]] torch::Tensor operator()(const torch::Tensor& u) const;

 private:
  [[nodiscard]] torch::Tensor convolved(const torch::Tensor& x, std::size_t layer, std::int64_t stride) const;
  std::vector<torch::Tensor> weights_, biases_;
};

/// x [B, n.., C] (channels last; [B, C, T, n..] with `frames`) to [B, steps, C_out, n..].
class FactFormerModelImpl final : public torch::nn::Module {
 public:
  explicit FactFormerModelImpl(const FactFormerOptions& options);
  /// @param positions  coordinates of the axes; with padding they run on over the padded points.
  /// @param steps  at most `latent_steps`; 1 in the steady form.
  torch::Tensor forward(const torch::Tensor& x, const AxisPositions& positions, std::int64_t steps);

 private:
  torch::Tensor head(torch::Tensor u);

  FactFormerOptions options_;
  torch::nn::Linear linear_lifting_{nullptr}, expand_{nullptr}, propagate_in_{nullptr}, propagate_out_{nullptr};
  TimeLifting time_lifting_{nullptr};
  Encoder encoder_{nullptr};
  std::optional<ConvolutionalBlock> block_;
  torch::nn::LayerNorm propagate_norm_{nullptr};
  torch::nn::GroupNorm head_norm_{nullptr};
  std::vector<torch::nn::Conv1d> head_;
  torch::Tensor time_embedding_;  // [1, latent_steps, 1.., latent width]
};
TORCH_MODULE(FactFormerModel);

/// Positions along every axis continued by `count` points at the spacing of the last two.
[[nodiscard]] AxisPositions continued(const AxisPositions& positions, std::int64_t count);

}  // namespace eddyline::factformer
