#pragma once
// A scalar carried by the flow on a staggered grid of three dimensions.

#include "solvers/incompressible/box_momentum.hpp"

namespace eddyline {

/// ds/dt + div(u s) = D lap s. The face value is the mean of both cells (second order, conserves the variance) or, when
/// limited, van Leer's from upwind (J. Comput. Phys. 32 (1979) 101; limiter of 14 (1974) 361), which keeps s within its
/// range while dt (2 outflow rate + 2 D sum 2 / width^2) <= 1. On a side, what flows in has the side's value, what
/// flows out the cell's.
class BoxScalar {
 public:
  BoxScalar(std::array<AxisMetrics, 3> axes, double diffusivity, bool is_limited);

  /// Needs the ghosts of `from`, two layers where an axis is periodic. Writes planes first..last-1 of `to`.
  void advance(const PaddedField& velocity, const PaddedField& from, const PaddedField& start,
               const StageWeights& weights, PaddedField& to, int first, int last) const;
  [[nodiscard]] double diffusivity() const { return diffusivity_; }
  [[nodiscard]] bool is_limited() const { return is_limited_; }

 private:
  template <int Axis>
  void fluxes(const PaddedField& velocity, const PaddedField& scalar, int j, int k, double* out) const;
  std::array<AxisMetrics, 3> axes_;
  double diffusivity_;
  bool is_limited_;
};

}  // namespace eddyline
