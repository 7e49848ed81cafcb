#pragma once
// The pointwise parts of a library FNO: channel MLPs, skips, norms, grid embedding. Parameter names are
// neuraloperator's.

#include <torch/torch.h>

#include <string>
#include <vector>

namespace eddyline::fno {

/// 1x1 convolution over any number of axes, stored as Conv1d is: weight [out, in, 1].
class PointwiseLinearImpl final : public torch::nn::Module {
 public:
  PointwiseLinearImpl(std::int64_t in, std::int64_t out, bool has_bias = true);
  torch::Tensor forward(const torch::Tensor& x);  // [B, in, ...] to [B, out, ...]
  torch::Tensor weight, bias;
};
TORCH_MODULE(PointwiseLinear);

/// Two pointwise layers with an exact GELU between: fcs.0, fcs.1.
class ChannelMlpImpl final : public torch::nn::Module {
 public:
  ChannelMlpImpl(std::int64_t in, std::int64_t hidden, std::int64_t out);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  PointwiseLinear first_{nullptr}, second_{nullptr};
};
TORCH_MODULE(ChannelMlp);

/// Skip connection: "linear" (conv.weight, no bias), "soft-gating" (weight per channel, starts at 1), "identity",
/// "none".
class SkipImpl final : public torch::nn::Module {
 public:
  SkipImpl(const std::string& kind, std::int64_t channels, std::size_t dimension);
  /// Undefined tensor for "none".
  torch::Tensor forward(const torch::Tensor& x);

 private:
  std::string kind_;
  torch::Tensor weight_;
};
TORCH_MODULE(Skip);

/// "group_norm" (affine, eps 1e-5), "instance_norm" (no parameters), "none".
class NormImpl final : public torch::nn::Module {
 public:
  NormImpl(const std::string& kind, std::int64_t channels, std::int64_t groups);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  std::string kind_;
  std::int64_t groups_;
  torch::Tensor weight_, bias_;
};
TORCH_MODULE(Norm);

/// Appends one channel an axis with the coordinate k / N, k = 0..N-1 along that axis.
[[nodiscard]] torch::Tensor with_grid(const torch::Tensor& x);

}  // namespace eddyline::fno
