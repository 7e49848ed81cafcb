#pragma once
// The compressible Navier-Stokes equations of an ideal gas p = rho R T, at one point: the Euler equations with friction
// and conduction,
//   tau = mu (grad u + grad u^T - 2/3 div u I),  q = -k grad T,  k = mu c_p / Pr,  c_p = gamma R / (gamma - 1),
// with a constant viscosity or Sutherland's law. Anderson, Modern Compressible Flow, 3rd ed. (2003), chapter 6;
// Sutherland, Phil. Mag. 36 (1893) 507.

#include <algorithm>

#include "solvers/physics/compressible_euler.hpp"

namespace eddyline {

/// Primitive state of a cell: that of the Euler equations and the temperature, which faces do not see.
template <int Dimension>
struct CompressibleNavierStokes : CompressibleEuler<Dimension> {
  using Euler = CompressibleEuler<Dimension>;
  static constexpr int primitive_count = Dimension + 3, reconstructed_count = Dimension + 2;
  static constexpr int temperature = Dimension + 2;
  static constexpr bool has_gradient_flux = true, has_friction = true;
  using Euler::pressure;
  template <class Real>
  using State = typename Euler::template State<Real>;
  template <class Real>
  using Cell = std::array<Real, primitive_count>;

  double viscosity = 0;               // mu, at the reference temperature for Sutherland's law
  double prandtl = 0.7;               // Pr
  double gas_constant = 1;            // R
  double sutherland_temperature = 0;  // S; 0 is a constant viscosity
  double reference_temperature = 1;

  template <class Real>
  [[nodiscard]] Real viscosity_at(const Real& t) const {
    using std::sqrt;
    if (sutherland_temperature == 0) return Real(viscosity);
    const Real ratio = t * (1 / reference_temperature);
    return viscosity * (reference_temperature + sutherland_temperature) * (ratio * sqrt(ratio)) /
           (t + sutherland_temperature);
  }

  /// @param wall  the temperature of the wall when the cell is a ghost beyond one that has it, else zero.
  template <class Real>
  [[nodiscard]] Cell<Real> primitive(const State<Real>& u, const Real& wall) const {
    const State<Real> w = Euler::primitive(u);
    Cell<Real> cell;
    for (std::size_t k = 0; k < w.size(); ++k) cell[k] = w[k];
    const Real gas = w[pressure] / (w[0] * gas_constant);
    cell[temperature] = select(wall > 0.0, 2.0 * wall - gas, gas);
    return cell;
  }

  /// Second order: the normal derivatives from the cells beside the face, those along it as means of central
  /// differences of both. @param across  for each axis along the face, the neighbours of line[1], then of line[2].
  template <class Real>
  [[nodiscard]] State<Real> cross_gradient_flux(const std::array<Cell<Real>, 4>& line,
                                                const std::array<std::array<Cell<Real>, 4>, Dimension - 1>& across,
                                                const std::array<double, 3>& inverse_width) const {
    const auto slope = [&](int k) { return (line[2][k] - line[1][k]) * inverse_width[0]; };
    const auto mean = [&](int k) { return 0.5 * (line[1][k] + line[2][k]); };
    const auto slope_along = [&](int axis, int k) {  // of component k, along axis 1 or 2
      const auto& cells = across[static_cast<std::size_t>(axis - 1)];
      return ((cells[1][k] - cells[0][k]) + (cells[3][k] - cells[2][k])) *
             (0.25 * inverse_width[static_cast<std::size_t>(axis)]);
    };
    const Real mu = viscosity_at(mean(temperature));
    const Real expansion_x = slope(1);
    Real expansion_along = 0.0;
    for (int axis = 1; axis < Dimension; ++axis) expansion_along = expansion_along + slope_along(axis, axis + 1);
    State<Real> f;
    f[0] = 0.0;
    f[1] = -mu * ((4.0 / 3) * expansion_x - (2.0 / 3) * expansion_along);  // -tau_xx
    Real work = f[1] * mean(1);
    for (int axis = 1; axis < Dimension; ++axis) {
      f[axis + 1] = -mu * (slope(axis + 1) + slope_along(axis, 1));  // -tau_xy
      work = work + f[axis + 1] * mean(axis + 1);
    }
    const double conduction = this->gamma * gas_constant / ((this->gamma - 1) * prandtl);  // k / mu
    f[pressure] = work - conduction * mu * slope(temperature);
    return f;
  }

  /// The spectrum of the second differences ends at 4 nu / dx^2 an axis; Runge-Kutta schemes of order two to four reach
  /// 2 on the negative real axis. nu is the larger of the momentum's 4/3 mu / rho and the temperature's gamma mu / (Pr
  /// rho).
  template <class Real>
  [[nodiscard]] Real rate(const Cell<Real>& cell, const std::array<double, 3>& inverse_width) const {
    Real sum = Euler::rate(face_state(cell), inverse_width);
    const double factor = std::max(4.0 / 3, this->gamma / prandtl);
    double squares = 0;
    for (std::size_t d = 0; d < Dimension; ++d) squares += inverse_width[d] * inverse_width[d];
    return sum + 2.0 * factor * squares * (viscosity_at(cell[temperature]) / cell[0]);
  }

  template <class Real>
  [[nodiscard]] auto is_admissible(const Cell<Real>& cell) const {
    return cell[0] > 0.0 && cell[pressure] > 0.0 && cell[temperature] > 0.0;
  }

 private:
  template <class Real>
  [[nodiscard]] static State<Real> face_state(const Cell<Real>& cell) {
    State<Real> w;
    for (std::size_t k = 0; k < w.size(); ++k) w[k] = cell[k];
    return w;
  }
};

}  // namespace eddyline
