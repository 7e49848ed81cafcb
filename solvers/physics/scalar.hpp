#pragma once
// The numbers that pointwise physics is written for: float, double, packs of either (one for each of several cells at
// once) and dual numbers. Branches go through `select`, so that every lane of a pack takes its own.

#include <array>
#include <cmath>
#include <experimental/simd>

namespace eddyline {

/// Several numbers of one type that go through the same arithmetic, lane by lane. Constants of the formulas are double
/// and are rounded to the type of the lanes.
template <class Simd>
struct Lanes {
  using Element = typename Simd::value_type;
  using Mask = typename Simd::mask_type;
  Simd lanes;

  Lanes() = default;
  Lanes(double constant) : lanes(static_cast<Element>(constant)) {}
  Lanes(const Simd& value) : lanes(value) {}
  [[nodiscard]] static constexpr std::size_t size() { return Simd::size(); }

  friend Lanes operator-(const Lanes& a) { return -a.lanes; }
  friend Lanes operator+(const Lanes& a, const Lanes& b) { return a.lanes + b.lanes; }
  friend Lanes operator-(const Lanes& a, const Lanes& b) { return a.lanes - b.lanes; }
  friend Lanes operator*(const Lanes& a, const Lanes& b) { return a.lanes * b.lanes; }
  friend Lanes operator/(const Lanes& a, const Lanes& b) { return a.lanes / b.lanes; }
  friend Mask operator<(const Lanes& a, const Lanes& b) { return a.lanes < b.lanes; }
  friend Mask operator>(const Lanes& a, const Lanes& b) { return a.lanes > b.lanes; }
  friend Mask operator>=(const Lanes& a, const Lanes& b) { return a.lanes >= b.lanes; }
  friend Lanes sqrt(const Lanes& a) { return std::experimental::sqrt(a.lanes); }
  /// `chosen` where the condition holds, else `other`.
  friend Lanes select(const Mask& condition, const Lanes& chosen, const Lanes& other) {
    Simd result = other.lanes;
    std::experimental::where(condition, result) = chosen.lanes;
    return result;
  }
};

/// As many numbers as a register of the target holds.
template <class Element>
using Pack = Lanes<std::experimental::native_simd<Element>>;
/// One number with the arithmetic of a pack: float stays float, whatever the type of the constants.
template <class Element>
using Single = Lanes<std::experimental::simd<Element, std::experimental::simd_abi::scalar>>;

template <class Real>
[[nodiscard]] constexpr Real select(bool condition, const Real& chosen, const Real& other) {
  return condition ? chosen : other;
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
template <class Mask>
[[nodiscard]] inline bool holds_everywhere(const Mask& condition) {
  return std::experimental::all_of(condition);
}

/// The largest lane.
template <class Simd>
[[nodiscard]] inline typename Simd::value_type largest_lane(const Lanes<Simd>& value) {
  return std::experimental::hmax(value.lanes);
}

/// Whether a number has the 24 bits of float; thresholds against round-off depend on it.
template <class Real>
inline constexpr bool is_single_precision = false;
template <>
inline constexpr bool is_single_precision<float> = true;
template <class Simd>
inline constexpr bool is_single_precision<Lanes<Simd>> = is_single_precision<typename Simd::value_type>;

/// Beyond this a state that has no bounds of its own is taken for blown up: its square is still finite.
template <class Real>
inline constexpr double largest_magnitude = is_single_precision<Real> ? 1e18 : 1e150;

}  // namespace eddyline
