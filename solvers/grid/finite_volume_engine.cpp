#include "solvers/grid/finite_volume_engine.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "solvers/grid/grid_initial.hpp"
#include "solvers/grid/grid_model.hpp"

namespace eddyline {
namespace {

constexpr int most_halvings = 8;

BlockShape block_shape(const Grid& grid) {
  BlockShape shape;
  shape.dimension = grid.dimension();
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    if (!grid.is_uniform(axis))
      throw ConfigError(std::string("grid: the finite-volume solver needs equal cells along ") + "xyz"[axis] +
                        "; remove stretching and nodes");
    shape.cells[static_cast<std::size_t>(axis)] = static_cast<int>(grid.cells(axis));
  }
  return shape;
}

template <class Element>
constexpr at::ScalarType element_type = at::kDouble;
template <>
constexpr at::ScalarType element_type<float> = at::kFloat;

/// Copies components without their ghosts into a tensor [C, ...], and back.
template <class Element>
at::Tensor to_tensor(const PaddedArray<Element>& field, int components, const Grid& grid) {
  auto sizes = grid.cell_shape();
  sizes.insert(sizes.begin(), components);
  at::Tensor out = at::empty(sizes, element_type<Element>);
  auto* to = out.mutable_data_ptr<Element>();
  const BlockShape& shape = field.shape();
  for (int c = 0; c < components; ++c)
    for (int k = 0; k < shape.cells[2]; ++k)
      for (int j = 0; j < shape.cells[1]; ++j, to += shape.cells[0])
        std::copy_n(field.row(c, j, k), shape.cells[0], to);
  return out;
}

template <class Element>
void from_tensor(const at::Tensor& tensor, const std::string& name, PaddedArray<Element>& field, int components,
                 const Grid& grid) {
  auto sizes = grid.cell_shape();
  sizes.insert(sizes.begin(), components);
  if (tensor.sizes() != at::IntArrayRef(sizes))
    throw ShapeError("the state's '" + name + "' does not fit the grid: expected " + std::to_string(components) +
                     " components of " + std::to_string(field.shape().cell_count()) + " cells");
  const at::Tensor whole = tensor.to(element_type<Element>).contiguous();
  const auto* from = whole.const_data_ptr<Element>();
  const BlockShape& shape = field.shape();
  for (int c = 0; c < components; ++c)
    for (int k = 0; k < shape.cells[2]; ++k)
      for (int j = 0; j < shape.cells[1]; ++j, from += shape.cells[0])
        std::copy_n(from, shape.cells[0], field.row(c, j, k));
}

/// The conserved quantity that goes with a primitive channel.
std::string conserved_name(const std::string& channel) {
  if (channel == "density" || channel == "depth") return "mass";
  if (channel == "pressure") return "energy";
  if (channel.starts_with("velocity_")) return "momentum_" + channel.substr(9);
  return channel;
}

template <class Field>
auto rows_of(Field& field, int components, int j, int k) {
  std::array<decltype(field.row(0, 0, 0)), max_components> rows{};
  for (int c = 0; c < components; ++c) rows[static_cast<std::size_t>(c)] = field.row(c, j, k);
  return rows;
}

}  // namespace

template <class Element>
FiniteVolumeEngine<Element>::FiniteVolumeEngine(const FiniteVolumeConfig& config, std::shared_ptr<const Case> problem)
    : config_(config),
      problem_(std::move(problem)),
      shape_(block_shape(problem_->grid())),
      scheme_(RungeKuttaSchemes::find(config.time)) {
  if (!problem_->config().obstacles.empty())
    throw ConfigError("obstacles: the finite-volume solver has no bodies; remove them or use solver incompressible");
  const GridModel& model = GridModels::find(*problem_);
  const auto physics = model.rows(*problem_).template in<Element>();
  forcing_ = std::make_unique<GridForcing<Element>>(
      *problem_, model.forcing ? model.forcing(*problem_, problem_->grid().centers(0)) : RandomWaves());
  std::array<double, 3> width = {1, 1, 1};
  for (int axis = 0; axis < shape_.dimension; ++axis)
    width[static_cast<std::size_t>(axis)] =
        (problem_->grid().high(axis) - problem_->grid().low(axis)) / static_cast<double>(problem_->grid().cells(axis));
  sweep_ = std::make_unique<Sweep<Element>>(
      physics, SchemeTable<RowReconstruction, Element>::instance().create(config.reconstruction, *physics),
      SchemeTable<RowFlux, Element>::instance().create(config.flux.empty() ? model.default_flux : config.flux,
                                                       *physics),
      width);
  shape_.ghosts = sweep_->ghosts();
  sides_ = std::make_unique<GridSides<Element>>(*problem_, *physics, shape_);
  fixed_ = field(1);
  if (layout().has_bed) {
    set_bed(*problem_, config_.points, fixed_);
    sides_->fill_scalar(fixed_);
  }
  if (layout().has_friction) sides_->set_wall_temperature(fixed_);
}

template <class Element>
std::unique_ptr<typename FiniteVolumeEngine<Element>::Work> FiniteVolumeEngine<Element>::load(
    const State& state) const {
  const int components = layout().conserved_count;
  auto work = std::make_unique<Work>();
  work->stages.assign(scheme_.stages.size() + 1, field(components));
  work->time = state.time;
  const auto conserved = state.auxiliary.find("conserved");
  PaddedArray<Element>& start = work->stages[0];
  if (conserved != state.auxiliary.end()) {
    from_tensor(conserved->second, "conserved", start, components, problem_->grid());
  } else {
    PaddedArray<Element> primitive = field(components);
    from_tensor(cell_tensor(state, channel_names(problem_->channels())), "channels", primitive, components,
                problem_->grid());
    for (int k = 0; k < shape_.cells[2]; ++k)
      for (int j = 0; j < shape_.cells[1]; ++j)
        sweep_->physics().to_conserved(read_only<Element>(rows_of(primitive, components, j, k)),
                                       rows_of(start, components, j, k), shape_.cells[0]);
  }
  check_admissible(start, "the state at t = " + format_number(state.time));
  work->rate = sweep_->rate(start, &fixed_);
  return work;
}

template <class Element>
State FiniteVolumeEngine<Element>::save(const Work& work) const {
  PaddedArray<Element> primitive = field(layout().primitive_count);
  for (int k = 0; k < shape_.cells[2]; ++k)
    for (int j = 0; j < shape_.cells[1]; ++j)
      static_cast<void>(
          sweep_->physics().to_primitive(rows_of(work.stages[0], layout().conserved_count, j, k), fixed_.row(0, j, k),
                                         rows_of(primitive, layout().primitive_count, j, k), shape_.cells[0]));
  State state = cell_state(problem_, work.time, channel_names(problem_->channels()),
                           to_tensor(primitive, layout().conserved_count, problem_->grid()));
  state.auxiliary["conserved"] = to_tensor(work.stages[0], layout().conserved_count, problem_->grid());
  return state;
}

template <class Element>
bool FiniteVolumeEngine<Element>::primitive_of(const PaddedArray<Element>& conserved, const Cell& cell,
                                               std::array<Element, max_components>& primitive) const {
  MutableRows<Element> out{};
  for (std::size_t c = 0; c < max_components; ++c) out[c] = &primitive[c];
  Rows<Element> at = rows_of(conserved, layout().conserved_count, cell[1], cell[2]);
  for (int c = 0; c < layout().conserved_count; ++c) at[static_cast<std::size_t>(c)] += cell[0];
  return sweep_->physics().to_primitive(at, fixed_.row(0, cell[1], cell[2]) + cell[0], out, 1);
}

template <class Element>
std::vector<std::array<int, 3>> FiniteVolumeEngine<Element>::bad_cells(const PaddedArray<Element>& conserved) const {
  std::vector<Cell> cells;
  std::array<Element, max_components> primitive{};
  for (int k = 0; k < shape_.cells[2]; ++k)
    for (int j = 0; j < shape_.cells[1]; ++j)
      for (int i = 0; i < shape_.cells[0]; ++i)
        if (!primitive_of(conserved, {i, j, k}, primitive)) cells.push_back({i, j, k});
  return cells;
}

template <class Element>
std::string FiniteVolumeEngine<Element>::describe(const PaddedArray<Element>& conserved, const Cell& cell) const {
  const auto channels = channel_names(problem_->channels());
  std::array<Element, max_components> primitive{};
  static_cast<void>(primitive_of(conserved, cell, primitive));
  std::string index, point, values;
  for (int axis = 0; axis < shape_.dimension; ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    index += (axis > 0 ? ", " : "") + std::to_string(cell[a]);
    point +=
        (axis > 0 ? ", " : "") + format_number(problem_->grid().centers(axis)[static_cast<std::size_t>(cell[a])], 6);
  }
  for (std::size_t c = 0; c < channels.size(); ++c)
    values += (c > 0 ? ", " : "") + channels[c] + " = " + format_number(static_cast<double>(primitive[c]), 4);
  return "cell (" + index + ") at (" + point + "): " + values;
}

template <class Element>
void FiniteVolumeEngine<Element>::check_admissible(const PaddedArray<Element>& conserved,
                                                   const std::string& where) const {
  const auto cells = bad_cells(conserved);
  if (!cells.empty()) throw NumericalError(where + " is not physical in " + describe(conserved, cells.front()));
}

template <class Element>
Stage<Element> FiniteVolumeEngine<Element>::stage_from(PaddedArray<Element>& state, double time, Work& work) const {
  Stage<Element> stage;
  stage.state = &state;
  sides_->fill(state, time, work.sides);
  if (forcing_->has_rates()) {
    forcing_->evaluate(time, shape_, work.forcing);
    stage.forcing = &work.forcing;
  }
  stage.drag = forcing_->drag();
  if (layout().has_fixed_field()) stage.fixed = &fixed_;
  return stage;
}

template <class Element>
const PaddedArray<Element>* FiniteVolumeEngine<Element>::try_step(Work& work, double dt) const {
  for (std::size_t s = 0; s < scheme_.stages.size(); ++s) {
    const RungeKutta::Stage& weights = scheme_.stages[s];
    Stage<Element> stage = stage_from(work.stages[s], work.time + weights.time * dt, work);
    for (std::size_t p = 0; p < weights.weights.size(); ++p)
      if (weights.weights[p] != 0) stage.parts.push_back({weights.weights[p], &work.stages[p]});
    if (work.has_first_order_cells) stage.smoothness = &work.smoothness;
    stage.step = weights.step * dt;
    stage.out = &work.stages[s + 1];
    stage.wants_rate = s + 1 == scheme_.stages.size();
    const StageReport report = sweep_->run(stage);
    if (!report.is_admissible) return &work.stages[s];
    if (stage.wants_rate) {
      if (!std::isfinite(report.rate)) return &work.stages[s + 1];
      work.rate = report.rate;
    }
  }
  return nullptr;
}

/// One step of at most dt. @return the step taken.
template <class Element>
double FiniteVolumeEngine<Element>::take_step(Work& work, double dt, std::int64_t number) const {
  const double wanted = dt;
  work.has_first_order_cells = false;
  for (int halvings = 0;;) {
    const PaddedArray<Element>* failed = try_step(work, dt);
    if (failed == nullptr) {
      std::swap(work.stages.front(), work.stages.back());
      return dt;
    }
    const auto cells = bad_cells(*failed);
    if (halvings == most_halvings || cells.empty())
      throw NumericalError(
          "step " + std::to_string(number) + " (t = " + format_number(work.time) +
          ", dt = " + format_number(wanted, 4) + ", halved " + std::to_string(halvings) + " times): " +
          (cells.empty() ? std::string("a ghost cell is not physical (the state that a side prescribes, or a wall "
                                       "colder than half of the gas beside it)")
                         : describe(*failed, cells.front())) +
          "; lower solver.cfl, refine the grid or choose a more dissipative flux");
    // First order in the bad cells and their neighbours along the axes; a second failure also halves the step.
    if (work.has_first_order_cells) {
      dt *= 0.5;
      ++halvings;
    } else {
      work.smoothness = PaddedArray<Element>(1, shape_, 1);
      work.has_first_order_cells = true;
    }
    for (const auto& cell : cells)
      for (int axis = 0; axis < shape_.dimension; ++axis)
        for (const int move : {-1, 0, 1}) {
          auto near = cell;
          near[static_cast<std::size_t>(axis)] += move;
          work.smoothness.row(0, near[1], near[2])[near[0]] = 0;
        }
    sides_->fill_scalar(work.smoothness);
  }
}

template <class Element>
std::vector<State> FiniteVolumeEngine<Element>::advance(std::span<const State> past, double dt, int frames) const {
  if (past.empty()) throw DataError("the solver needs one past state");
  const auto work = load(past.back());
  std::vector<State> states;
  for (int frame = 0; frame < frames; ++frame) {
    const double end = work->time + dt;
    double left = dt;
    for (std::int64_t number = 1; left > 0; ++number) {
      const double steps = std::max(1.0, std::ceil(left * (work->rate + forcing_->drag()) / config_.cfl - 1e-9));
      if (!(static_cast<double>(number) + steps <= static_cast<double>(config_.max_steps_per_frame) + 1))
        throw NumericalError(
            "t = " + format_number(work->time) + ": a frame would take " +
            format_number(static_cast<double>(number) + steps, 4) +
            " steps (limit solver.max_steps_per_frame); the flow is blowing up or the frame is too long");
      const double wanted = left / steps, taken = take_step(*work, wanted, number);
      const bool is_last = steps == 1 && taken == wanted;
      left = is_last ? 0 : left - taken;
      work->time = is_last ? end : work->time + taken;
    }
    states.push_back(save(*work));
  }
  return states;
}

template <class Element>
State FiniteVolumeEngine<Element>::advance_steps(const State& start, std::int64_t steps) const {
  const auto work = load(start);
  for (std::int64_t number = 1; number <= steps; ++number)
    work->time += take_step(*work, config_.cfl / (work->rate + forcing_->drag()), number);
  return save(*work);
}

template <class Element>
State FiniteVolumeEngine<Element>::initial_state() const {
  Work work;
  work.stages.push_back(field(layout().conserved_count));
  set_initial_state(*problem_, sweep_->physics(), config_.points, work.stages[0]);
  check_admissible(work.stages[0], "the initial state");
  return save(work);
}

template <class Element>
double FiniteVolumeEngine<Element>::stable_dt(const State& now) const {
  const double dt = config_.cfl / (load(now)->rate + forcing_->drag());
  // A fluid at rest without waves has no limit; any step will do then.
  return std::isfinite(dt) ? dt : problem_->time_scale();
}

template <class Element>
at::Tensor FiniteVolumeEngine<Element>::residual(const State& before, const State& after) const {
  const double dt = after.time - before.time;
  if (!(dt > 0)) throw DataError("residual: the second state must be later than the first");
  const int components = layout().conserved_count;
  const auto first = load(before), second = load(after);
  const at::Tensor from = to_tensor(first->stages[0], components, problem_->grid()).to(at::kDouble),
                   to = to_tensor(second->stages[0], components, problem_->grid()).to(at::kDouble);
  PaddedArray<Element>&middle = first->stages[0], &rate = first->stages[1];
  from_tensor(0.5 * (from + to), "conserved", middle, components, problem_->grid());
  Stage<Element> stage = stage_from(middle, 0.5 * (before.time + after.time), *first);
  stage.parts = {{0, &middle}};
  stage.step = 1;
  stage.out = &rate;
  static_cast<void>(sweep_->run(stage));  // a mean of admissible states is admissible
  return (to - from) / dt - to_tensor(rate, components, problem_->grid()).to(at::kDouble);
}

template <class Element>
at::Tensor FiniteVolumeEngine<Element>::to_cells(const State& state) const {
  return cell_tensor(state, channel_names(problem_->channels())).to(at::kDouble);
}

template <class Element>
State FiniteVolumeEngine<Element>::from_cells(const at::Tensor& cells, double time) const {
  return save(*load(cell_state(problem_, time, channel_names(problem_->channels()), cells.to(at::kDouble))));
}

template <class Element>
at::Tensor FiniteVolumeEngine<Element>::fluid_fraction() const {
  return at::ones(problem_->grid().cell_shape(), at::kDouble);
}

template <class Element>
Diagnostics FiniteVolumeEngine<Element>::diagnostics(const State& state) const {
  const auto work = load(state);
  double volume = 1;
  for (const double inverse : sweep_->inverse_width()) volume /= inverse;
  const auto channels = channel_names(problem_->channels());
  Diagnostics diagnostics = {{"stable_dt", config_.cfl / (work->rate + forcing_->drag())}};
  for (int c = 0; c < layout().conserved_count; ++c) {
    double total = 0;
    for (int k = 0; k < shape_.cells[2]; ++k)
      for (int j = 0; j < shape_.cells[1]; ++j) {
        double line = 0;
        const Element* row = work->stages[0].row(c, j, k);
        for (int i = 0; i < shape_.cells[0]; ++i) line += static_cast<double>(row[i]);
        total += line;
      }
    diagnostics.emplace_back("total_" + conserved_name(channels[static_cast<std::size_t>(c)]), total * volume);
  }
  for (const auto& channel : problem_->equation().positive())
    diagnostics.emplace_back("least_" + channel, state.fields.at(channel).values.min().item<double>());
  return diagnostics;
}

template class FiniteVolumeEngine<double>;
template class FiniteVolumeEngine<float>;

}  // namespace eddyline
