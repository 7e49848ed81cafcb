// Pressure: the velocity made free of divergence, and the pressure that belongs to a velocity.

#include "solvers/incompressible/incompressible_work.hpp"

namespace eddyline {

/// Makes the velocity free of divergence: u -= factor * grad(phi), p += phi with phi from A phi = div(u) / factor.
void IncompressibleSolver::project(Work& work, double factor) const {
  sides_.fill_ghosts(work.velocity, work.time);
  balance_->divergence(work.velocity, 1 / factor, work.potential);
  correction_->solve(*poisson_, work.potential, work.poisson);
  balance_->correct(work.potential, factor, work.velocity, work.pressure);
  sides_.fill_ghosts(work.velocity, work.time);
}

/// The pressure that belongs to the velocity at this very instant: the acceleration it leaves is free of divergence.
void IncompressibleSolver::update_pressure(Work& work) const {
  work.start = work.velocity;
  const std::int64_t nx = cells_.nx, ny = cells_.ny;
  accelerate(work);
  FaceVelocity rate{Array2(nx + 1, ny), Array2(nx, ny + 1)};
  const MomentumGeometry& geometry = balance_->geometry();
  for (std::int64_t j = 0; j < ny; ++j)
    for (std::int64_t i = balance_->first_u(); i < nx; ++i)
      rate.u(i, j) = work.acceleration.u(i, j) - viscosity_ * geometry.x.friction(i, j) * work.velocity.u(i, j);
  for (std::int64_t j = balance_->first_v(); j < ny; ++j)
    for (std::int64_t i = 0; i < nx; ++i)
      rate.v(i, j) = work.acceleration.v(i, j) - viscosity_ * geometry.y.friction(i, j) * work.velocity.v(i, j);
  move_outflow(work, rate);
  // Prescribed normal velocities change at their own rate: what an accelerating inflow needs of pressure.
  const double moment = 1e-4 * problem_->time_scale();
  FaceVelocity earlier = rate, later = rate;
  sides_.set_normal(earlier, work.time - moment);
  sides_.set_normal(later, work.time + moment);
  for (const int end : {0, 1}) {
    for (std::int64_t j = 0; j < ny && sides_.side(end).kind() == SideKind::fixed; ++j)
      rate.u(end * nx, j) = (later.u(end * nx, j) - earlier.u(end * nx, j)) / (2 * moment);
    for (std::int64_t i = 0; i < nx && sides_.side(2 + end).kind() == SideKind::fixed; ++i)
      rate.v(i, end * ny) = (later.v(i, end * ny) - earlier.v(i, end * ny)) / (2 * moment);
  }
  if (sides_.periodic_x())
    for (std::int64_t j = 0; j < ny; ++j) rate.u(nx, j) = rate.u(0, j);
  if (sides_.periodic_y())
    for (std::int64_t i = 0; i < nx; ++i) rate.v(i, ny) = rate.v(i, 0);
  balance_->divergence(rate, 1, work.potential);
  correction_->solve(*poisson_, work.potential, work.poisson);
  double mean = 0, area = 0;
  for (std::int64_t j = 0; j < ny; ++j)
    for (std::int64_t i = 0; i < nx; ++i) {
      double& p = work.pressure(i, j);
      p = cells_.area(i, j) > 0 ? p + work.potential[static_cast<std::size_t>(j * nx + i)] : 0;
      mean += p * cells_.area(i, j);
      area += cells_.area(i, j);
    }
  if (!poisson_->is_singular()) return;
  for (std::int64_t j = 0; j < ny; ++j)  // fixed up to a constant: its mean is zero
    for (std::int64_t i = 0; i < nx; ++i)
      if (cells_.area(i, j) > 0) work.pressure(i, j) -= mean / area;
}

}  // namespace eddyline
