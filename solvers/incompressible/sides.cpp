#include "solvers/incompressible/sides.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace eddyline {

Side::Side(const Case& problem, const std::string& patch, const std::string& scalar) {
  const BoundaryConfig& config = problem.config().boundaries.at(patch);
  const std::string name = "boundaries." + patch;
  axis_ = patch[0] == 'x' ? 0 : 1;
  low_ = problem.grid().low(1 - axis_);
  high_ = problem.grid().high(1 - axis_);
  is_parabolic_ = config.profile == "parabolic";
  if (config.type == "periodic") kind_ = SideKind::periodic;
  if (config.type == "outflow") kind_ = SideKind::outflow;
  if (config.type == "free_slip") kind_ = SideKind::free_slip;
  is_inflow_ = config.type == "inflow";
  is_solid_ = config.type == "no_slip" || config.type == "moving_wall";

  const std::array<std::string, 2> components = {"velocity_x", "velocity_y"};
  bool has_formulas = false;
  for (const auto& [channel, formula] : config.values) {
    const std::string key = name + ".values." + channel;
    if (kind_ == SideKind::periodic)
      throw ConfigError(key + ": a periodic side prescribes nothing; remove it or choose another type");
    if (!scalar.empty() && channel == scalar) {
      scalar_.emplace(problem, formula, key);
      continue;
    }
    if (channel != components[0] && channel != components[1]) {
      std::vector<std::string> known(components.begin(), components.end());
      if (!scalar.empty()) known.push_back(scalar);
      throw ConfigError(name + ".values: " + problem.config().equation + " prescribes no '" + printable(channel) +
                        "' here; use " + join(known, ", "));
    }
    if (config.type != "prescribed" && !is_inflow_)
      throw ConfigError(key + ": a side of type " + config.type +
                        " takes no formula for the velocity; use prescribed or inflow");
    has_formulas = true;
    formulas_[channel == components[0] ? 0 : 1].emplace(problem, formula, key);
  }
  const bool takes_velocity = (is_inflow_ && !has_formulas) || config.type == "moving_wall";
  if (is_inflow_ && has_formulas && !config.velocity.empty())
    throw ConfigError(name + ".velocity: the values already give the velocity of this inflow; remove one of the two");
  if (takes_velocity && config.velocity.size() != 2)
    throw ConfigError(name + ".velocity: expected two components [x, y], got " +
                      std::to_string(config.velocity.size()));
  if (!takes_velocity && !config.velocity.empty())
    throw ConfigError(name + ".velocity: a side of type " + config.type +
                      " takes no velocity; use inflow or moving_wall");
  for (std::size_t c = 0; c < 2 && takes_velocity; ++c) velocity_[c] = config.velocity[c];
  if (config.type == "moving_wall" && velocity_[static_cast<std::size_t>(axis_)] != 0)
    throw ConfigError(name + ".velocity: a wall moves along itself only; its component across must be 0");
}

PoissonEnd Side::poisson_end() const {
  if (kind_ == SideKind::periodic) return PoissonEnd::periodic;
  return kind_ == SideKind::outflow ? PoissonEnd::dirichlet : PoissonEnd::neumann;
}

double Side::value(int component, double x, double y, double time) const {
  const auto c = static_cast<std::size_t>(component);
  if (formulas_[c]) return (*formulas_[c])(x, y, 0, time);
  if (!is_parabolic_) return velocity_[c];
  const double s = axis_ == 0 ? y : x;
  return velocity_[c] * 4 * (s - low_) * (high_ - s) / ((high_ - low_) * (high_ - low_));
}

bool Side::is_steady() const {
  for (const auto* formula : {&formulas_[0], &formulas_[1], &scalar_})
    if (formula->has_value() && (*formula)->depends_on_time()) return false;
  return true;
}

std::array<double, 3> boundary_derivative(double first_width, std::optional<double> second_width) {
  const double a = 0.5 * first_width;
  if (!second_width) return {-1 / a, 1 / a, 0};
  const double b = first_width + 0.5 * *second_width;
  const double first = b / (a * (b - a)), second = -a / (b * (b - a));
  return {-first - second, first, second};
}

Sides::Sides(const Case& problem, const std::string& scalar)
    : x_nodes_(problem.grid().nodes(0)),
      y_nodes_(problem.grid().nodes(1)),
      x_centers_(problem.grid().centers(0)),
      y_centers_(problem.grid().centers(1)) {
  for (const char* patch : {"x_low", "x_high", "y_low", "y_high"}) sides_.emplace_back(problem, patch, scalar);
  for (int k = 0; k < 4; ++k) {
    const auto at = static_cast<std::size_t>(k);
    const auto widths = problem.grid().widths(k / 2);
    const double first = k % 2 == 0 ? widths.front() : widths.back();
    ghost_weights_[at] = {2, -1, 0};
    if (sides_[at].is_solid() && widths.size() > 1) {
      const double second = k % 2 == 0 ? widths[1] : widths[widths.size() - 2];
      const auto derivative = boundary_derivative(first, second);
      ghost_weights_[at] = {-first * derivative[0], 1 - first * derivative[1], -first * derivative[2]};
    }
    if (sides_[at].kind() != SideKind::fixed || !sides_[at].is_steady()) continue;
    for (const int component : {0, 1})
      steady_values_[at][static_cast<std::size_t>(component)] = velocity_values(k, component, 0);
  }
}

bool Sides::has_outflow() const {
  for (const Side& side : sides_)
    if (side.kind() == SideKind::outflow) return true;
  return false;
}

std::vector<double> Sides::velocity_values(int index, int component, double time) const {
  const bool is_x = index / 2 == 0, is_normal = component == index / 2, is_low = index % 2 == 0;
  const auto& along = is_x ? (is_normal ? y_centers_ : y_nodes_) : (is_normal ? x_centers_ : x_nodes_);
  const auto& across = is_x ? x_nodes_ : y_nodes_;
  const double at = is_low ? across.front() : across.back();
  std::vector<double> values;
  for (const double s : along)
    values.push_back(is_x ? side(index).value(component, at, s, time) : side(index).value(component, s, at, time));
  return values;
}

const std::vector<double>& Sides::velocity_along(int index, int component, double time,
                                                 std::vector<double>& scratch) const {
  const auto& steady = steady_values_[static_cast<std::size_t>(index)][static_cast<std::size_t>(component)];
  if (!steady.empty()) return steady;
  return scratch = velocity_values(index, component, time);
}

void Sides::scalar_values(int index, double time, std::vector<double>& values) const {
  const bool is_x = index / 2 == 0, is_low = index % 2 == 0;
  const auto& across = is_x ? x_nodes_ : y_nodes_;
  const double at = is_low ? across.front() : across.back();
  values.clear();
  for (const double s : is_x ? y_centers_ : x_centers_)
    values.push_back(is_x ? side(index).scalar(at, s, time) : side(index).scalar(s, at, time));
}

void Sides::set_normal(FaceVelocity& velocity, double time) const {
  const auto nx = static_cast<std::int64_t>(x_centers_.size()), ny = static_cast<std::int64_t>(y_centers_.size());
  std::vector<double> scratch;
  for (int index = 0; index < 4; ++index) {
    const bool is_x = index / 2 == 0, is_low = index % 2 == 0;
    const SideKind kind = side(index).kind();
    if (kind != SideKind::fixed && kind != SideKind::free_slip) continue;
    const auto normal = [&](std::int64_t k) -> double& {
      return is_x ? velocity.u(is_low ? 0 : nx, k) : velocity.v(k, is_low ? 0 : ny);
    };
    if (kind == SideKind::free_slip) {
      for (std::int64_t k = 0; k < (is_x ? ny : nx); ++k) normal(k) = 0;
      continue;
    }
    const auto& values = velocity_along(index, index / 2, time, scratch);
    for (std::size_t k = 0; k < values.size(); ++k) normal(static_cast<std::int64_t>(k)) = values[k];
  }
}

void Sides::fill_ghosts(FaceVelocity& velocity, double time) const {
  const auto nx = static_cast<std::int64_t>(x_centers_.size()), ny = static_cast<std::int64_t>(y_centers_.size());
  Array2 &u = velocity.u, &v = velocity.v;
  if (periodic_x())
    for (std::int64_t j = 0; j < ny; ++j) {
      u(nx, j) = u(0, j);
      u(-1, j) = u(nx - 1, j);
      u(nx + 1, j) = u(1, j);
    }
  if (periodic_y())
    for (std::int64_t i = 0; i < nx; ++i) {
      v(i, ny) = v(i, 0);
      v(i, -1) = v(i, ny - 1);
      v(i, ny + 1) = v(i, 1);
    }
  // Tangential components.
  std::vector<double> scratch;
  const auto fill = [&](int index, std::int64_t count, auto&& ghost, auto&& first, auto&& second, auto&& around) {
    switch (side(index).kind()) {
      case SideKind::periodic:
        for (std::int64_t k = 0; k < count; ++k) ghost(k) = around(k);
        break;
      case SideKind::fixed: {
        const auto& prescribed = velocity_along(index, 1 - index / 2, time, scratch);
        const auto& weight = ghost_weights_[static_cast<std::size_t>(index)];
        for (std::int64_t k = 0; k < count; ++k)
          ghost(k) = weight[0] * prescribed[static_cast<std::size_t>(k)] + weight[1] * first(k) + weight[2] * second(k);
        break;
      }
      default:  // free slip, outflow: no gradient
        for (std::int64_t k = 0; k < count; ++k) ghost(k) = first(k);
    }
  };
  const auto column = [](Array2& values, std::int64_t i) {
    return [&values, i](std::int64_t k) -> double& { return values(i, k); };
  };
  const auto row = [](Array2& values, std::int64_t j) {
    return [entry = values.row(j)](std::int64_t k) -> double& { return entry[k]; };
  };
  fill(0, ny + 1, column(v, -1), column(v, 0), column(v, nx > 1 ? 1 : 0), column(v, nx - 1));
  fill(1, ny + 1, column(v, nx), column(v, nx - 1), column(v, nx > 1 ? nx - 2 : 0), column(v, 0));
  fill(2, nx + 1, row(u, -1), row(u, 0), row(u, ny > 1 ? 1 : 0), row(u, ny - 1));
  fill(3, nx + 1, row(u, ny), row(u, ny - 1), row(u, ny > 1 ? ny - 2 : 0), row(u, 0));
}

}  // namespace eddyline
