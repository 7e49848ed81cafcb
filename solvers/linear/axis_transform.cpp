#include "solvers/linear/axis_transform.hpp"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "solvers/linear/line_operator.hpp"
#include "solvers/linear/serially.hpp"

namespace eddyline {
namespace {

constexpr std::int64_t unscaled = 0;  // LibTorch's norm "by nothing"

/// None of the tensors owns its numbers.
at::Tensor reals(const double* data, at::IntArrayRef sizes, at::IntArrayRef strides) {
  return at::from_blob(const_cast<double*>(data), sizes, strides, at::kDouble);  // NOLINT
}
/// Pairs of doubles as complex numbers; sizes and strides count pairs.
at::Tensor pairs(const double* data, at::IntArrayRef sizes, at::IntArrayRef strides) {
  return at::from_blob(const_cast<double*>(data), sizes, strides, at::kComplexDouble);  // NOLINT
}

bool is_uniform(const std::vector<double>& widths) {
  const auto [least, most] = std::minmax_element(widths.begin(), widths.end());
  return *most - *least <= 1e-10 * *most;
}

/// Makhoul's order: the even entries, then the odd ones backwards.
std::int64_t reordered(std::int64_t i, std::int64_t cells) { return i % 2 == 0 ? i / 2 : cells - 1 - i / 2; }

void fourier_columns(const double* in, double* out, std::int64_t planes, std::int64_t cells, std::int64_t length,
                     bool forward) {
  const std::int64_t half = length / 2;
  at::Tensor result = pairs(out, {planes, cells, half}, {cells * half, half, 1});
  at::_fft_c2c_out(result, pairs(in, {planes, cells, half}, {cells * half, half, 1}), 1, unscaled, forward);
}

/// Of complex columns Z = A + i B with A and B real: row k gets (Re A_k, Re B_k), row n - k (Im A_k, Im B_k), which are
/// modes of the same eigenvalue.
void separate(double* modes, std::int64_t planes, std::int64_t cells, std::int64_t length) {
  for (std::int64_t p = 0; p < planes; ++p)
    for (std::int64_t k = 1; 2 * k < cells; ++k) {
      double *z = modes + (p * cells + k) * length, *w = modes + (p * cells + cells - k) * length;
#pragma omp simd
      for (std::int64_t i = 0; i < length; i += 2) {
        const double real = 0.5 * (z[i] + w[i]), imaginary = 0.5 * (z[i + 1] + w[i + 1]);
        const double real_difference = 0.5 * (z[i] - w[i]), imaginary_difference = 0.5 * (z[i + 1] - w[i + 1]);
        z[i] = real;
        z[i + 1] = imaginary;
        w[i] = imaginary_difference;
        w[i + 1] = -real_difference;
      }
    }
}

/// Undoes `separate`.
void mix(double* modes, std::int64_t planes, std::int64_t cells, std::int64_t length) {
  for (std::int64_t p = 0; p < planes; ++p)
    for (std::int64_t k = 1; 2 * k < cells; ++k) {
      double *z = modes + (p * cells + k) * length, *w = modes + (p * cells + cells - k) * length;
#pragma omp simd
      for (std::int64_t i = 0; i < length; i += 2) {
        const double real = z[i], imaginary = z[i + 1], real_difference = -w[i + 1], imaginary_difference = w[i];
        z[i] = real + real_difference;
        z[i + 1] = imaginary + imaginary_difference;
        w[i] = real - real_difference;
        w[i + 1] = imaginary - imaginary_difference;
      }
    }
}

}  // namespace

AxisTransform::AxisTransform(const PoissonAxis& axis) : cells_(static_cast<std::int64_t>(axis.widths.size())) {
  const bool uniform = is_uniform(axis.widths) && cells_ > 1;
  if (uniform && axis.low == PoissonEnd::periodic) kind_ = Kind::fourier;
  if (uniform && axis.low == PoissonEnd::neumann && axis.high == PoissonEnd::neumann) kind_ = Kind::cosine;
  if (kind_ == Kind::matrix) {
    const auto [values, vectors] = line_eigenvectors(axis);
    eigenvalues_ = values;
    from_modes_ = vectors;
    to_modes_ = vectors.t().contiguous();
    return;
  }
  const double width = axis.widths.front(), period = kind_ == Kind::fourier ? 2 : 1;
  weight_ = 1 / (width * static_cast<double>(cells_));
  for (std::int64_t k = 0; k < cells_; ++k) {
    const double angle = period * std::numbers::pi * static_cast<double>(k) / static_cast<double>(cells_);
    eigenvalues_.push_back(-4 * std::pow(std::sin(0.5 * angle) / width, 2));
    cosine_.push_back(std::cos(0.5 * angle));
    sine_.push_back(std::sin(0.5 * angle));
  }
}

double AxisTransform::cost() const {
  const auto n = static_cast<double>(cells_);
  return kind_ == Kind::matrix ? 0.05 * n * n : 0.3 * n * std::log2(n);
}

std::int64_t AxisTransform::row_length() const {
  return kind_ == Kind::fourier ? 2 * (cells_ / 2 + 1) : cells_ + cells_ % 2;
}

std::vector<double> AxisTransform::row_eigenvalues() const {
  std::vector<double> values(static_cast<std::size_t>(row_length()), 0.0);
  for (std::size_t i = 0; i < values.size(); ++i) {
    const std::size_t mode = kind_ == Kind::fourier ? i / 2 : i;
    if (mode < eigenvalues_.size()) values[i] = eigenvalues_[mode];
  }
  return values;
}

void AxisTransform::rows_forward(const double* in, double* out, std::int64_t rows, double* scratch) const {
  const c10::InferenceMode no_autograd;
  const OneThreadOfMkl serial;
  const std::int64_t n = cells_, length = row_length();
  if (kind_ == Kind::fourier) {
    at::Tensor modes = pairs(out, {rows, length / 2}, {length / 2, 1});
    at::_fft_r2c_out(modes, reals(in, {rows, n}, {n, 1}), 1, unscaled, true);
    return;
  }
  if (kind_ == Kind::matrix) {
    at::Tensor modes = reals(out, {rows, n}, {length, 1});
    at::mm_out(modes, reals(in, {rows, n}, {n, 1}), from_modes_);
  } else {
    const std::int64_t half = n / 2 + 1;
    double* spectrum = scratch + rows * n + (rows * n) % 2;
    for (std::int64_t row = 0; row < rows; ++row)
      for (std::int64_t i = 0; i < n; ++i) scratch[row * n + reordered(i, n)] = in[row * n + i];
    at::Tensor modes = pairs(spectrum, {rows, half}, {half, 1});
    at::_fft_r2c_out(modes, reals(scratch, {rows, n}, {n, 1}), 1, unscaled, true);
    for (std::int64_t row = 0; row < rows; ++row) {
      const double* v = spectrum + row * 2 * half;
      double* x = out + row * length;
      x[0] = v[0];
      for (std::int64_t k = 1; k < half; ++k) {
        const double c = cosine_[static_cast<std::size_t>(k)], s = sine_[static_cast<std::size_t>(k)];
        x[k] = v[2 * k] * c + v[2 * k + 1] * s;
        if (2 * k != n) x[n - k] = v[2 * k] * s - v[2 * k + 1] * c;
      }
    }
  }
  if (length > n)
    for (std::int64_t row = 0; row < rows; ++row) out[row * length + n] = 0;
}

void AxisTransform::rows_backward(const double* in, double* out, std::int64_t rows, double* scratch) const {
  const c10::InferenceMode no_autograd;
  const OneThreadOfMkl serial;
  const std::int64_t n = cells_, length = row_length();
  if (kind_ == Kind::matrix) {
    at::Tensor values = reals(out, {rows, n}, {n, 1});
    at::mm_out(values, reals(in, {rows, n}, {length, 1}), to_modes_);
    return;
  }
  if (kind_ == Kind::fourier) {
    at::Tensor values = reals(out, {rows, n}, {n, 1});
    at::_fft_c2r_out(values, pairs(in, {rows, length / 2}, {length / 2, 1}), 1, unscaled, n);
    return;
  }
  const std::int64_t half = n / 2 + 1;
  double* spectrum = scratch + rows * n + (rows * n) % 2;
  for (std::int64_t row = 0; row < rows; ++row) {
    const double* x = in + row * length;
    double* v = spectrum + row * 2 * half;
    v[0] = x[0];
    v[1] = 0;
    for (std::int64_t k = 1; k < half; ++k) {
      const double c = cosine_[static_cast<std::size_t>(k)], s = sine_[static_cast<std::size_t>(k)];
      v[2 * k] = c * x[k] + s * x[n - k];
      v[2 * k + 1] = s * x[k] - c * x[n - k];
    }
  }
  at::Tensor values = reals(scratch, {rows, n}, {n, 1});
  at::_fft_c2r_out(values, pairs(spectrum, {rows, half}, {half, 1}), 1, unscaled, n);
  for (std::int64_t row = 0; row < rows; ++row)
    for (std::int64_t i = 0; i < n; ++i) out[row * n + i] = scratch[row * n + reordered(i, n)];
}

void AxisTransform::columns_forward(const double* in, double* out, std::int64_t planes, std::int64_t length,
                                    bool are_pairs, double* scratch) const {
  const c10::InferenceMode no_autograd;
  const OneThreadOfMkl serial;
  const std::int64_t n = cells_, plane = n * length;
  if (kind_ == Kind::fourier) {
    fourier_columns(in, out, planes, n, length, true);
    if (!are_pairs) separate(out, planes, n, length);
    return;
  }
  if (kind_ == Kind::matrix) {
    for (std::int64_t p = 0; p < planes; ++p) {
      at::Tensor modes = reals(out + p * plane, {n, length}, {length, 1});
      at::mm_out(modes, to_modes_, reals(in + p * plane, {n, length}, {length, 1}));
    }
    return;
  }
  double* spectrum = scratch + planes * plane;
  for (std::int64_t p = 0; p < planes; ++p)
    for (std::int64_t j = 0; j < n; ++j)
      std::copy_n(in + p * plane + j * length, length, scratch + p * plane + reordered(j, n) * length);
  fourier_columns(scratch, spectrum, planes, n, length, true);
  for (std::int64_t p = 0; p < planes; ++p)
    for (std::int64_t k = 0; k < n; ++k) {
      // X_k = (exp(-i theta) V_k + exp(i theta) V_{n-k}) / 2, which treats both numbers of a pair alike.
      const double c = 0.5 * cosine_[static_cast<std::size_t>(k)], s = 0.5 * sine_[static_cast<std::size_t>(k)];
      const double* v = spectrum + p * plane + k * length;
      const double* w = spectrum + p * plane + (k > 0 ? n - k : 0) * length;
      double* x = out + p * plane + k * length;
#pragma omp simd
      for (std::int64_t i = 0; i < length; i += 2) {
        x[i] = c * (v[i] + w[i]) + s * (v[i + 1] - w[i + 1]);
        x[i + 1] = c * (v[i + 1] + w[i + 1]) - s * (v[i] - w[i]);
      }
    }
}

void AxisTransform::columns_backward(const double* in, double* out, std::int64_t planes, std::int64_t length,
                                     bool are_pairs, double* scratch) const {
  const c10::InferenceMode no_autograd;
  const OneThreadOfMkl serial;
  const std::int64_t n = cells_, plane = n * length;
  if (kind_ == Kind::fourier) {
    if (!are_pairs) {
      std::copy_n(in, planes * plane, scratch);
      mix(scratch, planes, n, length);
    }
    return fourier_columns(are_pairs ? in : scratch, out, planes, n, length, false);
  }
  if (kind_ == Kind::matrix) {
    for (std::int64_t p = 0; p < planes; ++p) {
      at::Tensor values = reals(out + p * plane, {n, length}, {length, 1});
      at::mm_out(values, from_modes_, reals(in + p * plane, {n, length}, {length, 1}));
    }
    return;
  }
  double* spectrum = scratch + planes * plane;
  for (std::int64_t p = 0; p < planes; ++p) {
    std::copy_n(in + p * plane, length, spectrum + p * plane);
    for (std::int64_t k = 1; k < n; ++k) {
      // V_k = exp(i theta) (X_k - i X_{n-k})
      const double c = cosine_[static_cast<std::size_t>(k)], s = sine_[static_cast<std::size_t>(k)];
      const double* x = in + p * plane + k * length;
      const double* y = in + p * plane + (n - k) * length;
      double* v = spectrum + p * plane + k * length;
#pragma omp simd
      for (std::int64_t i = 0; i < length; i += 2) {
        const double real = x[i] + y[i + 1], imaginary = x[i + 1] - y[i];
        v[i] = c * real - s * imaginary;
        v[i + 1] = c * imaginary + s * real;
      }
    }
  }
  fourier_columns(spectrum, scratch, planes, n, length, false);
  for (std::int64_t p = 0; p < planes; ++p)
    for (std::int64_t j = 0; j < n; ++j)
      std::copy_n(scratch + p * plane + reordered(j, n) * length, length, out + p * plane + j * length);
}

}  // namespace eddyline
