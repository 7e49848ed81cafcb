#include "solvers/spectral/spectral_solver.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"
#include "core/field/initial_field.hpp"
#include "solvers/linear/serially.hpp"

namespace eddyline {
namespace {

/// The axis of the case, checked.
FourierLine line_of(const Case& problem) {
  const Grid& grid = problem.grid();
  if (grid.dimension() != 1 || !grid.is_uniform())
    throw ConfigError("grid: the spectral solver needs one uniform axis, the case has " +
                      std::to_string(grid.dimension()) + (grid.is_uniform() ? "" : ", stretched"));
  for (const auto& [patch, boundary] : problem.config().boundaries)
    if (boundary.type != "periodic")
      throw ConfigError("boundaries." + patch + ".type: the spectral solver needs periodic sides, not " +
                        boundary.type);
  if (!problem.config().obstacles.empty()) throw ConfigError("obstacles: the spectral solver knows no bodies");
  if (!problem.config().forcing.values.empty() || problem.config().forcing.drag != 0)
    throw ConfigError("forcing: nothing acts on the equations of the spectral solver; finite_volume takes forcing");
  return {grid.cells(0), grid.high(0) - grid.low(0)};
}

double cell_width(const FourierLine& line) { return line.length() / static_cast<double>(line.points()); }

}  // namespace

void SpectralConfig::fields(FieldVisitor& visit) {
  visit("cfl", cfl, rule::between(0.001, 2), "time step as a part of cell width over the fastest convection");
  visit("largest_step", largest_step, rule::non_negative().unit("time"), "no time step is longer; 0: no such limit");
  visit("dealias", dealias, rule::any(), "cut the upper third of the wavenumbers in products");
  visit("max_steps_per_frame", max_steps_per_frame, rule::at_least(1), "more steps between two frames stop the run");
}

SpectralSolver::SpectralSolver(const SpectralConfig& config, std::shared_ptr<const Case> problem)
    : config_(config),
      problem_(std::move(problem)),
      line_(line_of(*problem_)),
      equation_(SemilinearEquations::of(*problem_)),
      kept_(config.dealias ? (line_.points() + 2) / 3 : line_.modes()) {
  for (std::int64_t m = 0; m < line_.modes(); ++m) linear_.push_back(equation_.symbol(line_.wavenumber(m)));
  // The highest wavenumber of an even number of points has no sign: odd derivatives of it are zero.
  if (line_.points() % 2 == 0) linear_.back() = linear_.back().real();
}

std::vector<double> SpectralSolver::values_of(const State& state) const {
  const at::Tensor cells = to_cells(state).contiguous();
  if (cells.numel() != line_.points())
    throw ShapeError("the state has " + std::to_string(cells.numel()) + " values, the line " +
                     std::to_string(line_.points()));
  const double* data = cells.const_data_ptr<double>();
  return {data, data + cells.numel()};
}

State SpectralSolver::state_of(std::vector<double> values, double time) const {
  State state;
  state.problem = problem_;
  state.time = time;
  state.fields["u"] = {Location::cell, at::tensor(values, at::kDouble)};
  return state;
}

void SpectralSolver::convect(const Coefficients& v, Coefficients& out, std::vector<double>& work) const {
  Coefficients cut = v;
  for (std::int64_t m = kept_; m < line_.modes(); ++m) cut[static_cast<std::size_t>(m)] = 0;
  line_.backward(cut, work);
  for (double& u : work) u *= 0.5 * u;
  line_.forward(work, out);
  for (std::int64_t m = 0; m < line_.modes(); ++m) {
    const bool counts = m < kept_ && !(line_.points() % 2 == 0 && m == line_.modes() - 1);
    auto& value = out[static_cast<std::size_t>(m)];
    value = counts ? std::complex<double>(0, -equation_.convection * line_.wavenumber(m)) * value : 0;
  }
}

double SpectralSolver::stable_dt(const std::vector<double>& values, double time) const {
  double fastest = 0;
  for (const double u : values) {
    if (!std::isfinite(u))
      throw NumericalError("t = " + format_number(time, 10) + ": the state is not finite in cell " +
                           std::to_string(&u - values.data()) + "; lower solver.cfl or use more cells");
    fastest = std::max(fastest, std::abs(equation_.convection * u));
  }
  const double dt = fastest > 0 ? config_.cfl * cell_width(line_) / fastest : HUGE_VAL;
  return config_.largest_step > 0 ? std::min(dt, config_.largest_step) : dt;
}

double SpectralSolver::stable_dt(const State& now) const { return stable_dt(values_of(now), now.time); }

std::vector<State> SpectralSolver::advance(std::span<const State> past, double dt, int frames) const {
  if (past.empty()) throw DataError("the solver needs one past state");
  std::vector<State> states;
  std::vector<double> values = values_of(past.back()), work;
  double time = past.back().time;
  serially([&] {
    Coefficients v;
    const auto nonlinear = [&](const Coefficients& from, Coefficients& to) { convect(from, to, work); };
    for (int frame = 0; frame < frames; ++frame) {
      const double wanted = std::ceil(dt / stable_dt(values, time) - 1e-9);
      if (!(wanted <= static_cast<double>(config_.max_steps_per_frame)))
        throw NumericalError("t = " + format_number(time) + ": a frame would take " + format_number(wanted, 4) +
                             " steps (limit solver.max_steps_per_frame); the solution is blowing up or the frame is "
                             "too long");
      const auto steps = std::max<std::int64_t>(1, static_cast<std::int64_t>(wanted));
      ExponentialRungeKutta scheme(linear_, dt / static_cast<double>(steps));
      // Each frame starts from the values that are written, so that a restart from them gives the same bits.
      line_.forward(values, v);
      for (std::int64_t step = 0; step < steps; ++step) scheme.step(v, nonlinear);
      line_.backward(v, values);
      time += dt;
      static_cast<void>(stable_dt(values, time));  // names a cell that is not finite
      states.push_back(state_of(values, time));
    }
  });
  return states;
}

State SpectralSolver::initial_state() const {
  const InitialConfig& initial = problem_->config().initial;
  if (initial.type != "formula" && initial.type != "random")
    throw ConfigError("initial.type: the spectral solver starts from formula or random, not " + initial.type);
  std::vector<double> values(static_cast<std::size_t>(line_.points()), 0.0);
  for (const auto& channel : initial_channels(*problem_, {"u"})) {
    InitialField field(*problem_, channel);
    const std::vector<double> centers = problem_->grid().centers(0);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] = field(centers[i]);
  }
  return state_of(std::move(values), 0);
}

at::Tensor SpectralSolver::to_cells(const State& state) const { return cell_tensor(state, {"u"}).to(at::kDouble); }

State SpectralSolver::from_cells(const at::Tensor& cells, double time) const {
  return cell_state(problem_, time, {"u"}, cells.to(at::kDouble));
}

at::Tensor SpectralSolver::fluid_fraction() const { return at::ones({line_.points()}, at::kDouble); }

at::Tensor SpectralSolver::residual(const State& before, const State& after) const {
  const double dt = after.time - before.time;
  if (!(dt > 0)) throw DataError("residual: the second state must be later than the first");
  const at::Tensor first = to_cells(before), second = to_cells(after);
  const at::Tensor mean = (0.5 * (first + second)).contiguous();
  std::vector<double> values(mean.const_data_ptr<double>(), mean.const_data_ptr<double>() + mean.numel()), work;
  serially([&] {
    Coefficients v, rate(linear_.size());
    line_.forward(values, v);
    convect(v, rate, work);
    for (std::size_t m = 0; m < v.size(); ++m) rate[m] += linear_[m] * v[m];
    line_.backward(rate, values);
  });
  return (second - first) / dt - at::tensor(values, at::kDouble).unsqueeze(0);
}

Diagnostics SpectralSolver::diagnostics(const State& state) const {
  const std::vector<double> values = values_of(state);
  double sum = 0, square = 0, gradient = 0;
  for (const double u : values) {
    sum += u;
    square += u * u;
  }
  serially([&] {
    Coefficients v;
    line_.forward(values, v);
    for (std::int64_t m = 1; m < line_.modes(); ++m) {
      const double k = line_.wavenumber(m);
      gradient += (2 * m == line_.points() ? 1 : 2) * k * k * std::norm(v[static_cast<std::size_t>(m)]);
    }
  });
  const auto count = static_cast<double>(values.size());
  return {{"stable_dt", stable_dt(values, state.time)},
          {"total_u", sum * cell_width(line_)},
          {"mean_square", square / count},
          {"mean_square_gradient", gradient}};
}

namespace {
const SolverRegistry::Registration<SpectralSolver, SpectralConfig> registration{
    "spectral", "stiff and dispersive equations on a periodic line: Fourier in space, ETDRK4 in time"};
}  // namespace

}  // namespace eddyline
