#pragma once
// Rusanov's flux (local Lax-Friedrichs): the mean of both fluxes less the jump times the fastest signal.
// Toro, Riemann Solvers and Numerical Methods for Fluid Dynamics, 3rd ed. (2009), eqs. 10.55-10.56.

#include "solvers/physics/scalar.hpp"

namespace eddyline {

struct Rusanov {
  static constexpr const char* name = "rusanov";

  template <class Physics, class Primitive>
  [[nodiscard]] auto operator()(const Physics& physics, const Primitive& left, const Primitive& right) const {
    using Real = typename Primitive::value_type;
    const auto from_left = physics.signal_speeds(left), from_right = physics.signal_speeds(right);
    const Real speed = larger(larger(magnitude(from_left[0]), magnitude(from_left[1])),
                              larger(magnitude(from_right[0]), magnitude(from_right[1])));
    const auto u_left = physics.conserved(left), u_right = physics.conserved(right);
    auto f = physics.flux(left);
    const auto f_right = physics.flux(right);
    for (std::size_t k = 0; k < f.size(); ++k) f[k] = 0.5 * ((f[k] + f_right[k]) - speed * (u_right[k] - u_left[k]));
    return f;
  }
};

}  // namespace eddyline
