#include "core/field/trigonometric_series.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <utility>

namespace eddyline {
namespace {

constexpr double nowhere = std::numeric_limits<double>::quiet_NaN();

double mean_square(const TrigonometricAxis::Function& function) {
  if (function.wave > 0) return 0.5;
  return function.is_sine ? 0 : 1;
}

}  // namespace

TrigonometricSeries::TrigonometricSeries(std::vector<TrigonometricAxis> axes, std::vector<double> coefficients)
    : axes_(std::move(axes)), coefficients_(std::move(coefficients)), y_(nowhere), z_(nowhere) {
  axes_.resize(3, {0, 0, {{0, false}}});  // an axis that is not there has the constant only
  for (std::size_t axis = 0; axis < 3; ++axis) values_[axis].resize(axes_[axis].functions.size());
}

void TrigonometricSeries::evaluate(std::size_t axis, double x) {
  const TrigonometricAxis& line = axes_[axis];
  const double angle = line.wavenumber * (x - line.origin);
  const std::complex<double> turn(std::cos(angle), std::sin(angle));
  std::complex<double> power = 1;
  std::int64_t wave = 0;
  for (std::size_t f = 0; f < line.functions.size(); ++f) {
    for (; wave < line.functions[f].wave; ++wave)
      power = {power.real() * turn.real() - power.imag() * turn.imag(),
               power.real() * turn.imag() + power.imag() * turn.real()};
    values_[axis][f] = line.functions[f].is_sine ? power.imag() : power.real();
  }
}

double TrigonometricSeries::operator()(double x, double y, double z) {
  const std::size_t nx = values_[0].size(), ny = values_[1].size(), nz = values_[2].size();
  if (z != z_) {
    evaluate(2, z);
    plane_.assign(nx * ny, 0.0);
    for (std::size_t c = 0; c < nz; ++c)
      for (std::size_t i = 0; i < nx * ny; ++i) plane_[i] += values_[2][c] * coefficients_[c * nx * ny + i];
    z_ = z;
    y_ = nowhere;
  }
  if (y != y_) {
    evaluate(1, y);
    line_.assign(nx, 0.0);
    for (std::size_t b = 0; b < ny; ++b)
      for (std::size_t i = 0; i < nx; ++i) line_[i] += values_[1][b] * plane_[b * nx + i];
    y_ = y;
  }
  evaluate(0, x);
  double sum = 0;
  for (std::size_t i = 0; i < nx; ++i) sum += values_[0][i] * line_[i];
  return sum;
}

TrigonometricSeries TrigonometricSeries::derivative(int axis) const {
  std::vector<TrigonometricAxis> axes = axes_;
  std::vector<double> coefficients = coefficients_;
  const auto along = static_cast<std::size_t>(axis);
  std::size_t stride = 1;
  for (std::size_t before = 0; before < along; ++before) stride *= axes[before].functions.size();
  auto& functions = axes[along].functions;
  for (std::size_t i = 0; i < coefficients.size(); ++i) {
    const auto& function = functions[i / stride % functions.size()];
    coefficients[i] *= static_cast<double>(function.wave) * axes[along].wavenumber * (function.is_sine ? 1.0 : -1.0);
  }
  for (auto& function : functions) function.is_sine = !function.is_sine;
  return {std::move(axes), std::move(coefficients)};
}

TrigonometricSeries TrigonometricSeries::times(double factor) const {
  std::vector<double> coefficients = coefficients_;
  for (double& coefficient : coefficients) coefficient *= factor;
  return {axes_, std::move(coefficients)};
}

double mean_product(const TrigonometricSeries& a, const TrigonometricSeries& b) {
  std::array<std::vector<std::ptrdiff_t>, 3> place;  // of a's functions in b; -1: not there
  for (std::size_t axis = 0; axis < 3; ++axis)
    for (const auto& function : a.axes_[axis].functions) {
      const auto& others = b.axes_[axis].functions;
      const auto found = std::find(others.begin(), others.end(), function);
      place[axis].push_back(found == others.end() ? -1 : found - others.begin());
    }
  const std::size_t nx = a.axes_[0].functions.size(), ny = a.axes_[1].functions.size();
  const auto mx = static_cast<std::ptrdiff_t>(b.axes_[0].functions.size()),
             my = static_cast<std::ptrdiff_t>(b.axes_[1].functions.size());
  double sum = 0;
  for (std::size_t i = 0; i < a.coefficients_.size(); ++i) {
    const std::size_t fx = i % nx, fy = i / nx % ny, fz = i / (nx * ny);
    const std::ptrdiff_t px = place[0][fx], py = place[1][fy], pz = place[2][fz];
    if (px < 0 || py < 0 || pz < 0) continue;
    sum += a.coefficients_[i] * b.coefficients_[static_cast<std::size_t>((pz * my + py) * mx + px)] *
           mean_square(a.axes_[0].functions[fx]) * mean_square(a.axes_[1].functions[fy]) *
           mean_square(a.axes_[2].functions[fz]);
  }
  return sum;
}

}  // namespace eddyline
