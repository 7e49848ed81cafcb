#pragma once
// The settings that FactFormer and IFactFormer share.

#include "core/config/config.hpp"
#include "operators/factformer/factorised_attention.hpp"

namespace eddyline::factformer {

/// Not a section of its own: its fields stand among those of the operator.
struct FactorisedConfig final : Config {
  std::int64_t width = 64, heads = 4, head_width = 16, kernel_multiplier = 2;
  std::string mixing = "chained", norm = "head_group";
  double fourier_scale = 1, position_extent = 1;
  void fields(FieldVisitor& visit) override;
  void check(ConfigProblems& problems) const override;
  [[nodiscard]] AttentionOptions options(int dimension) const;
};

}  // namespace eddyline::factformer
