#pragma once
// The invertible residual layer: x + g(x, c) with a network g that contracts.

#include <vector>

#include "operators/lagrangian_flow/flow_layer.hpp"

namespace eddyline::lagrangian_flow {

/// Largest Lipschitz constant of each linear map and of each dense layer.
inline constexpr double lipschitz_bound = 0.97;

/// Linear map with weight W / max(1, sigma / 0.97), sigma = u . W v from power iterations (five a call while training).
/// u and v are state: `parametrizations.weight.0._u|_v`, the raw weight is `parametrizations.weight.original`.
/// Miyato et al., Spectral normalization (2018), section 2.1.
class SpectralLinearImpl final : public torch::nn::Module {
 public:
  SpectralLinearImpl(std::int64_t in, std::int64_t out);
  [[nodiscard]] Dual forward(const Dual& x);

 private:
  void iterate(int count);
  torch::Tensor original_, bias_, left_, right_;  // W, b, u, v
};
TORCH_MODULE(SpectralLinear);

/// y = x + g(x, c): dense layers a_out = cat(e1 a, e2 csin(W a + b)) with csin(x) = cat(sin(w0 x), -sin(w0 x)) / w0 and
/// e_i from softplus(K_i) + 0.1 on the circle of radius 0.97, then one linear map (`nnet.k`). The log-determinant is
/// that of the whole D x D matrix I + dg/dx. Behrmann et al., Invertible residual networks (2019); Perugachi-Diaz et
/// al., Invertible DenseNets with concatenated LipSwish (2021).
class ResidualLayer final : public FlowLayer {
 public:
  /// @param depth  dense layers. @param growth  features that each adds, even. @param frequency  w0.
  ResidualLayer(std::int64_t dimension, std::int64_t context, std::int64_t depth, std::int64_t growth,
                double frequency);
  LayerOutput forward(const torch::Tensor& x, const Dual& context) override;
  /// Newton's method, with the contraction x <- y - g(x) where a step does not help; to rounding.
  [[nodiscard]] torch::Tensor inverse(const torch::Tensor& y, const torch::Tensor& context) override;

 private:
  struct DenseLayer {
    torch::Tensor kept, added;  // K1, K2
    SpectralLinear linear{nullptr};
  };
  [[nodiscard]] Dual network(const Dual& x);
  std::vector<DenseLayer> layers_;
  SpectralLinear last_{nullptr};
  double frequency_;
};

}  // namespace eddyline::lagrangian_flow
