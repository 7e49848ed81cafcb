#pragma once
// The autoregressive layer of the moons model: each coordinate passes through a sum of sigmoids whose parameters depend
// on the coordinates before it and on time.

#include <vector>

#include "operators/lagrangian_flow/flow_layer.hpp"

namespace eddyline::lagrangian_flow {

/// Linear map with a constant 0/1 mask on its weight (buffer `mask`).
class MaskedLinearImpl final : public torch::nn::Module {
 public:
  explicit MaskedLinearImpl(const torch::Tensor& mask);
  [[nodiscard]] Dual forward(const Dual& x);

 private:
  torch::Tensor weight_, bias_, mask_;
};
TORCH_MODULE(MaskedLinear);

/// Masked autoencoder: output block i depends on the inputs before i only, and on the context. Two residual blocks,
/// ReLU. Germain et al., MADE (2015).
class MaskedNetImpl final : public torch::nn::Module {
 public:
  /// @param outputs  numbers a feature.
  MaskedNetImpl(std::int64_t features, std::int64_t context, std::int64_t hidden, std::int64_t outputs);
  /// x [N, D] to [N, D * outputs], feature by feature.
  [[nodiscard]] Dual forward(const Dual& x, const Dual& context);

 private:
  struct Block {
    MaskedLinear first{nullptr}, second{nullptr};
    torch::nn::Linear context{nullptr};
  };
  MaskedLinear initial_{nullptr}, final_{nullptr};
  torch::nn::Linear context_{nullptr};
  std::vector<Block> blocks_;
};
TORCH_MODULE(MaskedNet);

/// y = sum_k a_k sigmoid(beta_k (x - mu_k)) + softplus(x - h) - softplus(-(x + h)) - 1/2 for every coordinate, with
/// mu = 10 tanh(.), beta = 0.1 + 9.9 sigmoid(.), a = softmax(.), h = softplus(.) + 0.1 from `autoregressive_net`.
class SigmoidLayer final : public FlowLayer {
 public:
  SigmoidLayer(std::int64_t dimension, std::int64_t context, std::int64_t hidden, std::int64_t sigmoids);
  LayerOutput forward(const torch::Tensor& x, const Dual& context) override;
  /// Coordinate by coordinate, Newton's method kept inside a shrinking bracket.
  [[nodiscard]] torch::Tensor inverse(const torch::Tensor& y, const torch::Tensor& context) override;

 private:
  std::int64_t dimension_, sigmoids_;
  MaskedNet net_{nullptr};
};

}  // namespace eddyline::lagrangian_flow
