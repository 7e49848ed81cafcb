#pragma once
// Linear reconstruction with a limited slope (MUSCL). van Leer, J. Comput. Phys. 32 (1979) 101. Every limiter keeps the
// edge values between the averages of the neighbours.

#include "solvers/physics/scalar.hpp"

namespace eddyline {

/// Sweby, SIAM J. Numer. Anal. 21 (1984) 995: the smaller of both differences, zero at an extremum.
struct Minmod {
  static constexpr const char* name = "minmod";
  template <class Real>
  [[nodiscard]] Real operator()(const Real& backward, const Real& forward) const {
    const Real smallest = select(magnitude(backward) < magnitude(forward), backward, forward);
    return select(backward * forward > 0.0, smallest, Real(0.0));
  }
};

/// van Leer, J. Comput. Phys. 14 (1974) 361: the harmonic mean of both differences.
struct VanLeer {
  static constexpr const char* name = "van_leer";
  template <class Real>
  [[nodiscard]] Real operator()(const Real& backward, const Real& forward) const {
    const Real product = backward * forward;
    return select(product > 0.0, Real(2.0) * product / (backward + forward), Real(0.0));
  }
};

/// van Leer, J. Comput. Phys. 23 (1977) 276: the central difference, at most twice the smaller one.
struct MonotonizedCentral {
  static constexpr const char* name = "monotonized_central";
  template <class Real>
  [[nodiscard]] Real operator()(const Real& backward, const Real& forward) const {
    const Real smallest = 2.0 * smaller(magnitude(backward), magnitude(forward));
    const Real central = 0.5 * (backward + forward);
    const Real size = smaller(smallest, magnitude(central));
    return select(backward * forward > 0.0, select(central > 0.0, size, -size), Real(0.0));
  }
};

template <class Limiter>
struct Muscl {
  static constexpr const char* name = Limiter::name;
  static constexpr int radius = 1;
  static constexpr bool keeps_range = true;
  /// Values on the low and on the high edge of the middle cell. @param q  averages of cells -1, 0, 1.
  template <class Real>
  [[nodiscard]] std::array<Real, 2> operator()(const std::array<Real, 3>& q) const {
    const Real half = 0.5 * Limiter{}(q[1] - q[0], q[2] - q[1]);
    return {q[1] - half, q[1] + half};
  }
};

}  // namespace eddyline
