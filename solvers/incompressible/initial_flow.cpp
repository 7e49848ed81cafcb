#include "solvers/incompressible/initial_flow.hpp"

#include <cmath>
#include <numbers>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/field/initial_field.hpp"

namespace eddyline {
namespace {

/// Stream function of a few random waves under a Gaussian bell; its curl has amplitude near one velocity unit.
class RandomEddies {
 public:
  RandomEddies(const Case& problem, double length) : length_(length) {
    const Grid& grid = problem.grid();
    const auto& bodies = problem.config().obstacles;
    x_ = bodies.empty() ? 0.5 * (grid.low(0) + grid.high(0)) : bodies.front().center[0] + 1.5 * length;
    y_ = bodies.empty() ? 0.5 * (grid.low(1) + grid.high(1)) : bodies.front().center[1];
    RandomStream random(static_cast<std::uint64_t>(problem.config().initial.seed), "initial");
    for (auto& wave : waves_)
      wave = {random.uniform(-2, 2) / length, random.uniform(-2, 2) / length, random.uniform(0, 2 * std::numbers::pi)};
  }
  [[nodiscard]] double stream(double x, double y) const {
    const double dx = x - x_, dy = y - y_;
    double sum = 0;
    for (const auto& [kx, ky, phase] : waves_) sum += std::cos(kx * dx + ky * dy + phase);
    return 0.5 * length_ * sum * std::exp(-(dx * dx + dy * dy) / (2 * length_ * length_));
  }

 private:
  double length_, x_ = 0, y_ = 0;
  std::array<std::array<double, 3>, 4> waves_{};
};

}  // namespace

void set_initial_flow(const Case& problem, const CutCells& cells, const std::string& scalar_name,
                      FaceVelocity& velocity, Array2& scalar) {
  const InitialConfig& initial = problem.config().initial;
  const Grid& grid = problem.grid();
  const auto x = grid.centers(0), y = grid.centers(1);
  const auto at_u = [&](auto&& value) {
    for (std::int64_t j = 0; j < cells.ny; ++j)
      for (std::int64_t i = 0; i <= cells.nx; ++i)
        velocity.u(i, j) += cells.open_x(i, j) > 0
                                ? value(grid.nodes(0)[static_cast<std::size_t>(i)], y[static_cast<std::size_t>(j)])
                                : 0;
  };
  const auto at_v = [&](auto&& value) {
    for (std::int64_t j = 0; j <= cells.ny; ++j)
      for (std::int64_t i = 0; i < cells.nx; ++i)
        velocity.v(i, j) += cells.open_y(i, j) > 0
                                ? value(x[static_cast<std::size_t>(i)], grid.nodes(1)[static_cast<std::size_t>(j)])
                                : 0;
  };
  if (initial.type == "waves")
    throw ConfigError(
        "initial.type: waves is for forced_burgers; the incompressible solver starts from rest, uniform, formula "
        "or random");
  if (initial.type == "uniform") {
    if (initial.velocity.size() != 2)
      throw ConfigError("initial.velocity: expected two components [x, y], got " +
                        std::to_string(initial.velocity.size()));
    at_u([&](double, double) { return initial.velocity[0]; });
    at_v([&](double, double) { return initial.velocity[1]; });
  }
  if (initial.type == "formula" || initial.type == "random") {
    std::vector<std::string> known = {"velocity_x", "velocity_y"};
    if (!scalar_name.empty()) known.push_back(scalar_name);
    for (const auto& channel : initial_channels(problem, known)) {
      InitialField field(problem, channel);
      const auto value = [&](double px, double py) { return field(px, py); };
      if (channel == "velocity_x") {
        at_u(value);
      } else if (channel == "velocity_y") {
        at_v(value);
      } else {
        for (std::int64_t j = 0; j < cells.ny; ++j)
          for (std::int64_t i = 0; i < cells.nx; ++i)
            scalar(i, j) =
                cells.area(i, j) > 0 ? value(x[static_cast<std::size_t>(i)], y[static_cast<std::size_t>(j)]) : 0;
      }
    }
  }
  if (initial.perturbation <= 0) return;
  const CaseConfig& config = problem.config();
  const double length = config.obstacles.empty()
                            ? 0.1 * std::min(grid.high(0) - grid.low(0), grid.high(1) - grid.low(1))
                            : config.length_scale;
  const RandomEddies eddies(problem, length);
  const double amplitude = initial.perturbation * config.velocity_scale, offset = 1e-4 * length;
  at_u([&](double px, double py) {
    return amplitude * (eddies.stream(px, py + offset) - eddies.stream(px, py - offset)) / (2 * offset);
  });
  at_v([&](double px, double py) {
    return -amplitude * (eddies.stream(px + offset, py) - eddies.stream(px - offset, py)) / (2 * offset);
  });
}

}  // namespace eddyline
