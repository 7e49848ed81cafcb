#pragma once
// Fifth-order WENO-Z reconstruction. Jiang & Shu, J. Comput. Phys. 126 (1996) 202; Borges, Carmona, Costa & Don,
// J. Comput. Phys. 227 (2008) 3191 (weights, eq. 28, with power 2).

#include "solvers/physics/scalar.hpp"

namespace eddyline {

struct Weno5z {
  static constexpr const char* name = "weno5z";
  static constexpr int radius = 2;
  static constexpr bool keeps_range = false;

  /// Values on the low and on the high edge of the middle cell. @param q  averages of cells -2 .. 2.
  template <class Real>
  [[nodiscard]] std::array<Real, 2> operator()(const std::array<Real, 5>& q) const {
    // Far below any smoothness indicator that matters; its sixth power is still a normal number. Float has no such
    // number: there the indicators are taken relative to their sum.
    constexpr double tiny = is_single_precision<Real> ? 1e-6 : 1e-36;
    const auto square = [](const Real& a) { return a * a; };
    // Smoothness of the three parabolas (Jiang & Shu, eqs. 3.2-3.4); symmetric under reversal of the stencil.
    const Real second_low = (q[0] + q[2]) - 2.0 * q[1], second_mid = (q[1] + q[3]) - 2.0 * q[2],
               second_high = (q[2] + q[4]) - 2.0 * q[3];
    Real low = 13.0 / 12 * square(second_low) + 0.25 * square((q[0] + 3.0 * q[2]) - 4.0 * q[1]);
    Real mid = 13.0 / 12 * square(second_mid) + 0.25 * square(q[1] - q[3]);
    Real high = 13.0 / 12 * square(second_high) + 0.25 * square((q[4] + 3.0 * q[2]) - 4.0 * q[3]);
    if constexpr (is_single_precision<Real>) {
      const Real scale = 1.0 / (((low + high) + mid) + 1e-30);
      low = low * scale;
      mid = mid * scale;
      high = high * scale;
    }
    low = low + tiny;
    mid = mid + tiny;
    high = high + tiny;
    // alpha_k = d_k (1 + (tau / beta_k)^2), all multiplied by (beta_0 beta_1 beta_2)^2: no division a parabola.
    const Real tau = low - high, outer = low * high, all = square(outer * mid);
    const Real weight_low = all + square(tau * (mid * high)), weight_mid = all + square(tau * outer),
               weight_high = all + square(tau * (low * mid));
    // The parabolas on the two edges, each times 6, less the cell average.
    const Real a = q[1] - q[2], b = q[3] - q[2], aa = q[0] - q[2], bb = q[4] - q[2];
    const auto blend = [](const Real& near, const Real& middle, const Real& far, const Real& w_near,
                          const Real& w_middle, const Real& w_far) {
      // d = 3/10 for the parabola that leans over the edge, 6/10 for the centred one, 1/10 for the far one.
      const Real n = 3.0 * w_near, m = 6.0 * w_middle, f = w_far;
      return ((n * near + m * middle) + f * far) / (6.0 * ((n + m) + f));
    };
    const Real to_high = blend(5.0 * b - bb, 2.0 * b - a, 2.0 * aa - 7.0 * a, weight_high, weight_mid, weight_low);
    const Real to_low = blend(5.0 * a - aa, 2.0 * a - b, 2.0 * bb - 7.0 * b, weight_low, weight_mid, weight_high);
    return {q[2] + to_low, q[2] + to_high};
  }
};

}  // namespace eddyline
