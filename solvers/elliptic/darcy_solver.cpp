#include "solvers/elliptic/darcy_solver.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"
#include "core/field/initial_field.hpp"

namespace eddyline {
namespace {

const std::vector<std::string> formula_variables = {"x", "y", "z", "t"};

}  // namespace

void DarcyConfig::fields(FieldVisitor& visit) {
  visit("tolerance", tolerance, rule::between(1e-14, 0.1), "largest residual over the norm of the right-hand side");
  visit("max_iterations", max_iterations, rule::between(1, 1000000), "more iterations stop the run");
}

DarcySolver::DarcySolver(const DarcyConfig& config, std::shared_ptr<const Case> problem)
    : config_(config), problem_(std::move(problem)) {
  const CaseConfig& given = problem_->config();
  if (problem_->equation().name() != "darcy")
    throw ConfigError("equation: the solver darcy solves darcy, not " + problem_->equation().name());
  if (!given.obstacles.empty())
    throw ConfigError("obstacles: the solver darcy knows no bodies; give them a small permeability");
  const Grid& grid = problem_->grid();
  for (int axis = 0; axis < 3; ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    const bool exists = axis < grid.dimension();
    cells_[a] = exists ? grid.cells(axis) : 1;
    centers_[a] = exists ? grid.centers(axis) : std::vector<double>{0};
    widths_[a] = exists ? grid.widths(axis) : std::vector<double>{1};
    nodes_[a] = exists ? grid.nodes(axis) : std::vector<double>{-0.5, 0.5};
  }
  for (int axis = 0; axis < grid.dimension(); ++axis)
    for (const bool is_high : {false, true}) {
      const std::string patch = std::string(1, "xyz"[axis]) + (is_high ? "_high" : "_low"),
                        path = "boundaries." + patch;
      const BoundaryConfig& boundary = given.boundaries.at(patch);
      if (boundary.type == "periodic") {
        periodic_[static_cast<std::size_t>(axis)] = true;
        continue;
      }
      Side side{axis, is_high, false, nullptr};
      if (boundary.type == "prescribed") {
        if (boundary.values.size() != 1)
          throw ConfigError(path + ".values: a prescribed side of darcy gives one of pressure, flux");
        const auto& [name, text] = *boundary.values.begin();
        if (name != "pressure" && name != "flux")
          throw ConfigError(path + ".values: '" + printable(name) + "' cannot be prescribed" +
                            suggestion(name, {"pressure", "flux"}));
        side.gives_pressure = name == "pressure";
        side.formula = std::make_shared<const Formula>(text, formula_variables, path + ".values." + name);
      } else if (boundary.type != "free_slip") {
        throw ConfigError(path +
                          ".type: darcy has periodic, prescribed (pressure or flux) and free_slip (nothing "
                          "flows through) sides, not " +
                          boundary.type);
      }
      sides_.push_back(std::move(side));
    }
  for (const auto& [channel, text] : given.forcing.values) {
    if (channel != "pressure")
      throw ConfigError("forcing.values: darcy has a source of pressure, not of '" + printable(channel) + "'");
    source_ = std::make_shared<const Formula>(text, formula_variables, "forcing.values.pressure");
  }
  if (given.forcing.drag != 0) throw ConfigError("forcing.drag: darcy has no velocity that could decay");
}

DarcySolver::System DarcySolver::assembled(const std::vector<double>& permeability, double time) const {
  System system{ConductanceNetwork::of(cells_), {}, {}};
  const auto [nx, ny, nz] = cells_;
  const auto at = [&](std::int64_t i, std::int64_t j, std::int64_t k) {
    return static_cast<std::size_t>((k * ny + j) * nx + i);
  };
  system.source.assign(permeability.size(), 0.0);
  system.sides = system.source;
  std::optional<Formula> source;
  if (source_) source.emplace(*source_);
  for (std::int64_t k = 0; k < nz; ++k)
    for (std::int64_t j = 0; j < ny; ++j)
      for (std::int64_t i = 0; i < nx; ++i) {
        const std::array<std::int64_t, 3> cell = {i, j, k};
        const std::size_t here = at(i, j, k);
        std::array<double, 3> width{}, center{};
        for (std::size_t a = 0; a < 3; ++a) {
          width[a] = widths_[a][static_cast<std::size_t>(cell[a])];
          center[a] = centers_[a][static_cast<std::size_t>(cell[a])];
        }
        const double volume = width[0] * width[1] * width[2];
        if (!(permeability[here] > 0) || !std::isfinite(permeability[here]))
          throw NumericalError("t = " + format_number(time) + ": permeability " + format_number(permeability[here], 6) +
                               " in cell (" + std::to_string(i) + ", " + std::to_string(j) + ", " + std::to_string(k) +
                               ") at x = " + format_number(center[0], 6) + ", y = " + format_number(center[1], 6) +
                               "; it must be > 0 and finite");
        if (source) system.source[here] = volume * (*source)(std::array{center[0], center[1], center[2], time});
        for (std::size_t a = 0; a < 3; ++a) {
          auto next = cell;
          next[a] = (next[a] + 1) % cells_[a];
          if (cells_[a] < 2 || (next[a] == 0 && !periodic_[a])) continue;
          const double resistance = width[a] / permeability[here] + widths_[a][static_cast<std::size_t>(next[a])] /
                                                                        permeability[at(next[0], next[1], next[2])];
          system.network.link[a][here] = volume / width[a] * 2 / resistance;
        }
      }
  add_sides(permeability, time, system);
  return system;
}

void DarcySolver::add_sides(const std::vector<double>& permeability, double time, System& system) const {
  for (const Side& side : sides_) {
    if (!side.formula) continue;
    const auto a = static_cast<std::size_t>(side.axis), b = (a + 1) % 3, c = (a + 2) % 3;
    Formula formula(*side.formula);
    std::array<std::int64_t, 3> cell{};
    cell[a] = side.is_high ? cells_[a] - 1 : 0;
    for (cell[c] = 0; cell[c] < cells_[c]; ++cell[c])
      for (cell[b] = 0; cell[b] < cells_[b]; ++cell[b]) {
        const auto here = static_cast<std::size_t>((cell[2] * cells_[1] + cell[1]) * cells_[0] + cell[0]);
        std::array<double, 4> point{};
        for (std::size_t axis = 0; axis < 3; ++axis) point[axis] = centers_[axis][static_cast<std::size_t>(cell[axis])];
        point[a] = side.is_high ? nodes_[a].back() : nodes_[a].front();
        point[3] = time;
        const double area =
                         widths_[b][static_cast<std::size_t>(cell[b])] * widths_[c][static_cast<std::size_t>(cell[c])],
                     given = formula(point);
        if (!side.gives_pressure) {
          system.sides[here] -= given * area;
          continue;
        }
        const double conductance = 2 * permeability[here] * area / widths_[a][static_cast<std::size_t>(cell[a])];
        system.network.ground[a][here] += conductance;
        system.sides[here] += conductance * given;
      }
  }
}

std::vector<double> DarcySolver::net_outflow(const System& system, const std::vector<double>& pressure) const {
  std::vector<double> out;
  system.network.apply(pressure, out);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] -= system.sides[i];
  return out;
}

std::vector<double> DarcySolver::values(const State& state, const std::string& channel) const {
  const at::Tensor cells = cell_tensor(state, {channel}).to(at::kDouble).contiguous();
  if (cells.numel() != cells_[0] * cells_[1] * cells_[2])
    throw ShapeError("the state has " + std::to_string(cells.numel()) + " cells, the case " +
                     std::to_string(cells_[0] * cells_[1] * cells_[2]));
  const double* data = cells.const_data_ptr<double>();
  return {data, data + cells.numel()};
}

State DarcySolver::state_of(const std::vector<double>& permeability, const std::vector<double>& pressure,
                            double time) const {
  const auto shape = problem_->grid().cell_shape();
  State state;
  state.problem = problem_;
  state.time = time;
  state.fields["permeability"] = {Location::cell, at::tensor(permeability, at::kDouble).reshape(shape)};
  state.fields["pressure"] = {Location::cell, at::tensor(pressure, at::kDouble).reshape(shape)};
  return state;
}

State DarcySolver::initial_state() const {
  const InitialConfig& initial = problem_->config().initial;
  if (initial.type != "formula" && initial.type != "random")
    throw ConfigError("initial.type: darcy takes its permeability from formula or random, not from " + initial.type);
  if (initial.perturbation != 0) throw ConfigError("initial.perturbation: darcy has no velocity to perturb");
  std::vector<double> permeability(static_cast<std::size_t>(cells_[0] * cells_[1] * cells_[2]), 0.0),
      pressure = permeability;
  const auto given = initial_channels(*problem_, {"permeability", "pressure"});
  if (std::find(given.begin(), given.end(), "permeability") == given.end())
    throw ConfigError("initial: darcy needs the permeability, in values or random");
  for (const auto& channel : given) {
    InitialField field(*problem_, channel);
    auto& values = channel == "pressure" ? pressure : permeability;
    std::size_t cell = 0;
    for (const double z : centers_[2])
      for (const double y : centers_[1])
        for (const double x : centers_[0]) values[cell++] = field(x, y, z);
  }
  static_cast<void>(assembled(permeability, 0));  // names a cell that is not positive
  return state_of(permeability, pressure, 0);
}

std::vector<State> DarcySolver::advance(std::span<const State> past, double dt, int frames) const {
  if (past.empty()) throw DataError("the solver needs one past state");
  const std::vector<double> permeability = values(past.back(), "permeability");
  std::vector<double> pressure = values(past.back(), "pressure");
  double time = past.back().time;
  std::vector<State> states;
  for (int frame = 0; frame < frames; ++frame) {
    time += dt;
    System system = assembled(permeability, time);
    for (std::size_t i = 0; i < pressure.size(); ++i) system.source[i] += system.sides[i];
    try {
      static_cast<void>(solve(NetworkMultigrid(std::move(system.network)), system.source, pressure, config_.tolerance,
                              static_cast<int>(config_.max_iterations)));
    } catch (const NumericalError& error) {
      throw NumericalError("t = " + format_number(time) + ": " + error.what() +
                           "; raise solver.max_iterations or solver.tolerance");
    } catch (const DataError& error) {
      throw ConfigError("boundaries: no side gives the pressure, and source and outflow do not balance: " +
                        std::string(error.what()));
    }
    states.push_back(state_of(permeability, pressure, time));
  }
  return states;
}

double DarcySolver::stable_dt(const State&) const { return HUGE_VAL; }

at::Tensor DarcySolver::residual(const State& before, const State& after) const {
  const double dt = after.time - before.time;
  if (!(dt > 0)) throw DataError("residual: the second state must be later than the first");
  const at::Tensor first = to_cells(before), second = to_cells(after);
  const System system = assembled(values(after, "permeability"), after.time);
  std::vector<double> rate = net_outflow(system, values(after, "pressure"));
  const std::vector<double> volume = problem_->grid().cell_volumes();
  for (std::size_t i = 0; i < rate.size(); ++i) rate[i] = (rate[i] - system.source[i]) / volume[i];
  return at::stack({(second[0] - first[0]) / dt, at::tensor(rate, at::kDouble).reshape(second[1].sizes())});
}

at::Tensor DarcySolver::to_cells(const State& state) const {
  return cell_tensor(state, {"permeability", "pressure"}).to(at::kDouble);
}

State DarcySolver::from_cells(const at::Tensor& cells, double time) const {
  return cell_state(problem_, time, {"permeability", "pressure"}, cells.to(at::kDouble));
}

at::Tensor DarcySolver::fluid_fraction() const { return at::ones(problem_->grid().cell_shape(), at::kDouble); }

Diagnostics DarcySolver::diagnostics(const State& state) const {
  const std::vector<double> pressure = values(state, "pressure");
  const System system = assembled(values(state, "permeability"), state.time);
  const std::vector<double> outflow = net_outflow(system, pressure);
  double difference = 0, size = 0, total_source = 0, total_outflow = 0, mean = 0, volumes = 0;
  const std::vector<double> volume = problem_->grid().cell_volumes();
  for (std::size_t i = 0; i < pressure.size(); ++i) {
    difference += std::pow(outflow[i] - system.source[i], 2);
    size += std::pow(system.source[i] + system.sides[i], 2);
    total_source += system.source[i];
    total_outflow += outflow[i];  // the links between cells cancel
    mean += volume[i] * pressure[i];
    volumes += volume[i];
  }
  return {{"equation_residual", size > 0 ? std::sqrt(difference / size) : std::sqrt(difference)},
          {"total_source", total_source},
          {"outflow", total_outflow},
          {"mean_pressure", mean / volumes},
          {"least_pressure", *std::min_element(pressure.begin(), pressure.end())},
          {"largest_pressure", *std::max_element(pressure.begin(), pressure.end())}};
}

namespace {
const SolverRegistry::Registration<DarcySolver, DarcyConfig> registration{
    "darcy", "-div(a grad p) = f with jumping a: finite volumes, conjugate gradients with multigrid"};
}  // namespace

}  // namespace eddyline
