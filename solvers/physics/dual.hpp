#pragma once
// Dual numbers: a value and its derivative along one direction, carried through the same pointwise physics.

#include <cmath>

#include "solvers/physics/scalar.hpp"

namespace eddyline {

template <class Real>
struct DualNumber {
  Real value{}, derivative{};
  DualNumber() = default;
  DualNumber(double constant) : value(constant), derivative(0.0) {}  // a constant is a number like any other
  DualNumber(const Real& at, const Real& along) : value(at), derivative(along) {}

  friend DualNumber operator-(const DualNumber& a) { return {-a.value, -a.derivative}; }
  friend DualNumber operator+(const DualNumber& a, const DualNumber& b) {
    return {a.value + b.value, a.derivative + b.derivative};
  }
  friend DualNumber operator-(const DualNumber& a, const DualNumber& b) {
    return {a.value - b.value, a.derivative - b.derivative};
  }
  friend DualNumber operator*(const DualNumber& a, const DualNumber& b) {
    return {a.value * b.value, a.derivative * b.value + a.value * b.derivative};
  }
  friend DualNumber operator/(const DualNumber& a, const DualNumber& b) {
    return {a.value / b.value, (a.derivative * b.value - a.value * b.derivative) / (b.value * b.value)};
  }
  friend DualNumber sqrt(const DualNumber& a) {
    using std::sqrt;
    const Real root = sqrt(a.value);
    return {root, 0.5 * a.derivative / root};
  }
  friend auto operator<(const DualNumber& a, const DualNumber& b) { return a.value < b.value; }
  friend auto operator>(const DualNumber& a, const DualNumber& b) { return a.value > b.value; }
  friend auto operator>=(const DualNumber& a, const DualNumber& b) { return a.value >= b.value; }
};

using Dual = DualNumber<double>;

}  // namespace eddyline
