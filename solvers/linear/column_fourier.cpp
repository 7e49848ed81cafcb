#include "solvers/linear/column_fourier.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace eddyline {
namespace {

/// One number w of the unit circle, its imaginary part with the sign of the
/// transform.
struct Turn {
  double c, s;
};

void two(const double* a, const double* b, double* y, std::int64_t leap, Turn w, std::int64_t length) {
  double* z = y + leap;
#pragma omp simd
  for (std::int64_t i = 0; i < length; i += 2) {
    const double real = a[i] - b[i], imaginary = a[i + 1] - b[i + 1];
    y[i] = a[i] + b[i];
    y[i + 1] = a[i + 1] + b[i + 1];
    z[i] = w.c * real - w.s * imaginary;
    z[i + 1] = w.c * imaginary + w.s * real;
  }
}

template <bool Back>
void four(const double* a, std::int64_t jump, double* y, std::int64_t leap, Turn w1, Turn w2, Turn w3,
          std::int64_t length) {
  const double *b = a + jump, *c = b + jump, *d = c + jump;
  double *y1 = y + leap, *y2 = y1 + leap, *y3 = y2 + leap;
  constexpr double side = Back ? -1 : 1;
#pragma omp simd
  for (std::int64_t i = 0; i < length; i += 2) {
    const double sum_real = a[i] + c[i], sum_imaginary = a[i + 1] + c[i + 1];
    const double gap_real = a[i] - c[i], gap_imaginary = a[i + 1] - c[i + 1];
    const double odd_real = b[i] + d[i], odd_imaginary = b[i + 1] + d[i + 1];
    const double turned_real = side * (b[i + 1] - d[i + 1]),
                 turned_imaginary = -side * (b[i] - d[i]);  // -+i (b - d)
    y[i] = sum_real + odd_real;
    y[i + 1] = sum_imaginary + odd_imaginary;
    const double one_real = gap_real + turned_real, one_imaginary = gap_imaginary + turned_imaginary;
    const double two_real = sum_real - odd_real, two_imaginary = sum_imaginary - odd_imaginary;
    const double three_real = gap_real - turned_real, three_imaginary = gap_imaginary - turned_imaginary;
    y1[i] = w1.c * one_real - w1.s * one_imaginary;
    y1[i + 1] = w1.c * one_imaginary + w1.s * one_real;
    y2[i] = w2.c * two_real - w2.s * two_imaginary;
    y2[i + 1] = w2.c * two_imaginary + w2.s * two_real;
    y3[i] = w3.c * three_real - w3.s * three_imaginary;
    y3[i + 1] = w3.c * three_imaginary + w3.s * three_real;
  }
}

/// y += w x.
void add_turned(const double* x, double* y, Turn w, std::int64_t length) {
#pragma omp simd
  for (std::int64_t i = 0; i < length; i += 2) {
    const double real = w.c * x[i] - w.s * x[i + 1], imaginary = w.c * x[i + 1] + w.s * x[i];
    y[i] += real;
    y[i + 1] += imaginary;
  }
}

}  // namespace

ColumnFourier::ColumnFourier(std::int64_t points) : points_(points) {
  std::int64_t left = points, stride = 1;
  while (left > 1) {
    std::int64_t radix = left % 4 == 0 ? 4 : 2;
    while (left % radix != 0) ++radix;
    Stage stage{radix, left / radix, stride, {}, {}, {}, {}};
    const auto angle = [](std::int64_t numerator, std::int64_t denominator) {
      return 2 * std::numbers::pi * static_cast<double>(numerator % denominator) / static_cast<double>(denominator);
    };
    for (std::int64_t p = 0; p < stage.blocks; ++p)
      for (std::int64_t j = 0; j < radix; ++j) {
        stage.cosine.push_back(std::cos(angle(p * j, left)));
        stage.sine.push_back(std::sin(angle(p * j, left)));
      }
    for (std::int64_t j = 0; j < radix; ++j) {
      stage.root_cosine.push_back(std::cos(angle(j, radix)));
      stage.root_sine.push_back(std::sin(angle(j, radix)));
    }
    stages_.push_back(std::move(stage));
    left /= radix;
    stride *= radix;
  }
}

template <bool Back>
void ColumnFourier::transform(const double* in, double* out, std::int64_t length, double* scratch) const {
  if (stages_.empty()) {
    std::copy_n(in, points_ * length, out);
    return;
  }
  constexpr double side = Back ? 1 : -1;
  const double* from = in;
  for (std::size_t number = 0; number < stages_.size(); ++number) {
    const Stage& stage = stages_[number];
    double* to = (stages_.size() - number) % 2 == 1 ? out : scratch;  // the last stage ends in `out`
    const std::int64_t r = stage.radix, jump = stage.stride * stage.blocks * length, leap = stage.stride * length;
    for (std::int64_t p = 0; p < stage.blocks; ++p) {
      const auto turn = [&](std::int64_t j) {
        const auto at = static_cast<std::size_t>(p * r + j);
        return Turn{stage.cosine[at], side * stage.sine[at]};
      };
      // Rows of one block lie side by side: they are one long row.
      const double* x = from + stage.stride * p * length;
      double* y = to + stage.stride * r * p * length;
      if (r == 4) {
        four<Back>(x, jump, y, leap, turn(1), turn(2), turn(3), leap);
      } else if (r == 2) {
        two(x, x + jump, y, leap, turn(1), leap);
      } else {
        for (std::int64_t j = 0; j < r; ++j) {
          std::fill_n(y + j * leap, leap, 0.0);
          const Turn outer = turn(j);
          for (std::int64_t k = 0; k < r; ++k) {
            const auto at = static_cast<std::size_t>(j * k % r);
            const double c = stage.root_cosine[at], s = side * stage.root_sine[at];
            add_turned(x + k * jump, y + j * leap, {outer.c * c - outer.s * s, outer.c * s + outer.s * c}, leap);
          }
        }
      }
    }
    from = to;
  }
}

void ColumnFourier::forward(const double* in, double* out, std::int64_t length, double* scratch) const {
  transform<false>(in, out, length, scratch);
}
void ColumnFourier::backward(const double* in, double* out, std::int64_t length, double* scratch) const {
  transform<true>(in, out, length, scratch);
}

}  // namespace eddyline
