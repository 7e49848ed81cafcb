#include "solvers/linear/line_transform.hpp"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <numbers>
#include <tuple>

#include "solvers/linear/line_eigenvectors.hpp"
#include "solvers/linear/serially.hpp"

namespace eddyline {

LineOperator::LineOperator(const PoissonAxis& axis)
    : lower(axis.widths.size()), diagonal(axis.widths.size()), upper(axis.widths.size()) {
  const auto& width = axis.widths;
  for (std::size_t i = 0; i + 1 < width.size(); ++i) {
    const double weight = 2 / (width[i] + width[i + 1]);
    upper[i] = lower[i + 1] = weight;
    diagonal[i] -= weight;
    diagonal[i + 1] -= weight;
  }
  if (axis.low == PoissonEnd::periodic) {
    wrap = 2 / (width.front() + width.back());
    diagonal.front() -= wrap;
    diagonal.back() -= wrap;
  }
  if (axis.low == PoissonEnd::dirichlet) diagonal.front() -= 2 / width.front();
  if (axis.high == PoissonEnd::dirichlet) diagonal.back() -= 2 / width.back();
}

namespace {

at::Tensor complex_view(double* values, std::int64_t rows, std::int64_t columns) {
  return at::from_blob(values, {rows, columns}, at::kComplexDouble);
}

/// Any axis: the eigenvectors as a matrix.
class MatrixTransform final : public LineTransform {
 public:
  explicit MatrixTransform(const PoissonAxis& axis) {
    std::tie(eigenvalues_, modes_) = line_eigenvectors(axis);
    transposed_ = modes_.t().contiguous();
  }
  [[nodiscard]] double cost() const override { return 0.05 * static_cast<double>(slots() * slots()); }
  void forward(const double* first, const Lines& lines, double* coefficients) const override {
    const c10::InferenceMode no_autograd;
    const OneThreadOfMkl serial;
    const at::Tensor in = at::from_blob(const_cast<double*>(first), {lines.count, slots()},  // NOLINT: it is only read
                                        {lines.between_lines, lines.between_points}, at::kDouble);
    at::Tensor out = at::from_blob(coefficients, {lines.count, slots()}, at::kDouble);
    at::mm_out(out, in, modes_);
  }
  void backward(double* coefficients, double* first, const Lines& lines) const override {
    const c10::InferenceMode no_autograd;
    const OneThreadOfMkl serial;
    const at::Tensor in = at::from_blob(coefficients, {lines.count, slots()}, at::kDouble);
    at::Tensor out =
        at::from_blob(first, {lines.count, slots()}, {lines.between_lines, lines.between_points}, at::kDouble);
    at::mm_out(out, in, transposed_);
  }

 private:
  at::Tensor modes_, transposed_;
};

constexpr std::int64_t unscaled = 0, scaled = 2;  // LibTorch's norms of a transform: "none", "by n"

/// A uniform axis: Fourier transform of its points in some order with some signs, each coefficient turned afterwards.
class FastTransform : public LineTransform {
 public:
  [[nodiscard]] double cost() const override {
    const auto points = static_cast<double>(order_.size());
    return 0.3 * points * std::log2(points);
  }
  void forward(const double* first, const Lines& lines, double* coefficients) const override {
    const c10::InferenceMode no_autograd;
    const OneThreadOfMkl serial;
    const at::Tensor sorted = at::empty({lines.count, points()}, at::kDouble);
    double* to = sorted.data_ptr<double>();
    for_each(lines, [&](std::int64_t line, std::int64_t i, std::int64_t from, double sign) {
      to[line * points() + i] = sign * first[from];
    });
    at::Tensor transformed = complex_view(coefficients, lines.count, slots() / 2);
    at::_fft_r2c_out(transformed, sorted, 1, unscaled, true);
    for (std::int64_t line = 0; line < lines.count; ++line) turn<false>(coefficients + line * slots());
  }
  void backward(double* coefficients, double* first, const Lines& lines) const override {
    const c10::InferenceMode no_autograd;
    const OneThreadOfMkl serial;
    for (std::int64_t line = 0; line < lines.count; ++line) turn<true>(coefficients + line * slots());
    at::Tensor sorted = at::empty({lines.count, points()}, at::kDouble);
    at::_fft_c2r_out(sorted, complex_view(coefficients, lines.count, slots() / 2), 1, scaled, points());
    const double* from = sorted.data_ptr<double>();
    for_each(lines, [&](std::int64_t line, std::int64_t i, std::int64_t to, double sign) {
      first[to] = sign * from[line * points() + i];
    });
  }

 protected:
  explicit FastTransform(const PoissonAxis& axis) {
    scale_ = axis.widths.front();
    for (std::size_t i = 0; i < axis.widths.size(); ++i) {
      order_.push_back(static_cast<std::int64_t>(i));
      sign_.push_back(1);
    }
  }
  [[nodiscard]] std::int64_t points() const { return static_cast<std::int64_t>(order_.size()); }
  /// -4 sin^2(angle) / width^2.
  [[nodiscard]] double eigenvalue(double angle) const { return -4 * std::pow(std::sin(angle) / scale_, 2); }

  std::vector<std::int64_t> order_;  // of the points in the Fourier transform
  std::vector<double> sign_;
  std::vector<std::complex<double>> turn_;  // none: no turn

 private:
  /// visit(line, place in the transform, offset of the point, sign), contiguous points innermost.
  template <class Visit>
  void for_each(const Lines& lines, Visit visit) const {
    if (lines.between_points == 1) {
      for (std::int64_t line = 0; line < lines.count; ++line)
        for (std::size_t i = 0; i < order_.size(); ++i)
          visit(line, static_cast<std::int64_t>(i), line * lines.between_lines + order_[i], sign_[i]);
    } else {
      for (std::size_t i = 0; i < order_.size(); ++i)
        for (std::int64_t line = 0; line < lines.count; ++line)
          visit(line, static_cast<std::int64_t>(i), line * lines.between_lines + order_[i] * lines.between_points,
                sign_[i]);
    }
  }
  /// Times the turn, or its conjugate.
  template <bool back>
  void turn(double* line) const {
    const double* w = reinterpret_cast<const double*>(turn_.data());  // pairs of real and imaginary part
    const auto pairs = static_cast<std::int64_t>(turn_.size());
#pragma omp simd
    for (std::int64_t k = 0; k < pairs; ++k) {
      const double real = line[2 * k], imaginary = line[2 * k + 1];
      const double cosine = w[2 * k], sine = back ? -w[2 * k + 1] : w[2 * k + 1];
      line[2 * k] = real * cosine - imaginary * sine;
      line[2 * k + 1] = real * sine + imaginary * cosine;
    }
  }
};

/// Periodic: real and imaginary parts of the n/2 + 1 Fourier coefficients.
struct FourierTransform final : FastTransform {
  explicit FourierTransform(const PoissonAxis& axis) : FastTransform(axis) {
    for (std::int64_t k = 0; k <= points() / 2; ++k)
      eigenvalues_.insert(eigenvalues_.end(), 2,
                          eigenvalue(std::numbers::pi * static_cast<double>(k) / static_cast<double>(points())));
  }
};

/// Two Neumann ends, modes cos(pi k (i + 1/2) / n), or two Dirichlet ends, modes sin(pi k (i + 1/2) / n), which are
/// (-1)^i cos(pi (n - k) (i + 1/2) / n). The cosine transform of a line is the Fourier transform of its even entries
/// followed by its odd ones backwards, times exp(-i pi k / 2n); the real part of coefficient k belongs to mode k, the
/// imaginary one to mode n - k (Makhoul, IEEE Trans. Acoust. Speech Signal Process. 28 (1980) 27).
struct CosineTransform final : FastTransform {
  explicit CosineTransform(const PoissonAxis& axis) : FastTransform(axis) {
    const bool is_sine = axis.low == PoissonEnd::dirichlet;
    const std::int64_t n = points();
    const double half_turn = 0.5 * std::numbers::pi / static_cast<double>(n);
    const auto of_mode = [&](std::int64_t mode) {
      return eigenvalue(half_turn * static_cast<double>(is_sine ? n - mode : mode));
    };
    for (std::int64_t k = 0; k <= n / 2; ++k) {
      // Slot 1 belongs to no mode and stays zero; it gets any eigenvalue but zero.
      eigenvalues_.insert(eigenvalues_.end(), {of_mode(k), k > 0 ? of_mode(n - k) : of_mode(n / 2)});
      turn_.push_back(std::polar(1.0, -half_turn * static_cast<double>(k)));
    }
    for (std::int64_t i = 0; i < n; ++i) {
      const std::int64_t point = i < (n + 1) / 2 ? 2 * i : 2 * (n - i) - 1;
      order_[static_cast<std::size_t>(i)] = point;
      sign_[static_cast<std::size_t>(i)] = is_sine && point % 2 == 1 ? -1 : 1;
    }
  }
};

bool is_uniform(const std::vector<double>& widths) {
  const auto [least, most] = std::minmax_element(widths.begin(), widths.end());
  return *most - *least <= 1e-12 * *most;
}

}  // namespace

std::unique_ptr<const LineTransform> LineTransform::of(const PoissonAxis& axis) {
  if (is_uniform(axis.widths) && axis.widths.size() >= 16) {
    if (axis.low == PoissonEnd::periodic) return std::make_unique<FourierTransform>(axis);
    if (axis.low == axis.high) return std::make_unique<CosineTransform>(axis);
  }
  return std::make_unique<MatrixTransform>(axis);
}

}  // namespace eddyline
