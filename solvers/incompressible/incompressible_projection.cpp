// Pressure: the velocity made free of divergence, and the pressure that belongs to a velocity.

#include "solvers/incompressible/incompressible_work.hpp"

namespace eddyline {

/// Makes the velocity free of divergence: u -= factor * grad(phi), p += phi with phi from A phi = div(u) / factor.
void IncompressibleSolver::project(Work& work, double factor) const {
  const std::int64_t nx = cells_.nx, ny = cells_.ny;
  FaceVelocity& flux = work.momentum.flux;
  sides_.fill_ghosts(work.velocity, work.time);
  balance_->compute_fluxes(work.velocity, flux);
  const double scale = 1 / factor;
#pragma omp parallel for schedule(static)
  for (std::int64_t j = 0; j < ny; ++j) {
    const double *fu = flux.u.row(j), *fv = flux.v.row(j), *fv_up = flux.v.row(j + 1);
    double* f = work.potential.data() + j * nx;
#pragma omp simd
    for (std::int64_t i = 0; i < nx; ++i) f[i] = (fu[i + 1] - fu[i] + fv_up[i] - fv[i]) * scale;
  }
  correction_->solve(*poisson_, work.potential, work.poisson);
  const double* phi = work.potential.data();
  const MomentumGeometry& geometry = balance_->geometry();
#pragma omp parallel for schedule(static)
  for (std::int64_t j = 0; j < ny; ++j) {
    const double* row = phi + j * nx;
    double *u = work.velocity.u.row(j), *p = work.pressure.row(j);
    const double *mobility = geometry.x.mobility.row(j), *area = cells_.area.row(j);
#pragma omp simd
    for (std::int64_t i = 1; i < nx; ++i) u[i] -= factor * mobility[i] * (row[i] - row[i - 1]);
    if (sides_.periodic_x()) u[0] -= factor * mobility[0] * (row[0] - row[nx - 1]);
    if (sides_.side(0).kind() == SideKind::outflow) u[0] -= factor * mobility[0] * row[0];
    if (sides_.side(1).kind() == SideKind::outflow) u[nx] += factor * mobility[nx] * row[nx - 1];
    for (std::int64_t i = 0; i < nx; ++i) p[i] = area[i] > 0 ? p[i] + row[i] : 0;
  }
#pragma omp parallel for schedule(static)
  for (std::int64_t j = 0; j <= ny; ++j) {
    const bool inner = j > 0 && j < ny;
    double* v = work.velocity.v.row(j);
    const double* mobility = geometry.y.mobility.row(j);
    const double *above = phi + (j < ny ? j : 0) * nx, *below = phi + (j > 0 ? j - 1 : ny - 1) * nx;
    if (inner || (sides_.periodic_y() && j == 0)) {
#pragma omp simd
      for (std::int64_t i = 0; i < nx; ++i) v[i] -= factor * mobility[i] * (above[i] - below[i]);
    } else if (j == 0 && sides_.side(2).kind() == SideKind::outflow) {
      for (std::int64_t i = 0; i < nx; ++i) v[i] -= factor * mobility[i] * above[i];
    } else if (j == ny && sides_.side(3).kind() == SideKind::outflow) {
      for (std::int64_t i = 0; i < nx; ++i) v[i] += factor * mobility[i] * below[i];
    }
  }
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
  if (sides_.periodic_x())
    for (std::int64_t j = 0; j < ny; ++j) rate.u(nx, j) = rate.u(0, j);
  if (sides_.periodic_y())
    for (std::int64_t i = 0; i < nx; ++i) rate.v(i, ny) = rate.v(i, 0);
  balance_->compute_fluxes(rate, work.momentum.flux);
  const FaceVelocity& flux = work.momentum.flux;
  for (std::int64_t j = 0; j < ny; ++j)
    for (std::int64_t i = 0; i < nx; ++i)
      work.potential[static_cast<std::size_t>(j * nx + i)] =
          flux.u(i + 1, j) - flux.u(i, j) + flux.v(i, j + 1) - flux.v(i, j);
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
