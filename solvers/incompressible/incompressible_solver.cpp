#include "solvers/incompressible/incompressible_solver.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "solvers/incompressible/incompressible_work.hpp"

namespace eddyline {

void IncompressibleConfig::fields(FieldVisitor& visit) {
  visit("cfl", cfl, rule::between(0.01, 1), "time step as a part of the stability limit of the Runge-Kutta scheme");
  visit("scalar_flux", scalar_flux, rule::one_of({"automatic", "central", "van_leer"}),
        "how a scalar is carried: central keeps the integral of its square, van_leer its bounds; automatic is van_leer "
        "for smoke, else central");
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

std::optional<TransportedScalar> checked_scalar(const Case& problem) {
  if (problem.grid().dimension() != 2)
    throw ConfigError("the incompressible solver is two-dimensional; the grid has " +
                      std::to_string(problem.grid().dimension()) + " axes");
  return incompressible_equation(problem.equation(), "incompressible").scalar();
}

}  // namespace

IncompressibleSolver::IncompressibleSolver(const IncompressibleConfig& config, std::shared_ptr<const Case> problem)
    : config_(config),
      problem_(std::move(problem)),
      scalar_(checked_scalar(*problem_)),
      sides_(*problem_, scalar_name()),
      cells_(cut_cells(problem_->grid(), problem_->config().obstacles, sides_.periodic_x(), sides_.periodic_y())),
      viscosity_(problem_->parameter("viscosity")),
      balance_(std::make_shared<MomentumBalance>(cells_, sides_, viscosity_)),
      force_(*problem_, cells_, scalar_name()),
      drag_(problem_->config().forcing.drag) {
  if (scalar_) {
    const double diffusivity = problem_->parameter(scalar_->diffusivity);
    if (!(diffusivity >= 0))
      throw ConfigError("parameters." + scalar_->diffusivity + ": must be >= 0, got " + format_number(diffusivity));
    const bool is_limited =
        config_.scalar_flux == "van_leer" || (config_.scalar_flux == "automatic" && scalar_->stays_bounded);
    transport_ = std::make_shared<ScalarTransport>(cells_, sides_, balance_->geometry(), diffusivity,
                                                   is_limited ? ScalarFlux::van_leer : ScalarFlux::central);
    if (scalar_->is_buoyant()) buoyancy_ = problem_->parameter(scalar_->buoyancy);
  }
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
    const FaceVelocity& velocity = scratch->velocity;
    double net = 0, size = 1e-300;
    const auto count = [&](double in, double out) {
      net += in - out;
      size += std::abs(in) + std::abs(out);
    };
    for (std::int64_t j = 0; j < cells_.ny && !sides_.periodic_x(); ++j)
      count(balance_->flux_x(velocity, 0, j), balance_->flux_x(velocity, cells_.nx, j));
    for (std::int64_t i = 0; i < cells_.nx && !sides_.periodic_y(); ++i)
      count(balance_->flux_y(velocity, i, 0), balance_->flux_y(velocity, i, cells_.ny));
    if (std::abs(net) > 1e-9 * size)
      throw ConfigError("boundaries: the sides let " + format_number(net, 4) +
                        " of volume a time unit into the domain and none out; make one side an outflow");
  }
}

IncompressibleSolver::~IncompressibleSolver() = default;

std::unique_ptr<IncompressibleSolver::Work> IncompressibleSolver::work() const {
  auto work = std::make_unique<Work>();
  const FaceVelocity zero{Array2(cells_.nx + 1, cells_.ny), Array2(cells_.nx, cells_.ny + 1)};
  for (FaceVelocity* velocity : {&work->velocity, &work->next, &work->start, &work->acceleration}) *velocity = zero;
  work->pressure = Array2(cells_.nx, cells_.ny);
  if (scalar_)
    for (Array2* scalar : {&work->scalar, &work->next_scalar, &work->start_scalar}) *scalar = transport_->field();
  if (force_.moves()) work->force = zero;
  if (force_.feeds_scalar()) work->scalar_source = Array2(cells_.nx, cells_.ny);
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

void IncompressibleSolver::fill_ghosts(Work& work) const {
  sides_.fill_ghosts(work.velocity, work.time);
  if (scalar_) transport_->fill_ghosts(work.scalar);
}

/// What acts on the fluid at work.time; formulas that do not know the time are evaluated once.
Sources IncompressibleSolver::sources(Work& work) const {
  if ((force_.moves() || force_.feeds_scalar()) &&
      (!work.force_time || (*work.force_time != work.time && !force_.is_steady()))) {
    force_.evaluate(work.time, work.force, work.scalar_source);
    work.force_time = work.time;
  }
  if (sides_.periodic_x())
    for (std::int64_t j = 0; j < cells_.ny; ++j) work.pressure(-1, j) = work.pressure(cells_.nx - 1, j);
  if (sides_.periodic_y())
    for (std::int64_t i = 0; i < cells_.nx; ++i) work.pressure(i, -1) = work.pressure(i, cells_.ny - 1);
  Sources out;
  if (force_.moves()) out.force = &work.force;
  if (buoyancy_ != 0) out.scalar = &work.scalar;
  out.buoyancy = buoyancy_;
  out.drag = drag_;
  return out;
}

/// The explicit acceleration of the present velocity and pressure.
void IncompressibleSolver::accelerate(Work& work) const {
  balance_->acceleration(work.velocity, work.pressure, sources(work), work.acceleration);
}

/// One stage of velocity and scalar, the velocity projected; `time` is that of its end.
void IncompressibleSolver::stage(Work& work, const Stage& stage, double time) const {
  const std::int64_t nx = cells_.nx, ny = cells_.ny;
  balance_->advance(work.velocity, work.pressure, sources(work), work.start, stage, work.next);
  if (scalar_) {
    transport_->advance(work.velocity, work.scalar, work.time, force_.feeds_scalar() ? &work.scalar_source : nullptr,
                        work.start_scalar, stage, work.next_scalar);
    std::swap(work.scalar, work.next_scalar);
  }
  if (sides_.has_outflow()) {
    move_outflow(work, work.acceleration);
    const auto combine = [&](const Array2& from, const Array2& start, const Array2& rate, Array2& to, std::int64_t i,
                             std::int64_t j) {
      to(i, j) = stage.keep * start(i, j) + stage.step * (from(i, j) + stage.dt * rate(i, j));
    };
    for (const int end : {0, 1}) {
      for (std::int64_t j = 0; j < ny && sides_.side(end).kind() == SideKind::outflow; ++j)
        combine(work.velocity.u, work.start.u, work.acceleration.u, work.next.u, end * nx, j);
      for (std::int64_t i = 0; i < nx && sides_.side(2 + end).kind() == SideKind::outflow; ++i)
        combine(work.velocity.v, work.start.v, work.acceleration.v, work.next.v, i, end * ny);
    }
  }
  std::swap(work.velocity, work.next);
  work.time = time;
  sides_.set_normal(work.velocity, time);
  project(work, stage.step * stage.dt);
}

IncompressibleSolver::FastestCell IncompressibleSolver::fastest_cell(const Work& work) const {
  FastestCell fastest;
  for (std::int64_t j = 0; j < cells_.ny; ++j)
    for (std::int64_t i = 0; i < cells_.nx; ++i) {
      const double u = std::max(std::abs(work.velocity.u(i, j)), std::abs(work.velocity.u(i + 1, j)));
      const double v = std::max(std::abs(work.velocity.v(i, j)), std::abs(work.velocity.v(i, j + 1)));
      const double dx = cells_.width(i), dy = cells_.height(j);
      // Stability of SSP-RK3: 1.73 on the imaginary axis (convection), 2.51 on the real one (diffusion).
      double rate = (u / dx + v / dy) / 1.73 + (4 * viscosity_ * (1 / (dx * dx) + 1 / (dy * dy)) + drag_) / 2.51;
      if (scalar_) rate = std::max(rate, transport_->stability_rate(work.velocity, i, j));
      if (rate <= fastest.rate) continue;
      fastest = {i, j, rate};
      if (!std::isfinite(rate)) return fastest;
    }
  return fastest;
}

std::string IncompressibleSolver::description(const Work& work, std::int64_t i, std::int64_t j) const {
  return "cell (" + std::to_string(i) + ", " + std::to_string(j) + ") with velocity (" +
         format_number(work.velocity.u(i, j), 4) + ", " + format_number(work.velocity.v(i, j), 4) + ") and pressure " +
         format_number(work.pressure(i, j), 4) +
         (scalar_ ? " and " + scalar_->channel + " " + format_number(work.scalar(i, j), 4) : std::string());
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
      if (!std::isfinite(work.velocity.u(i, j)) || !std::isfinite(work.velocity.v(i, j)) ||
          (scalar_ && !std::isfinite(work.scalar(i, j))))
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
      work->start_scalar = work->scalar;
      stage(*work, {0, 1, step_dt}, now + step_dt);
      stage(*work, {0.75, 0.25, step_dt}, now + 0.5 * step_dt);
      stage(*work, {1.0 / 3, 2.0 / 3, step_dt}, now + step_dt);
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
