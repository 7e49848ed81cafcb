#pragma once
// Factorised attention: one small attention kernel an axis instead of one over all grid points.
//
// Li, Shu & Barati Farimani, Scalable Transformer for PDE Surrogate Modeling (2023), arXiv:2305.17560, eqs. 6-11; the
// parallel form: Yang, Wang & Wang, Implicit factorized transformer (2024), arXiv:2412.18840. Parameter names are those
// of the authors' state dicts; axes are x, y, z in the order of the tensor.

#include <string>
#include <vector>

#include "operators/kernels/layers.hpp"

namespace eddyline::factformer {

/// Coordinates along each axis of space, in tensor order: [n_axis] each, no gradient.
using AxisPositions = std::vector<torch::Tensor>;

struct AttentionOptions {
  int dimension = 2;
  std::int64_t width = 64, out_width = 64;  // channels in and out
  std::int64_t latent_width = 64;           // of the pooled axis functions
  std::int64_t heads = 4, head_width = 16;
  std::int64_t kernel_multiplier = 2;  // kernel width D = head_width * kernel_multiplier
  double scaling = 1;                  // of the kernels; 1/sqrt(D) instead when kernel_multiplier > 4
  bool rotary = true;
  /// chained: along x, then y, then z. parallel: each axis on its own, joined on the channels of every head.
  std::string mixing = "chained";
  /// head_group: over grid and channels of a head, unbiased variance, eps 1e-8. channel_instance: over the grid,
  /// biased, eps 1e-5. instance_rowwise: for every index of the first axis over the other axes and all channels,
  /// biased, eps 1e-5; an error of earlier code of the authors that their old checkpoints need.
  std::string norm = "head_group";
  /// A second MLP behind the first, as in IFactFormer's code of February 2025.
  bool second_mlp = false;
};

/// Mean over all axes but one, then a gated MLP: [B, n, width] (the mean) to [B, n, latent_width]. Eq. 9.
class PooledAxisImpl final : public torch::nn::Module {
 public:
  PooledAxisImpl(std::int64_t width, std::int64_t latent_width);
  torch::Tensor forward(const torch::Tensor& mean);

 private:
  torch::nn::Linear to_in_{nullptr}, expand_{nullptr}, contract_{nullptr};
  torch::nn::LayerNorm norm_{nullptr};
};
TORCH_MODULE(PooledAxis);

/// K[b, h, i, j] = scaling * <rotated q_i, rotated k_j>, without softmax. Eq. 10.
class AxialKernelImpl final : public torch::nn::Module {
 public:
  AxialKernelImpl(std::int64_t latent_width, std::int64_t heads, std::int64_t kernel_width, double scaling,
                  bool rotary);
  /// [B, n, latent_width] at positions [n] to [B, heads, n, n].
  torch::Tensor forward(const torch::Tensor& pooled, const torch::Tensor& positions);

 private:
  std::int64_t heads_, kernel_width_;
  double scaling_;
  torch::nn::Linear to_q_{nullptr}, to_k_{nullptr};
  torch::Tensor inverse_frequencies_;  // [kernel_width / 2]; undefined without rotary embedding
};
TORCH_MODULE(AxialKernel);

/// One attention block: u [B, nx, (ny, nz,) width] to [B, nx, (ny, nz,) out_width].
class FactorisedAttentionImpl final : public torch::nn::Module {
 public:
  explicit FactorisedAttentionImpl(const AttentionOptions& options);
  torch::Tensor forward(const torch::Tensor& u, const AxisPositions& positions);
  /// The kernel of each axis, [B, heads, n, n].
  std::vector<torch::Tensor> kernels(const torch::Tensor& u, const AxisPositions& positions);

 private:
  std::vector<torch::Tensor> kernels_of_normed(const torch::Tensor& normed, const AxisPositions& positions);
  [[nodiscard]] torch::Tensor normalised(const torch::Tensor& mixed) const;

  AttentionOptions options_;
  torch::nn::LayerNorm in_norm_{nullptr};
  torch::nn::Linear to_v_{nullptr}, to_in_{nullptr};
  std::vector<PooledAxis> pooled_;
  std::vector<AxialKernel> kernels_;
  std::vector<torch::nn::Linear> out_;
};
TORCH_MODULE(FactorisedAttention);

}  // namespace eddyline::factformer
