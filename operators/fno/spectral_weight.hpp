#pragma once
// Spectral weights in factorised form: Tucker, CP and tensor train (TFNO).

#include <string>
#include <utility>
#include <vector>

#include "operators/kernels/layers.hpp"

namespace eddyline::fno {

/// How the weight [C_in, C_out, m1, .., mn] of a spectral convolution is stored.
struct Factorisation {
  std::string kind = "dense";       // or "tucker", "cp", "tt"
  double rank = 1;                  // parameters as a part of the dense weight's; used when `ranks` is empty
  std::vector<std::int64_t> ranks;  // tucker: one an axis; cp: one; tt: one between neighbouring axes
  bool is_reconstructed = false;    // build the dense weight in every call instead of contracting factor by factor
};

/// Ranks that keep about `rank` times the parameters of a dense tensor. Tucker: each axis in the same ratio c, with
/// c^d prod(n) + c sum(n^2) = rank prod(n); CP: rank prod(n) / sum(n); tensor train: proportional to the mean of
/// neighbouring axes. All rounded to the nearest (halves to even) and at least 1: the rules of the TensorLy library,
/// with which TFNO's authors build their weights.
[[nodiscard]] std::vector<std::int64_t> factorisation_ranks(const std::string& kind,
                                                            const std::vector<std::int64_t>& shape, double rank);

/// Kept part of each axis of modes: start and length.
using ModeCut = std::vector<std::pair<std::int64_t, std::int64_t>>;

/// The same numbers [a, b, modes.., 2], in memory mode by mode: the products over the modes then read each matrix in
/// place, where the plain layout costs a transposed copy of the weight in every call.
[[nodiscard]] torch::Tensor stored_by_mode(const torch::Tensor& weight);
/// Complex matrices [modes, a, b] of complex weights [a, b, modes..]; a view when the weights are stored by mode.
[[nodiscard]] torch::Tensor matrices_by_mode(const torch::Tensor& weight);

/// sum_i X[b, i, k] W[i, o, k] for every mode k. Both complex.
[[nodiscard]] torch::Tensor mixed_channels(const torch::Tensor& x, const torch::Tensor& weight);

/// Complex factors as real pairs [..., 2]; names are the originals': core, weights, factors.factor_i. All start as
/// complex normal numbers such that the rebuilt weight has E|w|^2 = deviation^2. (The original's tensor train starts
/// too small by the square root of the product of its ranks; here it does not.)
/// Kossaifi et al., Multi-Grid Tensorized Fourier Neural Operator (2023), arXiv:2310.00120, section 3.
class FactorisedWeightImpl final : public torch::nn::Module {
 public:
  /// @param shape  of the dense weight: channel axes, then modes. @param channel_axes 2, or 1 when separable.
  /// @throws ConfigError when ranks are given that do not fit the number of axes.
  FactorisedWeightImpl(const Factorisation& factorisation, const std::vector<std::int64_t>& shape,
                       std::int64_t channel_axes, double deviation);
  /// x [B, C_in, k1, .., kn] complex, on the modes of the cut, to [B, C_out, k1, .., kn].
  torch::Tensor forward(const torch::Tensor& x, const ModeCut& cut);
  /// The dense weight on the cut.
  [[nodiscard]] torch::Tensor dense(const ModeCut& cut) const;

 private:
  [[nodiscard]] std::vector<torch::Tensor> cut_factors(const ModeCut& cut) const;
  [[nodiscard]] torch::Tensor tucker(const torch::Tensor& x, const std::vector<torch::Tensor>& factors) const;
  [[nodiscard]] torch::Tensor canonical(const torch::Tensor& x, const std::vector<torch::Tensor>& factors) const;
  [[nodiscard]] torch::Tensor train(const torch::Tensor& x, const std::vector<torch::Tensor>& factors) const;

  std::string kind_;
  bool is_reconstructed_;
  std::int64_t channel_axes_;
  torch::Tensor core_;  // tucker's core, CP's weights
  std::vector<torch::Tensor> factors_;
};
TORCH_MODULE(FactorisedWeight);

}  // namespace eddyline::fno
