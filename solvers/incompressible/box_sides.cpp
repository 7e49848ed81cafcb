#include "solvers/incompressible/box_sides.hpp"

#include <algorithm>
#include <cmath>
#include <type_traits>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"

namespace eddyline {
namespace {

constexpr std::array<std::array<int, 2>, 3> other_axes = {{{1, 2}, {0, 2}, {0, 1}}};
constexpr int scalar_component = 3;

/// The values of a component in one layer of cells or faces of an axis: lines of the lower other axis.
template <class Value>
struct Layer {
  Value* first;
  std::ptrdiff_t step, line_step;  // along a line, from line to line
  [[nodiscard]] Value* line(int upper) const { return first + upper * line_step; }
};

template <class Field>
auto layer_of(Field& field, int component, int axis, int index) {
  auto* const origin = field.row(component, 0, 0);
  const std::array<std::ptrdiff_t, 3> steps = {1, field.row(component, 1, 0) - origin,
                                               field.row(component, 0, 1) - origin};
  const auto [lower, upper] = other_axes[static_cast<std::size_t>(axis)];
  return Layer<std::remove_pointer_t<decltype(field.row(0, 0, 0))>>{
      origin + index * steps[static_cast<std::size_t>(axis)], steps[static_cast<std::size_t>(lower)],
      steps[static_cast<std::size_t>(upper)]};
}

}  // namespace

bool BoxSides::Side::depends_on_time() const {
  return std::any_of(formulas.begin(), formulas.end(),
                     [](const auto& formula) { return formula && !formula->is_steady(); });
}

BoxSides::BoxSides(const Case& problem, const std::array<AxisMetrics, 3>& axes) : axes_(axes) {
  has_scalar_ = incompressible_equation(problem.equation(), "incompressible_3d").scalar().has_value();
  for (int index = 0; index < 6; ++index) sides_[static_cast<std::size_t>(index)] = read(problem, index);
}

BoxSides::Side BoxSides::read(const Case& problem, int index) const {
  const int axis = index / 2;
  Side side;
  const std::string patch = std::string(1, "xyz"[axis]) + (index % 2 == 0 ? "_low" : "_high");
  side.name = "boundaries." + patch;
  const BoundaryConfig& config = problem.config().boundaries.at(patch);
  if (config.type == "periodic") side.kind = periodic;
  if (config.type == "outflow") side.kind = outflow;
  if (config.type == "free_slip") side.kind = free_slip;
  side.is_parabolic = config.profile == "parabolic";
  const bool is_inflow = config.type == "inflow", takes_formulas = is_inflow || config.type == "prescribed";
  if (side.is_parabolic && !is_inflow)
    throw ConfigError(side.name + ".profile: a side of type " + config.type + " has no profile; only inflow has");

  std::vector<std::string> known;
  if (takes_formulas) known = {"velocity_x", "velocity_y", "velocity_z"};
  const auto carried = incompressible_equation(problem.equation(), "incompressible_3d").scalar();
  if (carried && side.kind != periodic && side.kind != outflow) known.push_back(carried->channel);
  for (const auto& [channel, text] : config.values) {
    const auto found = std::find(known.begin(), known.end(), channel);
    if (found == known.end())
      throw ConfigError(side.name + ".values: a side of type " + config.type + " cannot prescribe '" +
                        printable(channel) + "'" +
                        (known.empty() ? "; it prescribes nothing" : suggestion(channel, known)));
    const bool is_scalar = carried && channel == carried->channel;
    const auto component = is_scalar ? scalar_component : static_cast<int>(found - known.begin());
    side.formulas[static_cast<std::size_t>(component)].emplace(problem, text, side.name + ".values." + channel);
  }
  // What flows in brings a value of the scalar with it: zero when none is given.
  side.has_scalar_value = side.formulas[scalar_component].has_value() || takes_formulas;

  const bool takes_velocity = config.type == "moving_wall" || (is_inflow && !side.has_velocity_formula());
  if (takes_velocity && config.velocity.size() != 3)
    throw ConfigError(side.name + ".velocity: expected three components [x, y, z], got " +
                      std::to_string(config.velocity.size()));
  if (!takes_velocity && !config.velocity.empty())
    throw ConfigError(side.name + ".velocity: " +
                      (is_inflow ? "given beside formulas of the velocity; use one of both"
                                 : "a side of type " + config.type + " takes no velocity; use inflow or moving_wall"));
  if (takes_velocity) std::copy_n(config.velocity.begin(), 3, side.velocity.begin());
  const double normal = side.velocity[static_cast<std::size_t>(axis)];
  if (config.type == "moving_wall" && normal != 0)
    throw ConfigError(side.name + ".velocity: a wall moves along itself only; its component across must be 0");
  if (is_inflow && (index % 2 == 0 ? normal < 0 : normal > 0))
    throw ConfigError(side.name + ".velocity: " + format_number(normal) +
                      " across the side points out of the domain; turn its sign or use outflow");
  return side;
}

PoissonAxis BoxSides::poisson_axis(const Grid& grid, int axis) const {
  const auto end = [&](int side) {
    const Kind kind = sides_[static_cast<std::size_t>(side)].kind;
    if (kind == periodic) return PoissonEnd::periodic;
    return kind == outflow ? PoissonEnd::dirichlet : PoissonEnd::neumann;
  };
  return {grid.widths(axis), end(2 * axis), end(2 * axis + 1)};
}

const std::vector<double>& BoxSides::points(int axis, int component) const {
  const AxisMetrics& metrics = axes_[static_cast<std::size_t>(axis)];
  return axis == component ? metrics.nodes() : metrics.centers();
}

/// Calls visit(upper, count) for every line of a component's values on a side, in parallel.
template <class Visit>
void BoxSides::for_lines(int side, int component, Visit&& visit) const {
  const auto [a, b] = other_axes[static_cast<std::size_t>(side / 2)];
  const auto count = static_cast<int>(points(a, component).size()),
             lines = static_cast<int>(points(b, component).size());
#pragma omp parallel for schedule(static)
  for (int upper = 0; upper < lines; ++upper) visit(upper, count);
}

/// Distance of the lines in the arrays of prescribed values.
std::ptrdiff_t BoxSides::line_length(int side) const {
  return axes_[static_cast<std::size_t>(other_axes[static_cast<std::size_t>(side / 2)][0])].cells() + 1;
}

void BoxSides::evaluate(int side, int component, double time, std::vector<double>& out) const {
  const Side& at = sides_[static_cast<std::size_t>(side)];
  const auto axis = static_cast<std::size_t>(side / 2);
  const auto c = static_cast<std::size_t>(component);
  const auto [a, b] = other_axes[axis];
  const auto &lower = points(a, component), &upper = points(b, component);
  const AxisMetrics &along_a = axes_[static_cast<std::size_t>(a)], &along_b = axes_[static_cast<std::size_t>(b)];
  const std::size_t stride = static_cast<std::size_t>(along_a.cells()) + 1;
  out.assign(stride * (static_cast<std::size_t>(along_b.cells()) + 1), 0.0);
  std::optional<SpaceTimeFormula> formula = at.formulas[c];
  // Between walls the parabola is one in the middle; a periodic axis has none.
  const auto parabola = [](const AxisMetrics& metrics, double s) {
    if (metrics.is_periodic()) return 1.0;
    const double low = metrics.nodes().front(), high = metrics.nodes().back();
    return 4 * (s - low) * (high - s) / ((high - low) * (high - low));
  };
  std::array<double, 3> point{};
  point[axis] = side % 2 == 0 ? axes_[axis].nodes().front() : axes_[axis].nodes().back();
  for (std::size_t k = 0; k < upper.size(); ++k)
    for (std::size_t j = 0; j < lower.size(); ++j) {
      point[static_cast<std::size_t>(a)] = lower[j];
      point[static_cast<std::size_t>(b)] = upper[k];
      double value = component == scalar_component ? 0 : at.velocity[c];
      if (at.is_parabolic && component != scalar_component)
        value *= parabola(along_a, lower[j]) * parabola(along_b, upper[k]);
      if (formula) value = (*formula)(point[0], point[1], point[2], time);
      out[k * stride + j] = value;
    }
}

void BoxSides::update(Values& values, double time) const {
  if (values.are_known && values.time == time) return;
  const bool is_moving = std::any_of(sides_.begin(), sides_.end(), [](const Side& s) { return s.depends_on_time(); });
  bool has_changed = false;
  for (int index = 0; index < 6; ++index) {
    const Side& side = sides_[static_cast<std::size_t>(index)];
    // All formulas of the velocity are balanced together, so all of them are made anew.
    if (values.are_known && !side.depends_on_time() && !(is_moving && side.has_velocity_formula())) continue;
    auto& at = values.at[static_cast<std::size_t>(index)];
    for (int component = 0; component < 3 && side.kind == fixed; ++component)
      evaluate(index, component, time, at[static_cast<std::size_t>(component)]);
    if (has_scalar_ && side.has_scalar_value) evaluate(index, scalar_component, time, at[scalar_component]);
    has_changed = true;
  }
  values.time = time;
  values.are_known = true;
  if (has_changed) balance(values);
}

void BoxSides::balance(Values& values) const {
  double net = 0, size = 1e-300, area = 0;
  const auto area_of = [&](int side, std::size_t lower, std::size_t upper) {
    const auto [a, b] = other_axes[static_cast<std::size_t>(side / 2)];
    return axes_[static_cast<std::size_t>(a)].width()[lower] * axes_[static_cast<std::size_t>(b)].width()[upper];
  };
  const auto for_normal = [&](int index, auto&& visit) {
    const auto axis = static_cast<std::size_t>(index / 2);
    auto& normal = values.at[static_cast<std::size_t>(index)][axis];
    const auto [a, b] = other_axes[axis];
    const auto na = static_cast<std::size_t>(axes_[static_cast<std::size_t>(a)].cells()),
               nb = static_cast<std::size_t>(axes_[static_cast<std::size_t>(b)].cells());
    for (std::size_t k = 0; k < nb; ++k)
      for (std::size_t j = 0; j < na; ++j) visit(normal[k * (na + 1) + j], area_of(index, j, k));
  };
  for (int index = 0; index < 6; ++index) {
    const Side& side = sides_[static_cast<std::size_t>(index)];
    if (side.kind == outflow) return;
    if (side.kind != fixed) continue;
    const double inwards = index % 2 == 0 ? 1 : -1;
    for_normal(index, [&](double& velocity, double part) {
      net += inwards * velocity * part;
      size += std::abs(velocity) * part;
      if (side.has_velocity_formula()) area += part;
    });
  }
  if (std::abs(net) <= 1e-14 * size) return;
  if (area == 0 || std::abs(net) > 0.02 * size)
    throw ConfigError("boundaries: at t = " + format_number(values.time, 6) + " the sides let " +
                      format_number(net, 4) +
                      " of volume a time unit into the domain and none out; make one side an outflow");
  for (int index = 0; index < 6; ++index) {
    const Side& side = sides_[static_cast<std::size_t>(index)];
    if (side.kind != fixed || !side.has_velocity_formula()) continue;
    const double inwards = index % 2 == 0 ? 1 : -1;
    for_normal(index, [&](double& velocity, double) { velocity -= inwards * net / area; });
  }
}

void BoxSides::set_normal(PaddedField& velocity, const Values& values) const {
  for (int index = 0; index < 6; ++index) {
    const auto s = static_cast<std::size_t>(index), a = s / 2;
    const int axis = index / 2, n = axes_[a].cells();
    const Kind kind = sides_[s].kind;
    if (kind == outflow || (kind == periodic && index % 2 == 0)) continue;
    const auto around = layer_of(velocity, axis, axis, 0),
               side = layer_of(velocity, axis, axis, index % 2 == 0 ? 0 : n);
    for_lines(index, scalar_component, [&](int upper, int count) {
      double* out = side.line(upper);
      const double *first = around.line(upper),
                   *prescribed = kind == fixed ? values.at[s][a].data() + upper * line_length(index) : nullptr;
      for (int i = 0; i < count; ++i) {
        double value = 0;
        if (kind == periodic) value = first[i * side.step];
        if (kind == fixed) value = prescribed[i];
        out[i * side.step] = value;
      }
    });
  }
}

void BoxSides::set_normal_rate(PaddedField& rate, const Values& values) const {
  Values rates = values;
  const double step = 1e-4 * (1 + std::abs(values.time));
  const bool is_steady = std::none_of(sides_.begin(), sides_.end(), [](const Side& s) { return s.depends_on_time(); });
  Values later = values, earlier = values;
  if (!is_steady) {
    update(later, values.time + step);
    update(earlier, values.time - step);
  }
  for (std::size_t s = 0; s < 6; ++s)
    for (std::size_t i = 0; i < rates.at[s][s / 2].size(); ++i)
      rates.at[s][s / 2][i] = (later.at[s][s / 2][i] - earlier.at[s][s / 2][i]) / (2 * step);
  set_normal(rate, rates);
}

/// ghost = source, or 2 prescribed - source, line by line.
void BoxSides::fill_layer(PaddedField& field, int stored, int side, int component, int source, int ghost,
                          const double* prescribed) const {
  const auto from = layer_of(field, stored, side / 2, source), to = layer_of(field, stored, side / 2, ghost);
  for_lines(side, component, [&](int upper, int count) {
    const double* in = from.line(upper);
    double* out = to.line(upper);
    const std::ptrdiff_t step = from.step;
    if (prescribed == nullptr) {
      for (int i = 0; i < count; ++i) out[i * step] = in[i * step];
      return;
    }
    const double* value = prescribed + upper * line_length(side);
    for (int i = 0; i < count; ++i) out[i * step] = 2 * value[i] - in[i * step];
  });
}

void BoxSides::fill_ghosts(PaddedField& velocity, const Values& values) const {
  for (int index = 0; index < 6; ++index) {
    const auto s = static_cast<std::size_t>(index);
    const int axis = index / 2, n = axes_[s / 2].cells();
    const bool is_high = index % 2 == 1;
    const Kind kind = sides_[s].kind;
    for (int component = 0; component < 3; ++component) {
      const bool is_normal = component == axis;
      if (is_normal && kind != periodic) continue;
      // A periodic axis repeats: across the low end the last inner face or cell, across the high end the first ones.
      const int inner = is_high ? n - 1 : 0, around = is_high ? (is_normal ? 1 : 0) : n - 1;
      const int ghost = is_high ? (is_normal ? n + 1 : n) : -1;
      fill_layer(velocity, component, index, component, kind == periodic ? around : inner, ghost,
                 kind == fixed ? values.at[s][static_cast<std::size_t>(component)].data() : nullptr);
    }
  }
}

void BoxSides::fill_scalar_ghosts(PaddedField& scalar, const Values& values) const {
  for (int index = 0; index < 6; ++index) {
    const auto s = static_cast<std::size_t>(index);
    const int n = axes_[s / 2].cells();
    const bool is_high = index % 2 == 1, is_around = sides_[s].kind == periodic;
    const auto& prescribed = values.at[s][scalar_component];
    for (int layer = 0; layer < (is_around ? 2 : 1); ++layer) {
      const int source = is_around == is_high ? std::min(layer, n - 1) : std::max(n - 1 - layer, 0);
      fill_layer(scalar, 0, index, scalar_component, source, is_high ? n + layer : -1 - layer,
                 prescribed.empty() ? nullptr : prescribed.data());
    }
  }
}

std::array<double, 2> BoxSides::volume_flux(const PaddedField& velocity) const {
  double in = 0, out = 0;
  for (int index = 0; index < 6; ++index) {
    const auto a = static_cast<std::size_t>(index / 2);
    if (sides_[static_cast<std::size_t>(index)].kind == periodic) continue;
    const auto [lower_axis, upper_axis] = other_axes[a];
    const AxisMetrics &lower = axes_[static_cast<std::size_t>(lower_axis)],
                      &upper = axes_[static_cast<std::size_t>(upper_axis)];
    std::array<int, 3> at{};
    at[a] = index % 2 == 0 ? 0 : axes_[a].cells();
    for (int k = 0; k < upper.cells(); ++k)
      for (int j = 0; j < lower.cells(); ++j) {
        at[static_cast<std::size_t>(lower_axis)] = j;
        at[static_cast<std::size_t>(upper_axis)] = k;
        const double inwards = (index % 2 == 0 ? 1 : -1) * velocity.row(index / 2, at[1], at[2])[at[0]] *
                               lower.width()[j] * upper.width()[k];
        (inwards > 0 ? in : out) += std::abs(inwards);
      }
  }
  return {in, out};
}

}  // namespace eddyline
