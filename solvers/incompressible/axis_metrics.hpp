#pragma once
// Lengths along one axis of a staggered grid, with those of its ghost cells.

#include <cstdint>
#include <vector>

#include "core/domain/grid.hpp"

namespace eddyline {

/// Face i lies between cells i - 1 and i. All arrays may be read from -1 to n + 1.
class AxisMetrics {
 public:
  /// Ghost cells are as wide as the cells that they stand for: around the axis, or mirrored at its ends.
  AxisMetrics(const Grid& grid, int axis, bool is_periodic);

  [[nodiscard]] int cells() const { return cells_; }
  [[nodiscard]] bool is_periodic() const { return is_periodic_; }
  /// First face inside the domain; all faces of a periodic axis, the last of which is the first, are inside.
  [[nodiscard]] int first_inner_face() const { return is_periodic_ ? 0 : 1; }
  [[nodiscard]] const double* width() const { return width_.data() + 1; }
  [[nodiscard]] const double* inverse_width() const { return inverse_width_.data() + 1; }
  /// 1 / distance of the centres of cells i - 1 and i.
  [[nodiscard]] const double* inverse_distance() const { return inverse_distance_.data() + 1; }
  /// Parts of cells i - 1 and i in the control volume of face i: they sum to one.
  [[nodiscard]] const double* low_part() const { return low_part_.data() + 1; }
  [[nodiscard]] const double* high_part() const { return high_part_.data() + 1; }
  [[nodiscard]] const std::vector<double>& nodes() const { return nodes_; }
  [[nodiscard]] const std::vector<double>& centers() const { return centers_; }
  /// Largest 1 / width.
  [[nodiscard]] double finest() const { return finest_; }

 private:
  int cells_;
  bool is_periodic_;
  double finest_ = 0;
  std::vector<double> nodes_, centers_;
  std::vector<double> width_, inverse_width_, inverse_distance_, low_part_, high_part_;
};

}  // namespace eddyline
