#pragma once
// The Fourier neural operators as the papers' scripts write them: rfft, einsum over the kept modes, a spectrum filled
// with zeros, irfft, 1x1 convolutions, exact GELU. Only what the benchmarks' settings need.

#include "benchmarks/operators/benchmark.hpp"

namespace eddyline::benchmarks {

/// neuraloperator's FNO with its defaults: grid embedding, linear skips, soft-gated channel MLPs, no norm, no padding.
/// Kossaifi et al., arXiv:2412.10354.
class FnoTextbook final : public TextbookOperator {
 public:
  /// @param ours  an operator `fno`. @param n_modes  as in its config.
  /// @param is_tucker  weights in two dimensions as a core and factors (TFNO).
  FnoTextbook(const Operator& ours, const OperatorSpec& spec, std::vector<std::int64_t> n_modes, std::int64_t layers,
              bool is_tucker = false);
  torch::Tensor forward(const Batch& batch) override;

 private:
  [[nodiscard]] torch::Tensor pointwise(const torch::Tensor& x, const std::string& name, bool has_bias = true) const;
  [[nodiscard]] torch::Tensor channel_mlp(const torch::Tensor& x, const std::string& name) const;
  [[nodiscard]] torch::Tensor weighted(const torch::Tensor& spectrum, const std::string& name) const;
  [[nodiscard]] torch::Tensor spectral_convolution(const torch::Tensor& x, const std::string& name) const;

  OperatorSpec spec_;
  std::vector<std::int64_t> n_modes_;
  std::int64_t layers_;
  bool is_tucker_;
};

/// PDEBench's FNO2d. Takamoto et al., arXiv:2210.07182; Li et al., arXiv:2010.08895.
class ClassicFnoTextbook final : public TextbookOperator {
 public:
  /// @param ours  an operator `fno_classic` in 2D.
  ClassicFnoTextbook(const Operator& ours, const OperatorSpec& spec, std::vector<std::int64_t> modes);
  torch::Tensor forward(const Batch& batch) override;

 private:
  [[nodiscard]] torch::Tensor spectral_convolution(const torch::Tensor& x, const std::string& name) const;

  OperatorSpec spec_;
  std::vector<std::int64_t> modes_;
};

}  // namespace eddyline::benchmarks
