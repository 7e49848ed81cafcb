#pragma once
// Attributes of foreign files that describe the attention block, common to FactFormer and IFactFormer.

#include "core/training/importer.hpp"
#include "operators/factformer/factorised_attention.hpp"

namespace eddyline::factformer {

/// @throws ConfigError naming the attribute that is not supported.
[[nodiscard]] AttentionOptions foreign_attention(const ForeignConfig& config, int dimension);

/// pos_x, pos_y, pos_z [n, 1] of a parity file.
[[nodiscard]] AxisPositions foreign_positions(const NamedTensors& inputs);

}  // namespace eddyline::factformer
