#pragma once
// Discrete momentum balance on a staggered grid of three dimensions without bodies.

#include <array>

#include "solvers/incompressible/box_sides.hpp"

namespace eddyline {

/// to = keep * start + carry * from + rate * (rate of change of from).
struct StageWeights {
  double keep = 0, carry = 1, rate = 0;
};

/// Rate of change of every inner face by convection and diffusion, without pressure. Convection: the mass flux through
/// a side of a face's control volume is the mean of the two cells' that it halves, the convected value the plain mean
/// of the neighbours: conserves kinetic energy on any tensor-product grid (Verstappen & Veldman, J. Comput. Phys. 187
/// (2003) 343). Diffusion: central. One pass over the fields, row by row.
class BoxMomentum {
 public:
  BoxMomentum(std::array<AxisMetrics, 3> axes, double viscosity);

  /// Needs the ghosts of `from`. Writes the inner faces of planes first..last-1 of all components; those of sides that
  /// are not periodic are left alone. `to` is neither of the other two.
  void advance(const PaddedField& from, const PaddedField& start, const StageWeights& weights, PaddedField& to,
               int first, int last) const;
  [[nodiscard]] const std::array<AxisMetrics, 3>& axes() const { return axes_; }
  [[nodiscard]] double viscosity() const { return viscosity_; }

 private:
  template <int Component, bool Keeps>
  void advance_row(const PaddedField& from, const PaddedField& start, const StageWeights& weights, PaddedField& to,
                   int j, int k) const;
  std::array<AxisMetrics, 3> axes_;
  double viscosity_;
};

}  // namespace eddyline
