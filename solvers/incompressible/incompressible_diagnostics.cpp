// What is measured on a flow: residual of a transition, divergence, energy, forces on bodies, volume through the sides.

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "solvers/incompressible/incompressible_work.hpp"

namespace eddyline {

at::Tensor IncompressibleSolver::residual(const State& before, const State& after) const {
  const double dt = after.time - before.time;
  if (!(dt > 0)) throw DataError("residual: the second state must be later than the first");
  const auto first = load(before), second = load(after), middle = load(before);
  const auto mean = [](Array2& out, const Array2& a, const Array2& b) {
    for (std::int64_t j = 0; j < out.ny(); ++j)
      for (std::int64_t i = 0; i < out.nx(); ++i) out(i, j) = 0.5 * (a(i, j) + b(i, j));
  };
  mean(middle->velocity.u, first->velocity.u, second->velocity.u);
  mean(middle->velocity.v, first->velocity.v, second->velocity.v);
  middle->time = 0.5 * (before.time + after.time);
  if (scalar_) mean(middle->scalar, first->scalar, second->scalar);
  fill_ghosts(*middle);
  update_pressure(*middle);
  middle->start = middle->velocity;
  accelerate(*middle);
  const MomentumGeometry& geometry = balance_->geometry();
  const auto work = this->work();
  for (std::int64_t j = 0; j < cells_.ny; ++j)
    for (std::int64_t i = balance_->first_u(); i < cells_.nx; ++i)
      work->velocity.u(i, j) = (second->velocity.u(i, j) - first->velocity.u(i, j)) / dt -
                               middle->acceleration.u(i, j) +
                               viscosity_ * geometry.x.friction(i, j) * middle->velocity.u(i, j);
  for (std::int64_t j = balance_->first_v(); j < cells_.ny; ++j)
    for (std::int64_t i = 0; i < cells_.nx; ++i)
      work->velocity.v(i, j) = (second->velocity.v(i, j) - first->velocity.v(i, j)) / dt -
                               middle->acceleration.v(i, j) +
                               viscosity_ * geometry.y.friction(i, j) * middle->velocity.v(i, j);
  for (std::int64_t j = 0; j < cells_.ny && sides_.periodic_x(); ++j)
    work->velocity.u(cells_.nx, j) = work->velocity.u(0, j);
  for (std::int64_t i = 0; i < cells_.nx && sides_.periodic_y(); ++i)
    work->velocity.v(i, cells_.ny) = work->velocity.v(i, 0);
  if (scalar_) {
    transport_->rate(middle->velocity, middle->scalar, middle->time,
                     force_.feeds_scalar() ? &middle->scalar_source : nullptr, work->scalar);
    for (std::int64_t j = 0; j < cells_.ny; ++j)
      for (std::int64_t i = 0; i < cells_.nx; ++i)
        work->scalar(i, j) = (second->scalar(i, j) - first->scalar(i, j)) / dt - work->scalar(i, j);
  }
  return to_cells(save(*work));
}

/// Integral of the squared vorticity / 2: at the nodes, whose share of the area is a quarter of each cell around.
double IncompressibleSolver::enstrophy(const Work& work) const {
  const std::int64_t nx = cells_.nx, ny = cells_.ny;
  const LineSpacing along_x(cells_.dx), along_y(cells_.dy);
  double sum = 0;
  for (std::int64_t j = 0; j <= ny; ++j)
    for (std::int64_t i = 0; i <= nx; ++i) {
      if (cells_.corner_is_fluid(i, j) == 0) continue;
      const double vorticity = (work.velocity.v(i, j) - work.velocity.v(i - 1, j)) *
                                   along_x.inverse_distance[static_cast<std::size_t>(i + 1)] -
                               (work.velocity.u(i, j) - work.velocity.u(i, j - 1)) *
                                   along_y.inverse_distance[static_cast<std::size_t>(j + 1)];
      double area = 0;
      for (const std::int64_t row : {j - 1, j})
        for (const std::int64_t column : {i - 1, i})
          if (row >= 0 && row < ny && column >= 0 && column < nx) area += 0.25 * cells_.area(column, row);
      sum += 0.5 * vorticity * vorticity * area;
    }
  return sum;
}

std::optional<double> IncompressibleSolver::nusselt(const Work& work) const {
  if (!scalar_ || scalar_->channel != "temperature") return std::nullopt;
  std::optional<ScalarTransport::SideHeat> hot, cold;
  for (int side = 0; side < 4; ++side) {
    if (!sides_.side(side).prescribes_scalar()) continue;
    const auto heat = transport_->side_heat(side, work.scalar, work.time);
    if (!(heat.length > 0)) continue;
    if (!hot || heat.value > hot->value) hot = heat;
    if (!cold || heat.value < cold->value) cold = heat;
  }
  if (!hot || !(hot->value > cold->value)) return std::nullopt;
  const double conduction = problem_->parameter(scalar_->diffusivity) * (hot->value - cold->value) * hot->length /
                            problem_->config().length_scale;
  return hot->inflow / conduction;
}

Diagnostics IncompressibleSolver::diagnostics(const State& state) const {
  const auto work = load(state);
  const std::int64_t nx = cells_.nx, ny = cells_.ny;
  const auto flux_x = [&](std::int64_t i, std::int64_t j) { return balance_->flux_x(work->velocity, i, j); };
  const auto flux_y = [&](std::int64_t i, std::int64_t j) { return balance_->flux_y(work->velocity, i, j); };
  double divergence = 0, energy = 0, drag = 0, lift = 0, courant = 0;
  const MomentumGeometry& geometry = balance_->geometry();
  const double step = stable_dt(*work);
  for (std::int64_t j = 0; j < ny; ++j)
    for (std::int64_t i = 0; i < nx; ++i) {
      if (cells_.area(i, j) <= 0) continue;
      const double stress_x = viscosity_ * (flux_x(i + 1, j) - flux_x(i, j)) / cells_.area(i, j);
      const double stress_y = viscosity_ * (flux_y(i, j + 1) - flux_y(i, j)) / cells_.area(i, j);
      divergence = std::max(divergence, std::abs(stress_x + stress_y) / viscosity_ * cells_.fraction(i, j));
      const double u = 0.5 * (work->velocity.u(i, j) + work->velocity.u(i + 1, j)),
                   v = 0.5 * (work->velocity.v(i, j) + work->velocity.v(i, j + 1));
      energy += 0.5 * (u * u + v * v) * cells_.area(i, j);
      courant = std::max(courant, step * (std::abs(u) / cells_.width(i) + std::abs(v) / cells_.height(j)));
      // What the walls in this cell take up: pressure and normal stress on the difference of the open lengths.
      drag += (work->pressure(i, j) - stress_x) * (cells_.open_x(i, j) - cells_.open_x(i + 1, j)) * cells_.height(j);
      lift += (work->pressure(i, j) - stress_y) * (cells_.open_y(i, j) - cells_.open_y(i, j + 1)) * cells_.width(i);
    }
  const auto friction = [&](const FaceGeometry& face, const Array2& velocity, std::int64_t i, std::int64_t j) {
    return face.inverse_mass(i, j) > 0 ? viscosity_ * face.friction(i, j) / face.inverse_mass(i, j) * velocity(i, j)
                                       : 0;
  };
  for (std::int64_t j = 0; j < ny; ++j)
    for (std::int64_t i = balance_->first_u(); i < nx; ++i) drag += friction(geometry.x, work->velocity.u, i, j);
  for (std::int64_t j = balance_->first_v(); j < ny; ++j)
    for (std::int64_t i = 0; i < nx; ++i) lift += friction(geometry.y, work->velocity.v, i, j);
  double in = 0, out = 0;
  const auto count = [&](double into) { (into > 0 ? in : out) += std::abs(into); };
  for (std::int64_t j = 0; j < ny && !sides_.periodic_x(); ++j) {
    count(flux_x(0, j));
    count(-flux_x(nx, j));
  }
  for (std::int64_t i = 0; i < nx && !sides_.periodic_y(); ++i) {
    count(flux_y(i, 0));
    count(-flux_y(i, ny));
  }
  Diagnostics diagnostics = {
      {"cfl", courant}, {"divergence", divergence}, {"kinetic_energy", energy}, {"enstrophy", enstrophy(*work)},
      {"mass_in", in},  {"mass_out", out}};
  if (scalar_) diagnostics.emplace_back("mean_" + scalar_->channel, transport_->mean(work->scalar));
  if (const auto value = nusselt(*work)) diagnostics.emplace_back("nusselt", *value);
  if (cells_.has_bodies) {
    const CaseConfig& scales = problem_->config();
    const double unit = 0.5 * scales.velocity_scale * scales.velocity_scale * scales.length_scale;
    diagnostics.emplace_back("drag_coefficient", drag / unit);
    diagnostics.emplace_back("lift_coefficient", lift / unit);
  }
  return diagnostics;
}

}  // namespace eddyline
