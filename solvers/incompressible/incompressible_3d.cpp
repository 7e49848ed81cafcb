#include "solvers/incompressible/incompressible_3d.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "solvers/incompressible/incompressible_3d_work.hpp"

namespace eddyline {

void Incompressible3dConfig::fields(FieldVisitor& visit) {
  visit("cfl", cfl, rule::between(0.01, 1), "time step as a part of the stability limit of the Runge-Kutta scheme");
  visit("scalar_flux", scalar_flux, rule::one_of({"automatic", "central", "van_leer"}),
        "of the scalar: central, or limited so that it stays in its range; automatic: limited for smoke");
  visit("max_steps_per_frame", max_steps_per_frame, rule::at_least(1), "more steps between two frames stop the run");
}

namespace {

const Case& checked(const Case& problem) {
  static_cast<void>(incompressible_equation(problem.equation(), "incompressible_3d"));
  if (problem.grid().dimension() != 3)
    throw ConfigError("the solver incompressible_3d is three-dimensional; the grid has " +
                      std::to_string(problem.grid().dimension()) +
                      (problem.grid().dimension() == 1 ? " axis" : " axes") + "; in two dimensions use incompressible");
  if (!problem.config().obstacles.empty())
    throw ConfigError("obstacles: the solver incompressible_3d knows boxes without bodies; remove them");
  return problem;
}

std::array<AxisMetrics, 3> metrics_of(const Case& problem) {
  const auto axis = [&](int a) {
    const bool wraps = problem.config().boundaries.at(std::string(1, "xyz"[a]) + "_low").type == "periodic";
    return AxisMetrics(problem.grid(), a, wraps);
  };
  return {axis(0), axis(1), axis(2)};
}

std::optional<BoxScalar> transport_of(const Case& problem, const std::optional<TransportedScalar>& scalar,
                                      const std::array<AxisMetrics, 3>& axes, const std::string& flux) {
  if (!scalar) return std::nullopt;
  const double diffusivity = problem.parameter(scalar->diffusivity);
  if (!(diffusivity >= 0))
    throw ConfigError("parameters." + scalar->diffusivity + ": must be >= 0, got " + format_number(diffusivity));
  return BoxScalar(axes, diffusivity, flux == "van_leer" || (flux == "automatic" && scalar->stays_bounded));
}

// Stability of SSP-RK3: 1.73 on the imaginary axis (convection), 2.51 on the real one (diffusion, drag).
constexpr double imaginary_limit = 1.73, real_limit = 2.51;

}  // namespace

Incompressible3d::Incompressible3d(const Incompressible3dConfig& config, std::shared_ptr<const Case> problem)
    : config_(config),
      problem_(std::move(problem)),
      scalar_(incompressible_equation(checked(*problem_).equation(), "incompressible_3d").scalar()),
      axes_(metrics_of(*problem_)),
      sides_(*problem_, axes_),
      forces_(*problem_, axes_),
      momentum_(axes_, problem_->parameter("viscosity")),
      transport_(transport_of(*problem_, scalar_, axes_, config_.scalar_flux)) {
  const Grid& grid = problem_->grid();
  poisson_ = std::make_shared<BoxPoisson>(sides_.poisson_axis(grid, 0), sides_.poisson_axis(grid, 1),
                                          sides_.poisson_axis(grid, 2));
  BoxSides::Values values;
  sides_.update(values, 0);  // contradictions are errors here, before anything runs
}

Incompressible3d::~Incompressible3d() = default;

std::unique_ptr<Incompressible3d::Work> Incompressible3d::work() const {
  auto work = std::make_unique<Work>();
  const BlockShape shape{3, {axes_[0].cells(), axes_[1].cells(), axes_[2].cells()}, 2};
  for (BoxFields* fields : {&work->now, &work->start, &work->next}) {
    fields->velocity = PaddedField(3, shape);
    if (scalar_) fields->scalar = PaddedField(1, shape);
  }
  work->potential.resize(poisson_->cell_count());
  return work;
}

/// Velocities on outflow sides are carried out with the mean outflow speed: du/dt = -U du/dn.
void Incompressible3d::move_outflow(const PaddedField& from, const PaddedField& start, const StageWeights& weights,
                                    PaddedField& to) const {
  for (int side = 0; side < 6; ++side) {
    if (!sides_.is_outflow(side)) continue;
    const int axis = side / 2, n = axes_[static_cast<std::size_t>(axis)].cells();
    const bool is_high = side % 2 == 1;
    const std::array<int, 3> counts = {axis == 0 ? 1 : axes_[0].cells(), axis == 1 ? 1 : axes_[1].cells(),
                                       axis == 2 ? 1 : axes_[2].cells()};
    const auto a = static_cast<std::size_t>(axis);
    const int outside = is_high ? n : 0, inside = is_high ? n - 1 : 1;
    const auto value = [&](const PaddedField& field, std::array<int, 3> index, int layer) {
      index[a] = layer;
      return field.row(axis, index[1], index[2])[index[0]];
    };
    const auto for_faces = [&](auto&& visit) {
      for (int k = 0; k < counts[2]; ++k)
        for (int j = 0; j < counts[1]; ++j)
          for (int i = 0; i < counts[0]; ++i) visit(std::array{i, j, k});
    };
    double sum = 0;
    for_faces([&](const auto& index) { sum += value(from, index, outside); });
    const double mean = sum / (static_cast<double>(counts[0]) * counts[1] * counts[2]);
    const double speed = std::max(0.0, is_high ? mean : -mean) * axes_[a].inverse_width()[is_high ? n - 1 : 0];
    for_faces([&](std::array<int, 3> index) {
      const double here = value(from, index, outside);
      const double rate = -speed * (here - value(from, index, inside));
      const double moved = weights.keep * value(start, index, outside) + weights.carry * here + weights.rate * rate;
      index[a] = outside;
      to.row(axis, index[1], index[2])[index[0]] = moved;
    });
  }
}

/// to = keep * start + carry * from + rate * d(from)/dt, at `time`, projected. `from` is at work.time.
void Incompressible3d::stage(Work& work, BoxFields& from, BoxFields& start, BoxFields& to, const StageWeights& weights,
                             double time) const {
  const int nz = axes_[2].cells();
  forces_.update(work.forces, work.time);
#pragma omp parallel for schedule(static)
  for (int first = 0; first < nz; first += planes_of_a_task) {
    const int last = std::min(first + planes_of_a_task, nz);
    momentum_.advance(from.velocity, start.velocity, weights, to.velocity, first, last);
    if (transport_) transport_->advance(from.velocity, from.scalar, start.scalar, weights, to.scalar, first, last);
    if (forces_.acts()) forces_.add(from, work.forces, weights.rate, to, first, last);
  }
  move_outflow(from.velocity, start.velocity, weights, to.velocity);
  work.time = time;
  sides_.update(work.sides, time);
  project(work, to.velocity);
  if (scalar_) sides_.fill_scalar_ghosts(to.scalar, work.sides);
}

void Incompressible3d::step(Work& work, double dt) const {
  const double time = work.time;
  std::swap(work.now, work.start);
  stage(work, work.start, work.start, work.next, {0, 1, dt}, time + dt);
  stage(work, work.next, work.start, work.now, {0.75, 0.25, 0.25 * dt}, time + 0.5 * dt);
  stage(work, work.now, work.start, work.next, {1.0 / 3, 2.0 / 3, 2.0 / 3 * dt}, time + dt);
  std::swap(work.now, work.next);
}

/// Largest rate of a row of cells.
double Incompressible3d::row_rate(const PaddedField& velocity, int j, int k) const {
  const double *u = velocity.row(0, j, k), *v = velocity.row(1, j, k), *v_up = velocity.row(1, j + 1, k),
               *w = velocity.row(2, j, k), *w_up = velocity.row(2, j, k + 1);
  const double* in_x = axes_[0].inverse_width();
  const double in_y = axes_[1].inverse_width()[j], in_z = axes_[2].inverse_width()[k];
  const double fixed = in_y * in_y + in_z * in_z, drag = forces_.drag() / real_limit;
  const double diffusivity = std::max(momentum_.viscosity(), transport_ ? transport_->diffusivity() : 0.0);
  const double diffusion = 4 * diffusivity / real_limit, convection = 1 / imaginary_limit;
  const int nx = axes_[0].cells();
  double most = 0;
#pragma omp simd reduction(max : most)
  for (int i = 0; i < nx; ++i) {
    const double speeds = std::max(std::abs(u[i]), std::abs(u[i + 1])) * in_x[i] +
                          std::max(std::abs(v[i]), std::abs(v_up[i])) * in_y +
                          std::max(std::abs(w[i]), std::abs(w_up[i])) * in_z;
    const double rate = convection * speeds + diffusion * (in_x[i] * in_x[i] + fixed) + drag;
    most = std::max(most, rate);
  }
  if (!transport_ || !transport_->is_limited()) return most;
  // The limited flux keeps the range of the scalar while no cell loses over half of what it holds.
  const double spread = 4 * transport_->diffusivity();
#pragma omp simd reduction(max : most)
  for (int i = 0; i < nx; ++i) {
    const double out = (std::max(u[i + 1], 0.0) - std::min(u[i], 0.0)) * in_x[i] +
                       (std::max(v_up[i], 0.0) - std::min(v[i], 0.0)) * in_y +
                       (std::max(w_up[i], 0.0) - std::min(w[i], 0.0)) * in_z;
    const double rate = 2 * out + spread * (in_x[i] * in_x[i] + fixed);
    most = std::max(most, rate);
  }
  return most;
}

double Incompressible3d::stable_dt(Work& work) const {
  const int ny = axes_[1].cells(), nz = axes_[2].cells();
  double rate = 0;
#pragma omp parallel for schedule(static) reduction(max : rate)
  for (int k = 0; k < nz; ++k)
    for (int j = 0; j < ny; ++j) rate = std::max(rate, row_rate(work.now.velocity, j, k));
  if (forces_.acts()) {
    // From rest the velocity that builds up in a step sets its length: a dt^2 <= width.
    forces_.update(work.forces, work.time);
    const double finest = std::max({axes_[0].finest(), axes_[1].finest(), axes_[2].finest()});
    rate = std::max(rate, std::sqrt(forces_.largest_acceleration(work.now, work.forces) * finest));
  }
  const double dt = config_.cfl / rate;
  if (!(dt > 0) || !std::isfinite(dt))
    throw NumericalError("t = " + format_number(work.time, 10) + ": no time step is stable in " +
                         description(work, fastest_cell(work)) + "; check the initial state and the boundaries");
  return dt;
}

double Incompressible3d::stable_dt(const State& now) const {
  const auto work = load(now);
  check(*work, 0, 0);
  return stable_dt(*work);
}

Incompressible3d::FastestCell Incompressible3d::fastest_cell(const Work& work) const {
  FastestCell fastest;
  for (int k = 0; k < axes_[2].cells(); ++k)
    for (int j = 0; j < axes_[1].cells(); ++j)
      for (int i = 0; i < axes_[0].cells(); ++i) {
        double rate = 0;
        for (int c = 0; c < 3; ++c)
          rate += std::abs(work.now.velocity.row(c, j, k)[i]) * axes_[static_cast<std::size_t>(c)].finest();
        if (rate > fastest.rate || !std::isfinite(rate)) fastest = {i, j, k, rate};
        if (!std::isfinite(rate)) return fastest;
      }
  return fastest;
}

std::string Incompressible3d::description(const Work& work, const FastestCell& cell) const {
  const auto velocity = [&](int c) { return format_number(work.now.velocity.row(c, cell.j, cell.k)[cell.i], 4); };
  std::string text = "cell (" + std::to_string(cell.i) + ", " + std::to_string(cell.j) + ", " + std::to_string(cell.k) +
                     ") with velocity (" + velocity(0) + ", " + velocity(1) + ", " + velocity(2) + ")";
  if (scalar_)
    text += " and " + scalar_->channel + " " + format_number(work.now.scalar.row(0, cell.j, cell.k)[cell.i], 4);
  return text;
}

void Incompressible3d::check(const Work& work, std::int64_t step, double dt) const {
  for (int k = 0; k < axes_[2].cells(); ++k)
    for (int j = 0; j < axes_[1].cells(); ++j)
      for (int i = 0; i < axes_[0].cells(); ++i) {
        bool is_finite = !scalar_ || std::isfinite(work.now.scalar.row(0, j, k)[i]);
        for (int c = 0; c < 3; ++c) is_finite = is_finite && std::isfinite(work.now.velocity.row(c, j, k)[i]);
        if (!is_finite)
          throw NumericalError("step " + std::to_string(step) + " (t = " + format_number(work.time) +
                               ", dt = " + format_number(dt, 4) + ", CFL " + format_number(config_.cfl, 3) +
                               "): the flow is not finite in " + description(work, {i, j, k, 0}) +
                               "; refine the grid or lower solver.cfl");
      }
}

std::vector<State> Incompressible3d::advance(std::span<const State> past, double dt, int frames) const {
  if (past.empty()) throw DataError("the solver needs one past state");
  const auto work = load(past.back());
  std::vector<State> states;
  for (int frame = 0; frame < frames; ++frame) {
    const double end = work->time + dt;
    double step_dt = 0;
    std::int64_t taken = 0;
    for (bool is_last = false; !is_last; ++taken) {
      const double left = end - work->time, wanted = std::max(1.0, std::ceil(left / stable_dt(*work) - 1e-9));
      if (!(static_cast<double>(taken) + wanted <= static_cast<double>(config_.max_steps_per_frame)))
        throw NumericalError("t = " + format_number(work->time) + ": a frame would take " +
                             format_number(static_cast<double>(taken) + wanted, 4) +
                             " steps (limit solver.max_steps_per_frame); the flow is blowing up or the frame is too "
                             "long; the smallest step is that of " +
                             description(*work, fastest_cell(*work)));
      is_last = wanted == 1;
      step_dt = left / wanted;
      step(*work, step_dt);
      if (is_last) work->time = end;
      // The solution of the pressure equation depends on every cell: one number tells whether any has left the finite.
      if (!std::isfinite(work->potential.front())) check(*work, taken + 1, step_dt);
    }
    check(*work, taken, step_dt);
    states.push_back(save(*work));
  }
  return states;
}

namespace {
const SolverRegistry::Registration<Incompressible3d, Incompressible3dConfig> registration{
    "incompressible_3d", "3D incompressible flow in boxes, with a scalar or alone: staggered grid, direct pressure"};
}  // namespace

}  // namespace eddyline
