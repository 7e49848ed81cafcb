#include "solvers/linear/fourier_line.hpp"

#include <ATen/ATen.h>

#include <numbers>

namespace eddyline {
namespace {

constexpr std::int64_t scaled = 2;  // LibTorch's norm "by n": forward divides
constexpr std::int64_t unscaled = 0;

}  // namespace

FourierLine::FourierLine(std::int64_t points, double length) : points_(points), length_(length) {}

double FourierLine::wavenumber(std::int64_t mode) const {
  return 2 * std::numbers::pi * static_cast<double>(mode) / length_;
}

void FourierLine::forward(const std::vector<double>& values, std::vector<std::complex<double>>& coefficients) const {
  coefficients.resize(static_cast<std::size_t>(modes()));
  // Neither tensor owns its numbers; the input is only read.
  const at::Tensor in = at::from_blob(const_cast<double*>(values.data()), {points_}, at::kDouble);  // NOLINT
  at::Tensor out = at::from_blob(coefficients.data(), {modes()}, at::kComplexDouble);
  at::_fft_r2c_out(out, in, 0, scaled, true);
}

void FourierLine::backward(const std::vector<std::complex<double>>& coefficients, std::vector<double>& values) const {
  values.resize(static_cast<std::size_t>(points_));
  const at::Tensor in = at::from_blob(const_cast<std::complex<double>*>(coefficients.data()), {modes()},  // NOLINT
                                      at::kComplexDouble);
  at::Tensor out = at::from_blob(values.data(), {points_}, at::kDouble);
  at::_fft_c2r_out(out, in, 0, unscaled, points_);
}

}  // namespace eddyline
