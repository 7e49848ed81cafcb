#include "solvers/spectral/exponential_runge_kutta.hpp"

#include <numbers>

namespace eddyline {

ExponentialRungeKutta::ExponentialRungeKutta(const Coefficients& linear, double dt) {
  using Complex = std::complex<double>;
  constexpr int points = 64;  // on a circle of radius one around each dt L
  for (const Complex value : linear) {
    const Complex centre = dt * value;
    Complex stage = 0, first = 0, middle = 0, last = 0;
    for (int n = 0; n < points; ++n) {
      const Complex z = centre + std::polar(1.0, 2 * std::numbers::pi * (n + 0.5) / points);
      const Complex e = std::exp(z), cube = z * z * z;
      stage += (std::exp(z / 2.0) - 1.0) / z;
      first += (-4.0 - z + e * (4.0 - 3.0 * z + z * z)) / cube;
      middle += (2.0 + z + e * (z - 2.0)) / cube;
      last += (-4.0 - 3.0 * z - z * z + e * (4.0 - z)) / cube;
    }
    const double scale = dt / points;
    whole_.push_back(std::exp(centre));
    half_.push_back(std::exp(centre / 2.0));
    stage_.push_back(scale * stage);
    first_.push_back(scale * first);
    middle_.push_back(2 * scale * middle);
    last_.push_back(scale * last);
  }
  for (Coefficients* work : {&a_, &b_, &c_, &n_v_, &n_a_, &n_b_, &n_c_}) work->resize(linear.size());
}

void ExponentialRungeKutta::step(Coefficients& v,
                                 const std::function<void(const Coefficients&, Coefficients&)>& nonlinear) {
  const std::size_t count = v.size();
  nonlinear(v, n_v_);
  for (std::size_t m = 0; m < count; ++m) a_[m] = half_[m] * v[m] + stage_[m] * n_v_[m];
  nonlinear(a_, n_a_);
  for (std::size_t m = 0; m < count; ++m) b_[m] = half_[m] * v[m] + stage_[m] * n_a_[m];
  nonlinear(b_, n_b_);
  for (std::size_t m = 0; m < count; ++m) c_[m] = half_[m] * a_[m] + stage_[m] * (2.0 * n_b_[m] - n_v_[m]);
  nonlinear(c_, n_c_);
  for (std::size_t m = 0; m < count; ++m)
    v[m] = whole_[m] * v[m] + first_[m] * n_v_[m] + middle_[m] * (n_a_[m] + n_b_[m]) + last_[m] * n_c_[m];
}

}  // namespace eddyline
