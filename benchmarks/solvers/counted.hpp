#pragma once
// Pointwise physics run with numbers that count: how many operations a flux or a reconstruction takes.

#include <cmath>

namespace eddyline::benchmarks {

/// A division or a root counts as one operation; comparisons and selections as none.
struct Counted {
  double value = 0;
  static inline long operations = 0;
  Counted() = default;
  Counted(double at) : value(at) {}
  static Counted made(double value) {
    ++operations;
    return {value};
  }
  friend Counted operator-(const Counted& a) { return {-a.value}; }
  friend Counted operator+(const Counted& a, const Counted& b) { return made(a.value + b.value); }
  friend Counted operator-(const Counted& a, const Counted& b) { return made(a.value - b.value); }
  friend Counted operator*(const Counted& a, const Counted& b) { return made(a.value * b.value); }
  friend Counted operator/(const Counted& a, const Counted& b) { return made(a.value / b.value); }
  friend Counted sqrt(const Counted& a) { return made(std::sqrt(a.value)); }
  friend bool operator<(const Counted& a, const Counted& b) { return a.value < b.value; }
  friend bool operator>(const Counted& a, const Counted& b) { return a.value > b.value; }
  friend bool operator>=(const Counted& a, const Counted& b) { return a.value >= b.value; }
};

/// Operations of one call.
template <class Call>
[[nodiscard]] long operations_of(const Call& call) {
  Counted::operations = 0;
  static_cast<void>(call());
  return Counted::operations;
}

}  // namespace eddyline::benchmarks
