#pragma once
// Fields made from others on a grid: what pictures show and metrics compare.

#include <ATen/core/Tensor.h>

#include <vector>

#include "core/domain/grid.hpp"
#include "core/field/case.hpp"

namespace eddyline {

/// Which axes (x first) wrap around; empty means none.
using PeriodicAxes = std::vector<bool>;

/// Axes of the case's grid with periodic boundaries.
[[nodiscard]] PeriodicAxes periodic_axes(const Case& problem);

/// d(values)/d(axis) at cell centres: second order, central inside (also on stretched grids), one-sided at the ends of
/// an axis that does not wrap. Exact for quadratics.
/// @param values  [..., (D,) (H,) W]. @param axis 0 is x, the last tensor axis.
/// @return same shape, in values' unit per length unit. @throws ShapeError when the tensor does not fit the grid or the
/// axis has fewer than three cells.
[[nodiscard]] at::Tensor derivative(const at::Tensor& values, const Grid& grid, int axis,
                                    const PeriodicAxes& periodic = {});

/// Vorticity omega = dv/dx - du/dy [H, W] in two dimensions, curl u [3, D, H, W] in three.
/// @param velocity  [2, H, W] or [3, D, H, W]. @throws ShapeError.
[[nodiscard]] at::Tensor vorticity(const at::Tensor& velocity, const Grid& grid, const PeriodicAxes& periodic = {});

/// div u, [(D,) (H,) W], of velocity [dimension, (D,) (H,) W]. @throws ShapeError.
[[nodiscard]] at::Tensor divergence(const at::Tensor& velocity, const Grid& grid, const PeriodicAxes& periodic = {});

/// |u| of velocity [dimension, ...].
[[nodiscard]] at::Tensor speed(const at::Tensor& velocity);

/// Cells whose centre lies in the fluid: bool, cell shape.
[[nodiscard]] at::Tensor fluid_mask(const Grid& grid, const std::vector<ObstacleConfig>& bodies);
[[nodiscard]] at::Tensor fluid_mask(const Case& problem);

/// Fluid cells where the differences of `derivative` see fluid only: the neighbours along every axis are fluid, at an
/// end of an axis the two next ones.
[[nodiscard]] at::Tensor interior_of(const at::Tensor& fluid);

}  // namespace eddyline
