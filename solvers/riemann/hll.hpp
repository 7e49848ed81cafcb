#pragma once
// The flux of Harten, Lax and van Leer (SIAM Review 25 (1983) 35): one averaged state between the slowest and the
// fastest signal, estimated from both sides (Davis, SIAM J. Sci. Stat. Comput. 9 (1988) 445).
// Toro, Riemann Solvers and Numerical Methods for Fluid Dynamics, 3rd ed. (2009), eqs. 10.21, 10.48.

#include "solvers/physics/scalar.hpp"

namespace eddyline {

struct Hll {
  static constexpr const char* name = "hll";

  template <class Physics, class Primitive>
  [[nodiscard]] auto operator()(const Physics& physics, const Primitive& left, const Primitive& right) const {
    using Real = typename Primitive::value_type;
    const auto from_left = physics.signal_speeds(left), from_right = physics.signal_speeds(right);
    const Real zero = 0.0;
    const Real slow = smaller(smaller(from_left[0], from_right[0]), zero),
               fast = larger(larger(from_left[1], from_right[1]), zero);
    constexpr double tiny = is_single_precision<Real> ? 1e-37 : 1e-300;
    const Real inverse = 1.0 / larger(fast - slow, Real(tiny));  // both vanish between two dry cells
    const auto u_left = physics.conserved(left), u_right = physics.conserved(right);
    auto f = physics.flux(left);
    const auto f_right = physics.flux(right);
    for (std::size_t k = 0; k < f.size(); ++k)
      f[k] = ((fast * f[k] - slow * f_right[k]) + fast * slow * (u_right[k] - u_left[k])) * inverse;
    return f;
  }
};

}  // namespace eddyline
