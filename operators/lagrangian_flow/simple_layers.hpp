#pragma once
// The layers without a network of their own, and the two that a network of time drives directly.

#include <vector>

#include "operators/lagrangian_flow/flow_layer.hpp"
#include "operators/lagrangian_flow/residual_net.hpp"

namespace eddyline::lagrangian_flow {

/// y = x * scale + shift, or its inverse; constants (buffers `_scale`, `_shift`; of the inverse under `_transform`).
class AffineLayer final : public FlowLayer {
 public:
  /// @param scale  one number or one an axis.
  AffineLayer(const torch::Tensor& scale, const torch::Tensor& shift, bool inverted);
  LayerOutput forward(const torch::Tensor& x, const Dual& context) override;
  [[nodiscard]] torch::Tensor inverse(const torch::Tensor& y, const torch::Tensor& context) override;

 private:
  [[nodiscard]] torch::Tensor scaled(const torch::Tensor& x, bool up) const;
  torch::Tensor scale_, shift_;
  bool inverted_;
};

/// y = atanh(x), which opens the box (-1, 1)^D to all of space. `forward` throws DataError for a point outside.
class ArtanhLayer final : public FlowLayer {
 public:
  LayerOutput forward(const torch::Tensor& x, const Dual& context) override;
  [[nodiscard]] torch::Tensor inverse(const torch::Tensor& y, const torch::Tensor& context) override;
};

/// y = exp(log_scale) * x + shift; the first training batch sets both so that y has zero mean and unit deviation.
/// Kingma & Dhariwal, Glow (2018), section 3.1.
class ActNormLayer final : public FlowLayer {
 public:
  explicit ActNormLayer(std::int64_t dimension);
  LayerOutput forward(const torch::Tensor& x, const Dual& context) override;
  [[nodiscard]] torch::Tensor inverse(const torch::Tensor& y, const torch::Tensor& context) override;

 private:
  torch::Tensor log_scale_, shift_, initialized_;
};

/// y_i = x_p(i) (buffer `_permutation`).
class PermutationLayer final : public FlowLayer {
 public:
  explicit PermutationLayer(const std::vector<std::int64_t>& permutation);
  LayerOutput forward(const torch::Tensor& x, const Dual& context) override;
  [[nodiscard]] torch::Tensor inverse(const torch::Tensor& y, const torch::Tensor& context) override;

 private:
  torch::Tensor permutation_;
};

/// y = x + net(c) (`conditional_net`, two blocks, ReLU).
class ShiftLayer final : public FlowLayer {
 public:
  ShiftLayer(std::int64_t dimension, std::int64_t context, std::int64_t hidden);
  LayerOutput forward(const torch::Tensor& x, const Dual& context) override;
  [[nodiscard]] torch::Tensor inverse(const torch::Tensor& y, const torch::Tensor& context) override;

 private:
  ResidualNet net_{nullptr};
};

/// y = U diag(s) V x + b with U, V products of Householder reflections; net(c) (`conditional_net`, two blocks) gives
/// the vectors of U, those of V, log(s - 1e-3) and b.
class SvdLayer final : public FlowLayer {
 public:
  SvdLayer(std::int64_t dimension, std::int64_t context, std::int64_t hidden, Activation activation);
  LayerOutput forward(const torch::Tensor& x, const Dual& context) override;
  [[nodiscard]] torch::Tensor inverse(const torch::Tensor& y, const torch::Tensor& context) override;

 private:
  std::int64_t dimension_;
  ResidualNet net_{nullptr};
};

}  // namespace eddyline::lagrangian_flow
