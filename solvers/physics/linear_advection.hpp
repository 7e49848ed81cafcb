#pragma once
// A scalar carried by a constant velocity, with diffusion, at one point: dq/dt + div(a q) = D lap q. The velocity
// travels with the primitive state, so that a face sees its normal component first.

#include "solvers/physics/scalar.hpp"

namespace eddyline {

template <int Dimension>
struct LinearAdvection {
  static constexpr int dimension = Dimension;
  static constexpr int conserved_count = 1, primitive_count = 1 + Dimension, first_vector = 1;
  static constexpr bool has_bed = false, has_gradient_flux = true;
  static constexpr std::array<int, 0> positive{};
  template <class Real>
  using State = std::array<Real, primitive_count>;

  std::array<double, 3> velocity{};  // a
  double diffusivity = 0;            // D

  template <class Real>
  [[nodiscard]] std::array<Real, 1> conserved(const State<Real>& w) const {
    return {w[0]};
  }
  template <class Real>
  [[nodiscard]] State<Real> primitive(const std::array<Real, 1>& u) const {
    State<Real> w;
    w[0] = u[0];
    for (std::size_t d = 0; d < Dimension; ++d) w[d + 1] = velocity[d];
    return w;
  }
  template <class Real>
  [[nodiscard]] std::array<Real, 1> flux(const State<Real>& w) const {
    return {w[1] * w[0]};
  }
  template <class Real>
  [[nodiscard]] std::array<Real, 2> signal_speeds(const State<Real>& w) const {
    return {w[1], w[1]};
  }
  /// Fourth order, as for Burgers' equation.
  template <class Real>
  [[nodiscard]] std::array<Real, 1> gradient_flux(const std::array<State<Real>, 4>& w, double inverse_width) const {
    const Real f = (15.0 * (w[1][0] - w[2][0]) - (w[0][0] - w[3][0])) * (diffusivity * inverse_width / 12);
    return {f};
  }
  template <class Real>
  [[nodiscard]] Real rate(const State<Real>& w, const std::array<double, 3>& inverse_width) const {
    Real sum = 0.0;
    for (std::size_t d = 0; d < Dimension; ++d)
      sum = sum + (magnitude(w[d + 1]) + 8.0 / 3 * diffusivity * inverse_width[d]) * inverse_width[d];
    return sum;
  }
  template <class Real>
  [[nodiscard]] auto is_admissible(const State<Real>& w) const {
    return magnitude(w[0]) < largest_magnitude<Real>;
  }
};

}  // namespace eddyline
