#pragma once
// Linear waves, at one point: the wave equation d2u/dt2 = c^2 lap u as the system of first order
//   du/dt + c^2 div v = 0,  dv/dt + grad u = 0.
// With v = 0 at the start, u starts from rest; in acoustics u is the pressure and v the velocity, at density 1.
// LeVeque, Finite Volume Methods for Hyperbolic Problems (2002), section 2.7.

#include "solvers/physics/scalar.hpp"

namespace eddyline {

template <int Dimension>
struct Wave {
  static constexpr int dimension = Dimension, conserved_count = 1 + Dimension, primitive_count = 1 + Dimension;
  static constexpr int first_vector = 1;
  static constexpr bool has_bed = false, has_gradient_flux = false;
  static constexpr std::array<int, 0> positive{};
  template <class Real>
  using State = std::array<Real, conserved_count>;

  double speed = 1;  // c

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
    State<Real> f;
    f[0] = speed * speed * w[1];
    f[1] = w[0];
    for (int d = 2; d <= Dimension; ++d) f[d] = 0.0;
    return f;
  }
  template <class Real>
  [[nodiscard]] std::array<Real, 2> signal_speeds(const State<Real>&) const {
    return {Real(-speed), Real(speed)};
  }
  template <class Real>
  [[nodiscard]] Real rate(const State<Real>&, const std::array<double, 3>& inverse_width) const {
    double sum = 0;
    for (std::size_t d = 0; d < Dimension; ++d) sum += speed * inverse_width[d];
    return Real(sum);
  }
  template <class Real>
  [[nodiscard]] auto is_admissible(const State<Real>& w) const {
    return magnitude(w[0]) < largest_magnitude<Real>;
  }
};

}  // namespace eddyline
