#pragma once
// Cell fields from one grid to another over the same box.

#include <ATen/core/Tensor.h>

#include "core/domain/grid.hpp"

namespace eddyline {

/// Cell averages on `to` of the piecewise constant field on `from`: exact in the integral, any ratio of cell sizes.
/// @param cells [..., (D,) (H,) W] on `from`. @return the same leading axes on `to`, same dtype.
/// @throws ShapeError when the tensor does not fit `from`, DataError when the boxes differ.
[[nodiscard]] at::Tensor conservative_remap(const at::Tensor& cells, const Grid& from, const Grid& to);

/// Multilinear interpolation of cell-centre values to the centres of `to`, constant beyond the outermost centres. The
/// boxes may differ by half a cell of `from`, as they do for grids of different width about points on the boundary.
[[nodiscard]] at::Tensor interpolated_remap(const at::Tensor& cells, const Grid& from, const Grid& to);

}  // namespace eddyline
