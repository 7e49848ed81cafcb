#include "solvers/incompressible/incompressible_solver.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "solvers/incompressible/incompressible_work.hpp"

namespace eddyline {

void IncompressibleConfig::fields(FieldVisitor& visit) {
  visit("cfl", cfl, rule::between(0.01, 1), "time step as a part of the stability limit of the Runge-Kutta scheme");
  visit("max_steps_per_frame", max_steps_per_frame, rule::at_least(1), "more steps between two frames stop the run");
}

namespace {

std::vector<ReducedFace> reduced_faces(const CutCells& cells, const Sides& sides, const MomentumGeometry& geometry) {
  std::vector<ReducedFace> faces;
  const auto cell = [&](std::int64_t i, std::int64_t j) { return j * cells.nx + i; };
  const auto add = [&](std::int64_t low_i, std::int64_t low_j, std::int64_t high_i, std::int64_t high_j,
                       double coefficient, double box) {
    const bool has_low = low_i >= 0 && low_j >= 0, has_high = high_i < cells.nx && high_j < cells.ny;
    const bool touches_fluid =
        (has_low && cells.area(low_i, low_j) > 0) || (has_high && cells.area(high_i, high_j) > 0);
    if (!touches_fluid || coefficient >= box * (1 - 1e-13)) return;
    faces.push_back({has_low ? cell(low_i, low_j) : -1, has_high ? cell(high_i, high_j) : -1, box - coefficient});
  };
  if (!cells.has_bodies) return faces;
  for (std::int64_t j = 0; j < cells.ny; ++j)
    for (std::int64_t i = 0; i <= cells.nx; ++i) {
      const double coefficient = geometry.x.length(i, j) * geometry.x.mobility(i, j);
      if (i > 0 && i < cells.nx) {
        add(i - 1, j, i, j, coefficient, 2 * cells.height(j) / (cells.width(i - 1) + cells.width(i)));
      } else if (sides.periodic_x()) {
        if (i == 0) add(cells.nx - 1, j, 0, j, coefficient, 2 * cells.height(j) / (cells.width(-1) + cells.width(0)));
      } else if (sides.side(i == 0 ? 0 : 1).kind() == SideKind::outflow) {
        add(i - 1, j, i, j, coefficient, 2 * cells.height(j) / cells.width(i == 0 ? 0 : i - 1));
      }
    }
  for (std::int64_t j = 0; j <= cells.ny; ++j)
    for (std::int64_t i = 0; i < cells.nx; ++i) {
      const double coefficient = geometry.y.length(i, j) * geometry.y.mobility(i, j);
      if (j > 0 && j < cells.ny) {
        add(i, j - 1, i, j, coefficient, 2 * cells.width(i) / (cells.height(j - 1) + cells.height(j)));
      } else if (sides.periodic_y()) {
        if (j == 0) add(i, cells.ny - 1, i, 0, coefficient, 2 * cells.width(i) / (cells.height(-1) + cells.height(0)));
      } else if (sides.side(j == 0 ? 2 : 3).kind() == SideKind::outflow) {
        add(i, j - 1, i, j, coefficient, 2 * cells.width(i) / cells.height(j == 0 ? 0 : j - 1));
      }
    }
  return faces;
}

const Case& checked(const Case& problem) {
  if (problem.grid().dimension() != 2)
    throw ConfigError("the incompressible solver is two-dimensional; the grid has " +
                      std::to_string(problem.grid().dimension()) + " axes");
  return problem;
}

}  // namespace

IncompressibleSolver::IncompressibleSolver(const IncompressibleConfig& config, std::shared_ptr<const Case> problem)
    : config_(config),
      problem_(std::move(problem)),
      sides_(checked(*problem_)),
      cells_(cut_cells(problem_->grid(), problem_->config().obstacles, sides_.periodic_x(), sides_.periodic_y())),
      viscosity_(problem_->parameter("viscosity")),
      balance_(std::make_shared<MomentumBalance>(cells_, sides_, viscosity_)) {
  const Grid& grid = problem_->grid();
  for (const int axis : {0, 1})
    if (sides_.side(2 * axis).is_inflow() || sides_.side(2 * axis + 1).is_inflow()) check_open_path(cells_, axis);
  poisson_ = std::make_shared<TensorProductPoisson>(
      PoissonAxis{grid.widths(0), sides_.side(0).poisson_end(), sides_.side(1).poisson_end()},
      PoissonAxis{grid.widths(1), sides_.side(2).poisson_end(), sides_.side(3).poisson_end()});
  correction_ = std::make_shared<CapacitanceCorrection>(*poisson_, reduced_faces(cells_, sides_, balance_->geometry()),
                                                        static_cast<std::size_t>(cells_.nx * cells_.ny));
  // Without an outflow the prescribed velocities must balance, or no divergence-free flow exists.
  if (!sides_.has_outflow()) {
    const auto scratch = work();
    sides_.set_normal(scratch->velocity, 0);
    sides_.fill_ghosts(scratch->velocity, 0);
    FaceVelocity& flux = scratch->momentum.flux;
    balance_->compute_fluxes(scratch->velocity, flux);
    double net = 0, size = 1e-300;
    for (std::int64_t j = 0; j < cells_.ny && !sides_.periodic_x(); ++j) {
      net += flux.u(0, j) - flux.u(cells_.nx, j);
      size += std::abs(flux.u(0, j)) + std::abs(flux.u(cells_.nx, j));
    }
    for (std::int64_t i = 0; i < cells_.nx && !sides_.periodic_y(); ++i) {
      net += flux.v(i, 0) - flux.v(i, cells_.ny);
      size += std::abs(flux.v(i, 0)) + std::abs(flux.v(i, cells_.ny));
    }
    if (std::abs(net) > 1e-9 * size)
      throw ConfigError("boundaries: the sides let " + format_number(net, 4) +
                        " of volume a time unit into the domain and none out; make one side an outflow");
  }
}

IncompressibleSolver::~IncompressibleSolver() = default;

std::unique_ptr<IncompressibleSolver::Work> IncompressibleSolver::work() const {
  auto work = std::make_unique<Work>();
  for (FaceVelocity* velocity : {&work->velocity, &work->start, &work->acceleration})
    *velocity = {Array2(cells_.nx + 1, cells_.ny), Array2(cells_.nx, cells_.ny + 1)};
  work->pressure = Array2(cells_.nx, cells_.ny);
  work->momentum = balance_->work();
  work->potential.resize(static_cast<std::size_t>(cells_.nx * cells_.ny));
  return work;
}

/// Velocities on outflow sides are carried out with the mean outflow speed: du/dt = -U du/dn.
void IncompressibleSolver::move_outflow(const Work& work, FaceVelocity& acceleration) const {
  const std::int64_t nx = cells_.nx, ny = cells_.ny;
  const auto along = [&](int side, std::int64_t count, double width, auto&& outside, auto&& inside, auto&& rate) {
    if (sides_.side(side).kind() != SideKind::outflow) return;
    double mean = 0;
    for (std::int64_t k = 0; k < count; ++k) mean += outside(k);
    const double sign = side % 2 == 0 ? -1 : 1, speed = std::max(0.0, sign * mean / static_cast<double>(count));
    for (std::int64_t k = 0; k < count; ++k) rate(k) = -speed * (outside(k) - inside(k)) / width;
  };
  const FaceVelocity& w = work.velocity;
  FaceVelocity& a = acceleration;
  along(
      0, ny, cells_.width(0), [&](auto j) { return w.u(0, j); }, [&](auto j) { return w.u(1, j); },
      [&](auto j) -> double& { return a.u(0, j); });
  along(
      1, ny, cells_.width(nx - 1), [&](auto j) { return w.u(nx, j); }, [&](auto j) { return w.u(nx - 1, j); },
      [&](auto j) -> double& { return a.u(nx, j); });
  along(
      2, nx, cells_.height(0), [&](auto i) { return w.v(i, 0); }, [&](auto i) { return w.v(i, 1); },
      [&](auto i) -> double& { return a.v(i, 0); });
  along(
      3, nx, cells_.height(ny - 1), [&](auto i) { return w.v(i, ny); }, [&](auto i) { return w.v(i, ny - 1); },
      [&](auto i) -> double& { return a.v(i, ny); });
}

/// The explicit acceleration of the present velocity and pressure.
void IncompressibleSolver::accelerate(Work& work) const {
  if (sides_.periodic_x())
    for (std::int64_t j = 0; j < cells_.ny; ++j) work.pressure(-1, j) = work.pressure(cells_.nx - 1, j);
  if (sides_.periodic_y())
    for (std::int64_t i = 0; i < cells_.nx; ++i) work.pressure(i, -1) = work.pressure(i, cells_.ny - 1);
  balance_->acceleration(work.velocity, work.pressure, work.momentum, work.acceleration);
}

/// u <- keep * start + step * (u + dt * acceleration) / (1 + dt * wall friction), projected; `time` is the stage's.
void IncompressibleSolver::stage(Work& work, double dt, double keep, double step, double time) const {
  const std::int64_t nx = cells_.nx, ny = cells_.ny;
  accelerate(work);
  move_outflow(work, work.acceleration);
  const MomentumGeometry& geometry = balance_->geometry();
  const double friction_dt = dt * viscosity_;
  const auto combine = [&](Array2& values, const Array2& start, const Array2& rate, const Array2& friction,
                           std::int64_t j, std::int64_t first, std::int64_t last) {
    double* u = values.row(j);
    const double *u0 = start.row(j), *a = rate.row(j), *sigma = friction.row(j);
#pragma omp simd
    for (std::int64_t i = first; i < last; ++i)
      u[i] = keep * u0[i] + step * (u[i] + dt * a[i]) / (1 + friction_dt * sigma[i]);
  };
  const std::int64_t u_first = sides_.side(0).kind() == SideKind::outflow ? 0 : balance_->first_u();
  const std::int64_t u_last = nx + (sides_.side(1).kind() == SideKind::outflow ? 1 : 0);
  const std::int64_t v_first = sides_.side(2).kind() == SideKind::outflow ? 0 : balance_->first_v();
  const std::int64_t v_last = ny + (sides_.side(3).kind() == SideKind::outflow ? 1 : 0);
#pragma omp parallel for schedule(static)
  for (std::int64_t j = 0; j < ny; ++j)
    combine(work.velocity.u, work.start.u, work.acceleration.u, geometry.x.friction, j, u_first, u_last);
#pragma omp parallel for schedule(static)
  for (std::int64_t j = v_first; j < v_last; ++j)
    combine(work.velocity.v, work.start.v, work.acceleration.v, geometry.y.friction, j, 0, nx);
  work.time = time;
  sides_.set_normal(work.velocity, time);
  project(work, step * dt);
}

IncompressibleSolver::FastestCell IncompressibleSolver::fastest_cell(const Work& work) const {
  FastestCell fastest;
  for (std::int64_t j = 0; j < cells_.ny; ++j)
    for (std::int64_t i = 0; i < cells_.nx; ++i) {
      const double u = std::max(std::abs(work.velocity.u(i, j)), std::abs(work.velocity.u(i + 1, j)));
      const double v = std::max(std::abs(work.velocity.v(i, j)), std::abs(work.velocity.v(i, j + 1)));
      const double dx = cells_.width(i), dy = cells_.height(j);
      // Stability of SSP-RK3: 1.73 on the imaginary axis (convection), 2.51 on the real one (diffusion).
      const double rate = (u / dx + v / dy) / 1.73 + 4 * viscosity_ * (1 / (dx * dx) + 1 / (dy * dy)) / 2.51;
      if (rate <= fastest.rate) continue;
      fastest = {i, j, rate};
      if (!std::isfinite(rate)) return fastest;
    }
  return fastest;
}

std::string IncompressibleSolver::description(const Work& work, std::int64_t i, std::int64_t j) const {
  return "cell (" + std::to_string(i) + ", " + std::to_string(j) + ") with velocity (" +
         format_number(work.velocity.u(i, j), 4) + ", " + format_number(work.velocity.v(i, j), 4) + ") and pressure " +
         format_number(work.pressure(i, j), 4);
}

double IncompressibleSolver::stable_dt(const Work& work) const {
  const FastestCell fastest = fastest_cell(work);
  const double dt = config_.cfl / fastest.rate;
  if (!(dt > 0) || !std::isfinite(dt))
    throw NumericalError("t = " + format_number(work.time, 10) + ": no time step is stable in " +
                         description(work, fastest.i, fastest.j) + "; check the initial state and the boundaries");
  return dt;
}

double IncompressibleSolver::stable_dt(const State& now) const { return stable_dt(*load(now)); }

void IncompressibleSolver::check(const Work& work, std::int64_t step, double dt) const {
  for (std::int64_t j = 0; j < cells_.ny; ++j)
    for (std::int64_t i = 0; i < cells_.nx; ++i)
      if (!std::isfinite(work.velocity.u(i, j)) || !std::isfinite(work.velocity.v(i, j)))
        throw NumericalError("step " + std::to_string(step) + " (t = " + format_number(work.time) +
                             ", dt = " + format_number(dt, 4) + ", CFL " + format_number(config_.cfl, 3) +
                             "): the flow is not finite in " + description(work, i, j) +
                             "; refine the grid or lower solver.cfl");
}

std::vector<State> IncompressibleSolver::advance(std::span<const State> past, double dt, int frames) const {
  if (past.empty()) throw DataError("the solver needs one past state");
  const auto work = load(past.back());
  std::vector<State> states;
  for (int frame = 0; frame < frames; ++frame) {
    const double start = work->time, wanted = std::ceil(dt / stable_dt(*work) - 1e-9);
    if (!(wanted <= static_cast<double>(config_.max_steps_per_frame))) {
      const FastestCell fastest = fastest_cell(*work);
      throw NumericalError("t = " + format_number(start) + ": a frame would take " + format_number(wanted, 4) +
                           " steps (limit solver.max_steps_per_frame); the flow is blowing up or the frame is too "
                           "long; the smallest step is that of " +
                           description(*work, fastest.i, fastest.j));
    }
    const auto steps = std::max<std::int64_t>(1, static_cast<std::int64_t>(wanted));
    const double step_dt = dt / static_cast<double>(steps);
    for (std::int64_t step = 0; step < steps; ++step) {
      const double now = start + static_cast<double>(step) * step_dt;
      work->start = work->velocity;
      stage(*work, step_dt, 0, 1, now + step_dt);
      stage(*work, step_dt, 0.75, 0.25, now + 0.5 * step_dt);
      stage(*work, step_dt, 1.0 / 3, 2.0 / 3, now + step_dt);
      // The solution of the pressure equation depends on every cell: one number tells whether any has left the finite.
      if (!std::isfinite(work->potential.front())) check(*work, step + 1, step_dt);
    }
    work->time = start + dt;
    check(*work, steps, step_dt);
    update_pressure(*work);
    states.push_back(save(*work));
  }
  return states;
}

namespace {
const SolverRegistry::Registration<IncompressibleSolver, IncompressibleConfig> registration{
    "incompressible", "2D incompressible Navier-Stokes: staggered grid, cut cells, direct pressure"};
}  // namespace

}  // namespace eddyline
