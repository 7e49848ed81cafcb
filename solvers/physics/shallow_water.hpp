#pragma once
// The shallow-water equations over a fixed bed, at one point:
//   dh/dt + div(h u) = 0,  d(h u)/dt + div(h u u) + grad(g h^2 / 2) = -g h grad b.
// Primitive state: depth h, velocity, level h + b. The bed enters by hydrostatic reconstruction: a lake at rest stays
// so, with dry ground too, and depths stay non-negative. Audusse, Bouchut, Bristeau, Klein & Perthame, SIAM J. Sci.
// Comput. 25 (2004) 2050.

#include "solvers/physics/scalar.hpp"

namespace eddyline {

template <int Dimension>
struct ShallowWater {
  static constexpr int dimension = Dimension;
  static constexpr int conserved_count = 1 + Dimension;  // h, h u, (h v)
  static constexpr int primitive_count = 2 + Dimension;  // h, u, (v,) level
  static constexpr int first_vector = 1, level = 1 + Dimension;
  static constexpr bool has_bed = true, has_gradient_flux = false;
  static constexpr std::array<int, 1> positive = {0};
  template <class Real>
  using State = std::array<Real, primitive_count>;
  template <class Real>
  using Conserved = std::array<Real, conserved_count>;

  double gravity = 9.81;  // g

  /// Shallower water has no velocity; depths may miss zero by as much.
  template <class Real>
  static constexpr double dry_depth = is_single_precision<Real> ? 1e-5 : 1e-8;

  template <class Real>
  [[nodiscard]] Conserved<Real> conserved(const State<Real>& w) const {
    Conserved<Real> u;
    u[0] = w[0];
    for (int d = 1; d <= Dimension; ++d) u[d] = w[0] * w[d];
    return u;
  }
  template <class Real>
  [[nodiscard]] State<Real> primitive(const Conserved<Real>& u, const Real& bed) const {
    const auto is_wet = u[0] > dry_depth<Real>;
    const Real inverse = 1.0 / select(is_wet, u[0], Real(1.0));
    State<Real> w;
    w[0] = u[0];
    for (int d = 1; d <= Dimension; ++d) w[d] = select(is_wet, u[d] * inverse, Real(0.0));
    w[level] = u[0] + bed;
    return w;
  }
  template <class Real>
  [[nodiscard]] Conserved<Real> flux(const State<Real>& w) const {
    Conserved<Real> f;
    const Real mass = w[0] * w[1];
    f[0] = mass;
    f[1] = mass * w[1] + 0.5 * gravity * (w[0] * w[0]);
    for (int d = 2; d <= Dimension; ++d) f[d] = mass * w[d];
    return f;
  }
  template <class Real>
  [[nodiscard]] Real wave_speed(const State<Real>& w) const {
    using std::sqrt;
    return sqrt(gravity * larger(w[0], Real(0.0)));
  }
  template <class Real>
  [[nodiscard]] std::array<Real, 2> signal_speeds(const State<Real>& w) const {
    const Real c = wave_speed(w);
    return {w[1] - c, w[1] + c};
  }

  /// Fluxes as the cells on the left and on the right see them: both sides are cut off at the higher bed
  /// (eqs. 2.9-2.13).
  template <class NumericalFlux, class Real>
  [[nodiscard]] std::array<Conserved<Real>, 2> balanced_flux(const NumericalFlux& numerical, const State<Real>& left,
                                                             const State<Real>& right) const {
    const Real bed = larger(left[level] - left[0], right[level] - right[0]), zero = 0.0;
    State<Real> cut_left = left, cut_right = right;
    cut_left[0] = larger(left[level] - bed, zero);
    cut_right[0] = larger(right[level] - bed, zero);
    std::array<Conserved<Real>, 2> seen;
    seen[0] = numerical(*this, cut_left, cut_right);
    seen[1] = seen[0];
    seen[0][1] = seen[0][1] + 0.5 * gravity * (left[0] * left[0] - cut_left[0] * cut_left[0]);
    seen[1][1] = seen[1][1] + 0.5 * gravity * (right[0] * right[0] - cut_right[0] * cut_right[0]);
    return seen;
  }
  /// The slope of the bed inside a cell, between its low and its high edge, times the cell width (eq. 4.4).
  template <class Real>
  [[nodiscard]] Conserved<Real> cell_source(const State<Real>& low, const State<Real>& high) const {
    Conserved<Real> rate{};
    for (auto& component : rate) component = 0.0;
    rate[1] = 0.5 * gravity * (low[0] + high[0]) * ((low[level] - low[0]) - (high[level] - high[0]));
    return rate;
  }

  template <class Real>
  [[nodiscard]] Real rate(const State<Real>& w, const std::array<double, 3>& inverse_width) const {
    const Real c = wave_speed(w);
    Real sum = 0.0;
    for (int d = 1; d <= Dimension; ++d) sum = sum + (magnitude(w[d]) + c) * inverse_width[d - 1];
    return sum;
  }
  template <class Real>
  [[nodiscard]] auto is_admissible(const State<Real>& w) const {
    return w[0] > -dry_depth<Real> && magnitude(w[1]) < largest_magnitude<Real>;
  }
};

}  // namespace eddyline
