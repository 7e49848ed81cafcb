#pragma once
// Products of sines and cosines along the axes of a box, summed: a smooth function of position.

#include <array>
#include <cstdint>
#include <vector>

namespace eddyline {

/// The functions of one axis: cos(n k (x - origin)) and sin(n k (x - origin)).
struct TrigonometricAxis {
  struct Function {
    std::int64_t wave = 0;  // n
    bool is_sine = false;
    [[nodiscard]] bool operator==(const Function&) const = default;
  };
  double origin = 0, wavenumber = 1;  // k, radians per length
  std::vector<Function> functions;
};

/// f(x, y, z) = sum over a, b, c of coefficient[c][b][a] X_a(x) Y_b(y) Z_c(z) in one to three dimensions. Points are
/// cheap when y and z stay the same from one to the next. Not thread-safe: copy it.
class TrigonometricSeries {
 public:
  /// @param coefficients  one for each product, functions of x fastest.
  TrigonometricSeries(std::vector<TrigonometricAxis> axes, std::vector<double> coefficients);
  [[nodiscard]] double operator()(double x, double y = 0, double z = 0);
  /// df/d(axis), exact.
  [[nodiscard]] TrigonometricSeries derivative(int axis) const;
  [[nodiscard]] TrigonometricSeries times(double factor) const;
  /// Mean of the product of two series on the same box over the ranges in which their functions are orthogonal: a whole
  /// period, or half of one where an axis has sines only or cosines only.
  friend double mean_product(const TrigonometricSeries& a, const TrigonometricSeries& b);

 private:
  void evaluate(std::size_t axis, double x);
  std::vector<TrigonometricAxis> axes_;
  std::vector<double> coefficients_;
  std::array<std::vector<double>, 3> values_;  // of the functions at the point
  std::vector<double> plane_, line_;           // summed over z; over z and y
  double y_, z_;                               // where plane_ and line_ are valid
};

}  // namespace eddyline
