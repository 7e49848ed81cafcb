#pragma once
// The HLLC flux: two star states beside a contact wave. Toro, Spruce & Speares, Shock Waves 4 (1994) 25;
// Toro, Riemann Solvers and Numerical Methods for Fluid Dynamics, 3rd ed. (2009), section 10.4, with the signal speeds
// of Davis (eq. 10.48).

#include "solvers/physics/compressible_euler.hpp"

namespace eddyline {

struct Hllc {
  static constexpr const char* name = "hllc";

  /// The state on the face (the left or right state, or the star state beside it) is selected first; the flux of a star
  /// state is the physical flux of its density, S*, p* and E*, so one flux is evaluated.
  template <int Dimension, class Primitive>
  [[nodiscard]] auto operator()(const CompressibleEuler<Dimension>& gas, const Primitive& left,
                                const Primitive& right) const {
    using Real = typename Primitive::value_type;
    constexpr int pressure = CompressibleEuler<Dimension>::pressure;
    const auto from_left = gas.signal_speeds(left), from_right = gas.signal_speeds(right);
    const Real slow = smaller(from_left[0], from_right[0]), fast = larger(from_left[1], from_right[1]);
    // Mass that each outer wave sweeps up a unit time: rho_K (S_K - u_K).
    const Real swept_left = left[0] * (slow - left[1]), swept_right = right[0] * (fast - right[1]);
    const Real contact = ((right[pressure] - left[pressure]) + (left[1] * swept_left - right[1] * swept_right)) /
                         (swept_left - swept_right);  // S*, eq. 10.37
    const auto is_left = contact >= 0.0;
    Primitive w;
    for (std::size_t k = 0; k < w.size(); ++k) w[k] = select(is_left, left[k], right[k]);
    const Real outer = select(is_left, slow, fast), swept = select(is_left, swept_left, swept_right);
    const Real inverse = 1.0 / (outer - contact);
    const Real energy = w[pressure] * (1 / (gas.gamma - 1)) + gas.kinetic_energy(w);
    const Real star_pressure = w[pressure] + swept * (contact - w[1]);  // eq. 10.36
    const Real star_energy =
        ((outer - w[1]) * energy + (star_pressure * contact - w[pressure] * w[1])) * inverse;  // Rankine-Hugoniot
    const auto is_star = slow < 0.0 && fast > 0.0;
    w[0] = select(is_star, swept * inverse, w[0]);  // eq. 10.39
    w[1] = select(is_star, contact, w[1]);
    w[pressure] = select(is_star, star_pressure, w[pressure]);
    return gas.flux(w, select(is_star, star_energy, energy));
  }
};

}  // namespace eddyline
