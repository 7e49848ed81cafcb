#pragma once
// Roe's flux with Harten's entropy fix. Roe, J. Comput. Phys. 43 (1981) 357; Harten, J. Comput. Phys. 49 (1983) 357;
// Toro, Riemann Solvers and Numerical Methods for Fluid Dynamics, 3rd ed. (2009), sections 11.2 and 11.4.

#include "solvers/physics/compressible_euler.hpp"

namespace eddyline {

struct Roe {
  static constexpr const char* name = "roe";
  /// Acoustic speeds below this part of the sound speed are smoothed.
  static constexpr double entropy_fix = 0.2;

  template <int Dimension, class Primitive>
  [[nodiscard]] auto operator()(const CompressibleEuler<Dimension>& gas, const Primitive& left,
                                const Primitive& right) const {
    using Real = typename Primitive::value_type;
    using std::sqrt;
    constexpr int pressure = CompressibleEuler<Dimension>::pressure;
    const auto u_left = gas.conserved(left), u_right = gas.conserved(right);
    const Real root_left = sqrt(left[0]), root_right = sqrt(right[0]);
    const Real inverse = 1.0 / (root_left + root_right);
    const auto mean = [&](const Real& a, const Real& b) { return (root_left * a + root_right * b) * inverse; };
    // Roe averages, eq. 11.118.
    Primitive average;
    for (int d = 1; d <= Dimension; ++d) average[d] = mean(left[d], right[d]);
    average[0] = root_left * root_right;
    const Real enthalpy =
        mean((u_left[pressure] + left[pressure]) / left[0], (u_right[pressure] + right[pressure]) / right[0]);
    Primitive unit = average;
    unit[0] = 1.0;
    const Real half_square = gas.kinetic_energy(unit);
    const Real square = (gas.gamma - 1) * (enthalpy - half_square), c = sqrt(square), u = average[1];
    // Wave strengths in primitive jumps, eq. 11.113.
    const Real du = right[1] - left[1], dp = right[pressure] - left[pressure];
    const Real scale = 0.5 / square;
    const Real backward = (dp - average[0] * c * du) * scale, forward = (dp + average[0] * c * du) * scale;
    const Real entropy = (right[0] - left[0]) - dp / square;
    const Real width = entropy_fix * c;
    const auto smoothed = [&](const Real& speed) {
      const Real size = magnitude(speed);
      return select(size < width, Real(0.5) * (size * size / width + width), size);
    };
    const Real slow = smoothed(u - c) * backward, fast = smoothed(u + c) * forward, contact = magnitude(u);
    auto f = gas.flux(left);
    const auto f_right = gas.flux(right);
    auto dissipation = f;
    dissipation[0] = (slow + fast) + contact * entropy;
    dissipation[1] = (slow * (u - c) + fast * (u + c)) + contact * entropy * u;
    Real shear = 0.0;
    for (int d = 2; d <= Dimension; ++d) {
      const Real jump = average[0] * (right[d] - left[d]);
      dissipation[d] = (slow + fast) * average[d] + contact * (entropy * average[d] + jump);
      shear = shear + jump * average[d];
    }
    dissipation[pressure] =
        (slow * (enthalpy - u * c) + fast * (enthalpy + u * c)) + contact * (entropy * half_square + shear);
    for (std::size_t k = 0; k < f.size(); ++k) f[k] = 0.5 * ((f[k] + f_right[k]) - dissipation[k]);
    return f;
  }
};

}  // namespace eddyline
