#pragma once
// The geometry that a solid body leaves of a staggered grid.

#include <vector>

#include "core/domain/grid.hpp"
#include "core/domain/shape.hpp"
#include "solvers/incompressible/array2.hpp"

namespace eddyline {

/// Open parts of the faces and cells of a 2D grid; 1 everywhere without bodies. Faces: open_x(i, j) is the vertical
/// face at node i of row j (i = 0..nx), open_y(i, j) the horizontal face at node j of column i (j = 0..ny). Second
/// order: a face is cut where the exact signed distance vanishes, a cell by the straight line between the cuts.
struct CutCells {
  std::int64_t nx = 0, ny = 0;
  std::vector<double> dx, dy;  // cell widths with one ghost on each end: dx[i + 1] is the width of cell i
  Array2 open_x, open_y;       // fraction of the face in the fluid, 0..1
  Array2 area;                 // fluid area of cell (i, j)
  Array2 corner_is_fluid;      // 1 or 0 at node (i, j), i = 0..nx, j = 0..ny
  bool has_bodies = false;

  [[nodiscard]] double width(std::int64_t i) const { return dx[static_cast<std::size_t>(i + 1)]; }
  [[nodiscard]] double height(std::int64_t j) const { return dy[static_cast<std::size_t>(j + 1)]; }
  /// Fluid part of cell (i, j), 0..1.
  [[nodiscard]] double fraction(std::int64_t i, std::int64_t j) const { return area(i, j) / (width(i) * height(j)); }
};

/// @throws ConfigError when a body lies outside the grid, is too small to be seen by it, or fills all of it.
[[nodiscard]] CutCells cut_cells(const Grid& grid, const std::vector<ObstacleConfig>& bodies, bool periodic_x,
                                 bool periodic_y);

/// @throws ConfigError when no open path leads from column 0 to the last column (or row, along axis 1).
void check_open_path(const CutCells& cells, int axis);

}  // namespace eddyline
