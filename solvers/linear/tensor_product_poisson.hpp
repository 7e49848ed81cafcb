#pragma once
// Direct solution of the five-point Poisson equation on a tensor-product grid.

#include <cstdint>
#include <memory>
#include <vector>

#include "solvers/grid/padded_field.hpp"

namespace eddyline {

class AxisTransform;

/// What the solution does at one end of an axis. Dirichlet: zero on the boundary itself, half a cell from the centre.
enum class PoissonEnd { periodic, neumann, dirichlet };

struct PoissonAxis {
  std::vector<double> widths;  // cell widths
  PoissonEnd low = PoissonEnd::neumann, high = PoissonEnd::neumann;
};

/// Solves sum over the faces of each cell of (face length / distance of centres) * (p_neighbour - p) = f exactly (to
/// round-off): diagonalisation along one axis (the cheaper one: fast transforms where it is uniform, else matrix
/// products) and elimination along the other. Lynch, Rice & Thomas, Numer. Math. 6 (1964) 185. Same bits for any number
/// of threads.
class TensorProductPoisson {
 public:
  TensorProductPoisson(PoissonAxis x, PoissonAxis y);

  /// In place: `field` holds f on entry and p on exit, row-major [ny][nx]. When no end is Dirichlet, f must sum to zero
  /// and p is fixed up to a constant. `modes` is scratch of any size.
  void solve(std::vector<double>& field, AlignedValues& modes) const;
  /// No end is Dirichlet: p is determined up to a constant.
  [[nodiscard]] bool is_singular() const { return is_singular_; }

  // The steps of `solve`, for those who combine solutions. A line is a row, or a column when y is diagonalised.
  struct LineRange {
    std::int64_t first, last;  // one past the end
  };
  [[nodiscard]] LineRange all_lines() const { return {0, line_count_}; }
  [[nodiscard]] std::int64_t line_of(std::int64_t cell) const { return along_x_ ? cell / nx_ : cell % nx_; }
  /// modes [lines][slots] of the lines in `range`; the others are left alone.
  void to_modes(const std::vector<double>& field, AlignedValues& modes, LineRange range) const;
  void eliminate(AlignedValues& modes) const;
  void from_modes(const AlignedValues& modes, std::vector<double>& field, LineRange range) const;
  [[nodiscard]] std::size_t mode_count() const { return inverse_.size(); }

 private:
  void close_the_ring(double* modes, std::int64_t first, std::int64_t last) const;
  std::int64_t nx_ = 0, line_count_ = 0, slots_ = 0;
  bool is_singular_ = false, along_x_ = true, is_ring_ = false;
  std::shared_ptr<const AxisTransform> transform_;
  std::vector<double> lower_, upper_;  // elimination across the lines
  double wrap_ = 0;                    // coupling of the last line with the first
  AlignedValues inverse_;              // [lines][slots]: inverse pivots
  AlignedValues ring_;                 // [lines][slots]: what one unit in the last line does to the others
};

}  // namespace eddyline
