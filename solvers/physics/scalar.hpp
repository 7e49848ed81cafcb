#pragma once
// The numbers that pointwise physics is written for: float, double, packs of doubles (one for each of several cells at
// once) and dual numbers. Branches go through `select`, so that every lane of a pack takes its own.

#include <array>
#include <cmath>
#include <experimental/simd>

namespace eddyline {

/// As many doubles as a register of the target holds; arithmetic, comparisons and sqrt work lane by lane.
using Pack = std::experimental::native_simd<double>;

/// `chosen` where the condition holds, else `other`.
template <class Real>
[[nodiscard]] constexpr Real select(bool condition, const Real& chosen, const Real& other) {
  return condition ? chosen : other;
}
[[nodiscard]] inline Pack select(const Pack::mask_type& condition, const Pack& chosen, const Pack& other) {
  Pack result = other;
  std::experimental::where(condition, result) = chosen;
  return result;
}

/// The larger and the smaller of two; the second when the first is not a number.
template <class Real>
[[nodiscard]] constexpr Real larger(const Real& a, const Real& b) {
  return select(a > b, a, b);
}
template <class Real>
[[nodiscard]] constexpr Real smaller(const Real& a, const Real& b) {
  return select(a < b, a, b);
}
template <class Real>
[[nodiscard]] constexpr Real magnitude(const Real& a) {
  return larger(a, -a);
}

/// Whether a condition holds in all lanes.
[[nodiscard]] constexpr bool holds_everywhere(bool condition) { return condition; }
[[nodiscard]] inline bool holds_everywhere(const Pack::mask_type& condition) {
  return std::experimental::all_of(condition);
}

/// The largest lane.
[[nodiscard]] constexpr double largest_lane(double value) { return value; }
[[nodiscard]] inline double largest_lane(const Pack& value) { return std::experimental::hmax(value); }

}  // namespace eddyline
