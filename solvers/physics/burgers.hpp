#pragma once
// Burgers' equation and its relatives, at one point; in several dimensions the same flux acts along every axis:
//   du/dt + d/dx (alpha u^2 / 2 - beta du/dx + gamma d^2u/dx^2) = forcing.
// alpha = 1, gamma = 0 is Burgers' equation with viscosity beta; with all three it is the family E1-E3 of Brandstetter,
// Worrall & Welling, Message Passing Neural PDE Solvers (ICLR 2022), section 4.1, whose alpha is half of ours there.

#include "solvers/physics/scalar.hpp"

namespace eddyline {

template <int Dimension>
struct BurgersFlux {
  static constexpr int dimension = Dimension;
  static constexpr int conserved_count = 1, primitive_count = 1, first_vector = -1;
  static constexpr bool has_bed = false, has_gradient_flux = true;
  static constexpr std::array<int, 0> positive{};
  template <class Real>
  using State = std::array<Real, 1>;

  double convection = 1;  // alpha
  double viscosity = 0;   // beta
  double dispersion = 0;  // gamma

  template <class Real>
  [[nodiscard]] State<Real> conserved(const State<Real>& w) const {
    return w;
  }
  template <class Real>
  [[nodiscard]] State<Real> primitive(const State<Real>& u) const {
    return u;
  }
  template <class Real>
  [[nodiscard]] State<Real> flux(const State<Real>& w) const {
    const Real f = 0.5 * convection * (w[0] * w[0]);
    return {f};
  }
  template <class Real>
  [[nodiscard]] std::array<Real, 2> signal_speeds(const State<Real>& w) const {
    const Real speed = convection * w[0];
    return {speed, speed};
  }
  /// Fourth order: derivatives on the face between cells 1 and 2 from four averages.
  template <class Real>
  [[nodiscard]] State<Real> gradient_flux(const std::array<State<Real>, 4>& w, double inverse_width) const {
    const Real slope = (15.0 * (w[2][0] - w[1][0]) - (w[3][0] - w[0][0])) * (inverse_width / 12);
    const Real curvature = ((w[3][0] + w[0][0]) - (w[2][0] + w[1][0])) * (0.5 * inverse_width * inverse_width);
    const Real f = dispersion * curvature - viscosity * slope;
    return {f};
  }
  /// Runge-Kutta schemes of order two to four reach 2 on the negative real axis, those of order three and four 1.73 on
  /// the imaginary one; the spectra end at 16/3 nu / dx^2 and 2.6 gamma / dx^3.
  template <class Real>
  [[nodiscard]] Real rate(const State<Real>& w, const std::array<double, 3>& inverse_width) const {
    Real sum = 0.0;
    const Real speed = magnitude(convection * w[0]);
    for (int d = 0; d < Dimension; ++d) {
      const double inverse = inverse_width[static_cast<std::size_t>(d)];
      sum = sum + (speed + (8.0 / 3 * viscosity + 1.51 * magnitude(dispersion) * inverse) * inverse) * inverse;
    }
    return sum;
  }
  template <class Real>
  [[nodiscard]] auto is_admissible(const State<Real>& w) const {
    return magnitude(w[0]) < largest_magnitude<Real>;
  }
};

}  // namespace eddyline
