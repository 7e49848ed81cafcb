#pragma once
// Godunov's first-order reconstruction: the cell average. Godunov, Mat. Sbornik 47 (1959) 271.

#include "solvers/physics/scalar.hpp"

namespace eddyline {

struct PiecewiseConstant {
  static constexpr const char* name = "piecewise_constant";
  static constexpr int radius = 0;
  static constexpr bool keeps_range = true;
  template <class Real>
  [[nodiscard]] std::array<Real, 2> operator()(const std::array<Real, 1>& q) const {
    return {q[0], q[0]};
  }
};

}  // namespace eddyline
