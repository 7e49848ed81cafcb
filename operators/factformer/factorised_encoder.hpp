#pragma once
// What FactFormer and IFactFormer have in common around the attention block: lifting, position features, the stack.

#include <vector>

#include "operators/factformer/factorised_attention.hpp"
#include "operators/kernels/layers.hpp"

namespace eddyline::factformer {

/// Random Fourier features of every grid point: cat(sin, cos)(2 pi p B) with the frozen B [dimension, width / 2],
/// N(0, scale^2). Tancik et al. (2020), arXiv:2006.10739.
class FourierFeaturesImpl final : public torch::nn::Module {
 public:
  FourierFeaturesImpl(int dimension, std::int64_t width, double scale);
  /// [1, n.., width] in the given dtype, without gradient.
  torch::Tensor forward(const AxisPositions& positions, torch::Dtype dtype);

 private:
  torch::Tensor matrix_;  // B
};
TORCH_MODULE(FourierFeatures);

/// Past frames to channels, by the originals' convolution over time: [B, C, T, n..] to [B, n.., width]. Each channel is
/// lifted on its own at every frame, then all frames are joined; width / 2 must be divisible by C.
class TimeLiftingImpl final : public torch::nn::Module {
 public:
  TimeLiftingImpl(std::int64_t channels, std::int64_t frames, std::int64_t width);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::nn::Conv2d lift_{nullptr}, join_{nullptr};
};
TORCH_MODULE(TimeLifting);

struct EncoderOptions {
  AttentionOptions attention;
  std::int64_t depth = 1;
  /// Applications of each block with the same weights, each adding block(u) / repeats: the implicit form.
  std::int64_t repeats = 1;
  double fourier_scale = 1;
};

/// Per layer u += Linear(features), then `repeats` times u += block(u) / repeats.
class EncoderImpl final : public torch::nn::Module {
 public:
  explicit EncoderImpl(const EncoderOptions& options);
  /// [B, n.., width] to the same shape; the input is left untouched.
  /// @param increments  when given, what each application of a block added.
  torch::Tensor forward(torch::Tensor u, const AxisPositions& positions,
                        std::vector<torch::Tensor>* increments = nullptr);

 private:
  std::int64_t repeats_;
  std::vector<FourierFeatures> features_;
  std::vector<torch::nn::Linear> embeddings_;
  std::vector<FactorisedAttention> blocks_;
};
TORCH_MODULE(Encoder);

}  // namespace eddyline::factformer
