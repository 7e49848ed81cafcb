#pragma once
// Elliptic equations with variable coefficients on a box of cells, as networks of conductances.

#include <array>
#include <cstdint>
#include <vector>

namespace eddyline {

/// Cells in one to three dimensions (x fastest), each linked to its neighbours and to a ground at zero:
///   (A p)_i = sum over neighbours j of link_ij (p_i - p_j) + ground_i p_i.
/// A finite-volume discretisation of -div(a grad p): a link is the area of a face over the resistance between the
/// centres, the ground stands for the sides where p is given. A is symmetric and positive semi-definite.
struct ConductanceNetwork {
  std::array<std::int64_t, 3> cells = {1, 1, 1};
  /// >= 0, from a cell to the next along each axis. The last of a line is linked to the first; 0 where the axis does
  /// not wrap or has one cell.
  std::array<std::vector<double>, 3> link;
  std::array<std::vector<double>, 3> ground;  // >= 0, through the sides normal to each axis; their sum counts

  /// No link, no ground.
  [[nodiscard]] static ConductanceNetwork of(const std::array<std::int64_t, 3>& cells);
  [[nodiscard]] std::size_t size() const;
  /// Distance of neighbours along an axis in the arrays.
  [[nodiscard]] std::size_t stride(int axis) const;
  [[nodiscard]] std::vector<double> diagonal() const;
  /// No cell is grounded: p is determined up to a constant.
  [[nodiscard]] bool is_singular() const;
  /// out = A p.
  void apply(const std::vector<double>& p, std::vector<double>& out) const;
};

/// The rows of a network: where the arrays of a row (j, k) and of its neighbours begin.
struct NetworkRow {
  std::size_t at = 0, y_low = 0, y_high = 0, z_low = 0, z_high = 0;
  NetworkRow(const ConductanceNetwork& network, std::int64_t row);
};

}  // namespace eddyline
