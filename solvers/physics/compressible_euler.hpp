#pragma once
// The compressible Euler equations of an ideal gas, at one point:
//   d rho/dt + div(rho u) = 0,  d(rho u)/dt + div(rho u u) + grad p = 0,  dE/dt + div((E + p) u) = 0,
//   E = p / (gamma - 1) + rho |u|^2 / 2.
// Toro, Riemann Solvers and Numerical Methods for Fluid Dynamics, 3rd ed. (2009), chapter 3.

#include "solvers/physics/scalar.hpp"

namespace eddyline {

template <int Dimension>
struct CompressibleEuler {
  static constexpr int dimension = Dimension;
  static constexpr int conserved_count = Dimension + 2;  // rho, rho u, (rho v, rho w,) E
  static constexpr int primitive_count = Dimension + 2;  // rho, u, (v, w,) p
  static constexpr int first_vector = 1;                 // component 1 of both is normal to the face
  static constexpr int energy = Dimension + 1, pressure = Dimension + 1;
  static constexpr bool has_bed = false, has_gradient_flux = false;
  static constexpr std::array<int, 2> positive = {0, pressure};
  template <class Real>
  using State = std::array<Real, conserved_count>;

  double gamma = 1.4;  // ratio of specific heats

  /// Density of kinetic energy rho |u|^2 / 2 of a primitive state. The components are paired so that exchanging the two
  /// components along a face leaves every bit.
  template <class Real>
  [[nodiscard]] Real kinetic_energy(const State<Real>& w) const {
    Real square = w[1] * w[1];
    if constexpr (Dimension == 2) square = square + w[2] * w[2];
    if constexpr (Dimension == 3) square = square + (w[2] * w[2] + w[3] * w[3]);
    return 0.5 * w[0] * square;
  }

  template <class Real>
  [[nodiscard]] State<Real> conserved(const State<Real>& w) const {
    State<Real> u;
    u[0] = w[0];
    for (int d = 1; d <= Dimension; ++d) u[d] = w[0] * w[d];
    u[energy] = w[pressure] * (1 / (gamma - 1)) + kinetic_energy(w);
    return u;
  }

  template <class Real>
  [[nodiscard]] State<Real> primitive(const State<Real>& u) const {
    const Real inverse = 1.0 / u[0];
    State<Real> w;
    w[0] = u[0];
    for (int d = 1; d <= Dimension; ++d) w[d] = u[d] * inverse;
    w[pressure] = (gamma - 1) * (u[energy] - kinetic_energy(w));
    return w;
  }

  template <class Real>
  [[nodiscard]] Real sound_speed(const State<Real>& w) const {
    using std::sqrt;
    return sqrt(gamma * w[pressure] / w[0]);
  }

  /// Flux through a face with normal +x of density `w[0]`, velocity `w[1..]`, pressure and energy density given apart
  /// (the star states of approximate Riemann solvers have an energy of their own).
  template <class Real>
  [[nodiscard]] State<Real> flux(const State<Real>& w, const Real& energy_density) const {
    State<Real> f;
    const Real mass = w[0] * w[1];
    f[0] = mass;
    f[1] = mass * w[1] + w[pressure];
    for (int d = 2; d <= Dimension; ++d) f[d] = mass * w[d];
    f[energy] = (energy_density + w[pressure]) * w[1];
    return f;
  }
  template <class Real>
  [[nodiscard]] State<Real> flux(const State<Real>& w) const {
    const Real energy_density = w[pressure] * (1 / (gamma - 1)) + kinetic_energy(w);
    return flux(w, energy_density);
  }

  /// Slowest and fastest signal along x: u - c, u + c.
  template <class Real>
  [[nodiscard]] std::array<Real, 2> signal_speeds(const State<Real>& w) const {
    const Real c = sound_speed(w);
    return {w[1] - c, w[1] + c};
  }

  /// Sum over the axes of the largest signal speed over the cell width: 1 / dt at a Courant number of one.
  template <class Real>
  [[nodiscard]] Real rate(const State<Real>& w, const std::array<double, 3>& inverse_width) const {
    const Real c = sound_speed(w);
    Real sum = (magnitude(w[1]) + c) * inverse_width[0];
    for (int d = 2; d <= Dimension; ++d) sum = sum + (magnitude(w[d]) + c) * inverse_width[d - 1];
    return sum;
  }

  template <class Real>
  [[nodiscard]] auto is_admissible(const State<Real>& w) const {
    return w[0] > 0.0 && w[pressure] > 0.0;
  }
};

}  // namespace eddyline
