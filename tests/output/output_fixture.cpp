#include "tests/output/output_fixture.hpp"

#include <ATen/ATen.h>
#include <stdlib.h>

#include <numbers>
#include <stdexcept>

namespace eddyline::output_test {

ScratchFolder::ScratchFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "eddyline_output_XXXXXX").string();
  if (::mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("no scratch folder");
  path_ = pattern;
}

ScratchFolder::~ScratchFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

std::vector<Channel> channels() {
  return {{"velocity_x", "m/s", ChannelKind::vector_x},
          {"velocity_y", "m/s", ChannelKind::vector_y},
          {"pressure", "m^2/s^2", ChannelKind::scalar}};
}

std::shared_ptr<const Case> example_case(int columns) {
  CaseConfig config;
  config.name = "vortex street";
  AxisConfig x, y;
  x.to = 4;
  x.cells = columns;
  y.from = -1;
  y.to = 1;
  y.cells = columns / 2;
  config.grid = {x, y};
  config.parameters["viscosity"] = 0.01;
  for (const char* side : {"x_low", "x_high", "y_low", "y_high"}) config.boundaries[side].type = "free_slip";
  ObstacleConfig circle;
  circle.center = {1, 0};
  circle.radius = 0.4;
  config.obstacles = {circle};
  return std::make_shared<const Case>(config);
}

State example_state(const std::shared_ptr<const Case>& problem, double time) {
  const Grid& grid = problem->grid();
  const at::Tensor x = at::tensor(grid.centers(0), at::kDouble).unsqueeze(0);
  const at::Tensor y = at::tensor(grid.centers(1), at::kDouble).unsqueeze(1);
  const double k = std::numbers::pi;
  // Stream function sin(k (x - t)) exp(-2 y^2) + y.
  const at::Tensor shape = at::exp(-2 * y * y), phase = k * (x - time);
  const at::Tensor u = 1 - 4 * y * at::sin(phase) * shape, v = -k * at::cos(phase) * shape;
  return cell_state(problem, time, channel_names(channels()), at::stack({u, v, -0.5 * (u * u + v * v)}));
}

}  // namespace eddyline::output_test
