#pragma once
// Positions of a grid's cells for the factorised operators.

#include "core/training/operator.hpp"
#include "operators/factformer/factorised_attention.hpp"

namespace eddyline::factformer {

/// Cell centres of the spec's grid, moved to start at 0 and scaled so that the longest axis spans `extent`: [n] each,
/// double. @throws ShapeError when the spec's grid has another size than `cells`.
[[nodiscard]] AxisPositions scaled_positions(const OperatorSpec& spec, at::IntArrayRef cells, double extent);

}  // namespace eddyline::factformer
