#include "solvers/incompressible/sides.hpp"

#include "core/base/error.hpp"

namespace eddyline {

Side::Side(const BoundaryConfig& config, const Grid& grid, int axis, bool is_high) : axis_(axis) {
  const std::string name = std::string("boundaries.") + "xy"[axis] + (is_high ? "_high" : "_low");
  const int along = 1 - axis;
  low_ = grid.low(along);
  high_ = grid.high(along);
  is_parabolic_ = config.profile == "parabolic";
  if (config.type == "periodic") kind_ = SideKind::periodic;
  if (config.type == "outflow") kind_ = SideKind::outflow;
  if (config.type == "free_slip") kind_ = SideKind::free_slip;
  is_inflow_ = config.type == "inflow";
  const bool takes_velocity = is_inflow_ || config.type == "moving_wall";
  if (takes_velocity && config.velocity.size() != 2)
    throw ConfigError(name + ".velocity: expected two components [x, y], got " +
                      std::to_string(config.velocity.size()));
  if (!takes_velocity && !config.velocity.empty())
    throw ConfigError(name + ".velocity: a side of type " + config.type +
                      " takes no velocity; use inflow or moving_wall");
  for (std::size_t c = 0; c < 2 && takes_velocity; ++c) velocity_[c] = config.velocity[c];
  if (config.type == "moving_wall" && velocity_[static_cast<std::size_t>(axis)] != 0)
    throw ConfigError(name + ".velocity: a wall moves along itself only; its component across must be 0");
  const char* const channels[] = {"velocity_x", "velocity_y"};
  for (const auto& [channel, formula] : config.values) {
    if (config.type != "prescribed") throw ConfigError(name + ".values: only a prescribed side takes formulas");
    if (channel != channels[0] && channel != channels[1])
      throw ConfigError(name + ".values: no velocity component is called '" + printable(channel) +
                        "'; use velocity_x, velocity_y");
    formulas_[channel == channels[0] ? 0 : 1].emplace(formula, std::vector<std::string>{"x", "y", "t"},
                                                      name + ".values." + channel);
  }
}

PoissonEnd Side::poisson_end() const {
  if (kind_ == SideKind::periodic) return PoissonEnd::periodic;
  return kind_ == SideKind::outflow ? PoissonEnd::dirichlet : PoissonEnd::neumann;
}

double Side::value(int component, double x, double y, double time) const {
  const auto c = static_cast<std::size_t>(component);
  if (formulas_[c]) return (*formulas_[c])(std::array{x, y, time});
  if (!is_parabolic_) return velocity_[c];
  const double s = axis_ == 0 ? y : x;
  return velocity_[c] * 4 * (s - low_) * (high_ - s) / ((high_ - low_) * (high_ - low_));
}

Sides::Sides(const Case& problem)
    : x_nodes_(problem.grid().nodes(0)),
      y_nodes_(problem.grid().nodes(1)),
      x_centers_(problem.grid().centers(0)),
      y_centers_(problem.grid().centers(1)) {
  const auto& boundaries = problem.config().boundaries;
  for (const int axis : {0, 1})
    for (const bool is_high : {false, true})
      sides_.emplace_back(boundaries.at(std::string(1, "xy"[axis]) + (is_high ? "_high" : "_low")), problem.grid(),
                          axis, is_high);
}

bool Sides::has_outflow() const {
  for (const Side& side : sides_)
    if (side.kind() == SideKind::outflow) return true;
  return false;
}

void Sides::set_normal(FaceVelocity& velocity, double time) const {
  const auto nx = static_cast<std::int64_t>(x_centers_.size()), ny = static_cast<std::int64_t>(y_centers_.size());
  for (const int end : {0, 1}) {
    const Side& x_side = side(end);
    const std::int64_t i = end == 0 ? 0 : nx, j = end == 0 ? 0 : ny;
    const double x = end == 0 ? x_nodes_.front() : x_nodes_.back(), y = end == 0 ? y_nodes_.front() : y_nodes_.back();
    if (x_side.kind() == SideKind::fixed || x_side.kind() == SideKind::free_slip)
      for (std::int64_t k = 0; k < ny; ++k)
        velocity.u(i, k) =
            x_side.kind() == SideKind::fixed ? x_side.value(0, x, y_centers_[static_cast<std::size_t>(k)], time) : 0;
    const Side& y_side = side(2 + end);
    if (y_side.kind() == SideKind::fixed || y_side.kind() == SideKind::free_slip)
      for (std::int64_t k = 0; k < nx; ++k)
        velocity.v(k, j) =
            y_side.kind() == SideKind::fixed ? y_side.value(1, x_centers_[static_cast<std::size_t>(k)], y, time) : 0;
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
  // Tangential components: the average of ghost and inner value is the value on the side.
  const auto ghost = [](const Side& at, double inner, double around, double prescribed) {
    switch (at.kind()) {
      case SideKind::periodic:
        return around;
      case SideKind::fixed:
        return 2 * prescribed - inner;
      default:
        return inner;  // free slip, outflow: no gradient
    }
  };
  for (std::int64_t j = 0; j <= ny; ++j) {
    const double y = y_nodes_[static_cast<std::size_t>(j)];
    const auto prescribed = [&](int end, double x) {
      return side(end).kind() == SideKind::fixed ? side(end).value(1, x, y, time) : 0;
    };
    v(-1, j) = ghost(side(0), v(0, j), v(nx - 1, j), prescribed(0, x_nodes_.front()));
    v(nx, j) = ghost(side(1), v(nx - 1, j), v(0, j), prescribed(1, x_nodes_.back()));
  }
  for (std::int64_t i = 0; i <= nx; ++i) {
    const double x = x_nodes_[static_cast<std::size_t>(i)];
    const auto prescribed = [&](int end, double y) {
      return side(end).kind() == SideKind::fixed ? side(end).value(0, x, y, time) : 0;
    };
    u(i, -1) = ghost(side(2), u(i, 0), u(i, ny - 1), prescribed(2, y_nodes_.front()));
    u(i, ny) = ghost(side(3), u(i, ny - 1), u(i, 0), prescribed(3, y_nodes_.back()));
  }
}

}  // namespace eddyline
