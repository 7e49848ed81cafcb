#pragma once
// The pointwise parts of a library FNO: channel MLPs, skips, norms, grid embedding. Parameter names are
// neuraloperator's.

#include <string>
#include <vector>

#include "operators/kernels/activation.hpp"
#include "operators/kernels/layers.hpp"

namespace eddyline::fno {

/// weight [C_out, C_in, 1..] times x [B, C_in, ...], plus a bias [C_out] where there is one: what a 1x1 convolution
/// computes, up to seven times faster on power-of-two grids.
[[nodiscard]] torch::Tensor pointwise_product(const torch::Tensor& weight, const torch::Tensor& bias,
                                              const torch::Tensor& x);

/// 1x1 convolution over any number of axes, stored as Conv1d is: weight [out, in, 1].
class PointwiseLinearImpl final : public torch::nn::Module {
 public:
  PointwiseLinearImpl(std::int64_t in, std::int64_t out, bool has_bias = true);
  torch::Tensor forward(const torch::Tensor& x);  // [B, in, ...] to [B, out, ...]
  torch::Tensor weight, bias;
};
TORCH_MODULE(PointwiseLinear);

/// Two pointwise layers with an activation between: fcs.0, fcs.1.
class ChannelMlpImpl final : public torch::nn::Module {
 public:
  ChannelMlpImpl(std::int64_t in, std::int64_t hidden, std::int64_t out, std::string activation = "gelu");
  torch::Tensor forward(const torch::Tensor& x);

 private:
  std::string activation_;
  PointwiseLinear first_{nullptr}, second_{nullptr};
};
TORCH_MODULE(ChannelMlp);

/// Skip connection: "linear" (conv.weight, no bias; with a kernel above 1 a convolution with zero padding, weight),
/// "soft-gating" (weight per channel, starts at 1), "identity".
class SkipImpl final : public torch::nn::Module {
 public:
  /// @throws ConfigError when the channels differ and the kind cannot change their number.
  SkipImpl(const std::string& kind, std::int64_t in, std::int64_t out, std::size_t dimension, std::int64_t kernel = 1);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  std::string kind_;
  std::int64_t kernel_;
  torch::Tensor weight_;
};
TORCH_MODULE(Skip);

/// Normalisation over the batch with running statistics, eps 1e-5, momentum 0.1, in any number of axes.
class BatchNormImpl final : public torch::nn::Module {
 public:
  explicit BatchNormImpl(std::int64_t channels);
  /// @throws ShapeError in training when a channel has one value only.
  torch::Tensor forward(const torch::Tensor& x);

 private:
  torch::Tensor weight_, bias_, mean_, variance_, batches_;
};
TORCH_MODULE(BatchNorm);

/// "group_norm" (affine, eps 1e-5), "instance_norm" (no parameters), "batch_norm" (norm.weight, ...).
class NormImpl final : public torch::nn::Module {
 public:
  /// @throws ConfigError when the groups do not divide the channels.
  NormImpl(const std::string& kind, std::int64_t channels, std::int64_t groups);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  std::string kind_;
  std::int64_t groups_;
  torch::Tensor weight_, bias_;
  BatchNorm batch_norm_{nullptr};
};
TORCH_MODULE(Norm);

/// Appends one channel an axis with the coordinate k / N, k = 0..N-1 along that axis.
[[nodiscard]] torch::Tensor with_grid(const torch::Tensor& x);

}  // namespace eddyline::fno
