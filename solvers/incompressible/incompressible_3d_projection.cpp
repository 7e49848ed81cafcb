// Pressure: the velocity made free of divergence, and the pressure that belongs to a velocity.

#include <algorithm>

#include "solvers/incompressible/incompressible_3d_work.hpp"

namespace eddyline {

/// Net outflow of the cells of planes first..last-1.
void Incompressible3d::set_divergence(const PaddedField& velocity, std::int64_t first, std::int64_t last,
                                      double* out) const {
  const int nx = axes_[0].cells(), ny = axes_[1].cells();
  const double* width_x = axes_[0].width();
  for (auto k = static_cast<int>(first); k < last; ++k)
    for (int j = 0; j < ny; ++j) {
      const double *u = velocity.row(0, j, k), *v = velocity.row(1, j, k), *v_up = velocity.row(1, j + 1, k),
                   *w = velocity.row(2, j, k), *w_up = velocity.row(2, j, k + 1);
      const double width_y = axes_[1].width()[j], width_z = axes_[2].width()[k], across = width_y * width_z;
      double* f = out + (static_cast<std::int64_t>(k) * ny + j) * nx;
#pragma omp simd
      for (int i = 0; i < nx; ++i)
        f[i] = (u[i + 1] - u[i]) * across + width_x[i] * ((v_up[i] - v[i]) * width_z + (w_up[i] - w[i]) * width_y);
    }
}

/// Takes the gradient of the potential off the inner faces and those of outflow sides, on planes first..last-1; faces
/// between groups of planes are left out: their lower plane may not be known yet. With group 0 only those are done.
void Incompressible3d::subtract_gradient(const AlignedValues& potential, PaddedField& velocity, std::int64_t first,
                                         std::int64_t last, std::int64_t group) const {
  const int nx = axes_[0].cells(), ny = axes_[1].cells(), nz = axes_[2].cells();
  const auto row_of = [&](int j, int k) { return potential.data() + (static_cast<std::int64_t>(k) * ny + j) * nx; };
  const auto subtract = [&](double* q, const double* high, const double* low, double inverse_distance) {
#pragma omp simd
    for (int i = 0; i < nx; ++i) q[i] -= inverse_distance * (high[i] - low[i]);
  };
  const auto subtract_side = [&](double* q, const double* inside, double inverse_distance) {
#pragma omp simd
    for (int i = 0; i < nx; ++i) q[i] -= inverse_distance * inside[i];
  };
  const auto across_z = [&](int k) {
    const double d = axes_[2].inverse_distance()[k];
    for (int j = 0; j < ny; ++j) {
      double* w = velocity.row(2, j, k);
      if (k > 0) {
        subtract(w, row_of(j, k), row_of(j, k - 1), d);
      } else if (sides_.is_periodic(2)) {
        subtract(w, row_of(j, 0), row_of(j, nz - 1), d);
      } else if (sides_.is_outflow(4)) {
        subtract_side(w, row_of(j, 0), 2 * axes_[2].inverse_width()[0]);
      }
    }
  };
  if (group == 0) {
    for (auto k = static_cast<int>(first); k < last; ++k) across_z(k);
    return;
  }
  const double* d_x = axes_[0].inverse_distance();
  for (auto k = static_cast<int>(first); k < last; ++k) {
    for (int j = 0; j < ny; ++j) {
      const double* p = row_of(j, k);
      double *u = velocity.row(0, j, k), *v = velocity.row(1, j, k);
#pragma omp simd
      for (int i = 1; i < nx; ++i) u[i] -= d_x[i] * (p[i] - p[i - 1]);
      if (sides_.is_periodic(0)) u[0] -= d_x[0] * (p[0] - p[nx - 1]);
      if (sides_.is_outflow(0)) u[0] -= 2 * axes_[0].inverse_width()[0] * p[0];
      if (sides_.is_outflow(1)) u[nx] += 2 * axes_[0].inverse_width()[nx - 1] * p[nx - 1];
      const double d_y = axes_[1].inverse_distance()[j];
      if (j > 0) {
        subtract(v, p, row_of(j - 1, k), d_y);
      } else if (sides_.is_periodic(1)) {
        subtract(v, p, row_of(ny - 1, k), d_y);
      } else if (sides_.is_outflow(2)) {
        subtract_side(v, p, 2 * axes_[1].inverse_width()[0]);
      }
    }
    if (sides_.is_outflow(3))
      subtract_side(velocity.row(1, ny, k), row_of(ny - 1, k), -2 * axes_[1].inverse_width()[ny - 1]);
    if (k % group != 0) across_z(k);
    if (k + 1 == nz && sides_.is_outflow(5))
      for (int j = 0; j < ny; ++j)
        subtract_side(velocity.row(2, j, nz), row_of(j, k), -2 * axes_[2].inverse_width()[nz - 1]);
  }
}

/// Makes the velocity free of divergence and fills its ghosts, for the sides' values at work.time.
void Incompressible3d::project(Work& work, PaddedField& velocity) const {
  const std::int64_t group = poisson_->planes_together(), nz = axes_[2].cells();
  sides_.set_normal(velocity, work.sides);
  poisson_->solve(
      work.potential, work.poisson,
      [&](std::int64_t first, std::int64_t last) { set_divergence(velocity, first, last, work.potential.data()); },
      [&](std::int64_t first, std::int64_t last) { subtract_gradient(work.potential, velocity, first, last, group); });
#pragma omp parallel for schedule(static)
  for (std::int64_t first = 0; first < nz; first += group)
    subtract_gradient(work.potential, velocity, first, first + 1, 0);
  sides_.set_normal(velocity, work.sides);
  sides_.fill_ghosts(velocity, work.sides);
}

/// Rates of work.now without pressure; those of the sides' normal velocities too.
void Incompressible3d::rates(Work& work, BoxFields& rate) const {
  const int nz = axes_[2].cells();
  const StageWeights weights{0, 0, 1};
  const BoxFields& now = work.now;
  forces_.update(work.forces, work.time);
#pragma omp parallel for schedule(static)
  for (int first = 0; first < nz; first += planes_of_a_task) {
    const int last = std::min(first + planes_of_a_task, nz);
    momentum_.advance(now.velocity, now.velocity, weights, rate.velocity, first, last);
    if (transport_) transport_->advance(now.velocity, now.scalar, now.scalar, weights, rate.scalar, first, last);
    if (forces_.acts()) forces_.add(now, work.forces, 1, rate, first, last);
  }
  move_outflow(now.velocity, now.velocity, weights, rate.velocity);
  sides_.set_normal_rate(rate.velocity, work.sides);
}

AlignedValues Incompressible3d::balanced_rates(Work& work, BoxFields& rate) const {
  const std::int64_t group = poisson_->planes_together();
  rates(work, rate);
  AlignedValues pressure(work.potential.size());
  poisson_->solve(
      pressure, work.poisson,
      [&](std::int64_t first, std::int64_t last) { set_divergence(rate.velocity, first, last, pressure.data()); },
      [&](std::int64_t first, std::int64_t last) { subtract_gradient(pressure, rate.velocity, first, last, group); });
  const int nx = axes_[0].cells(), ny = axes_[1].cells(), nz = axes_[2].cells();
  for (std::int64_t first = 0; first < nz; first += group)
    subtract_gradient(pressure, rate.velocity, first, first + 1, 0);
  sides_.set_normal_rate(rate.velocity, work.sides);  // the last face of a periodic axis is the first
  if (!poisson_->is_singular()) return pressure;
  double mean = 0, volume = 0;  // fixed up to a constant: its mean is zero
  for (int k = 0; k < nz; ++k)
    for (int j = 0; j < ny; ++j)
      for (int i = 0; i < nx; ++i) {
        const double cell = axes_[0].width()[i] * axes_[1].width()[j] * axes_[2].width()[k];
        mean += cell * pressure[static_cast<std::size_t>((static_cast<std::int64_t>(k) * ny + j) * nx + i)];
        volume += cell;
      }
  for (double& value : pressure) value -= mean / volume;
  return pressure;
}

}  // namespace eddyline
