#pragma once
// Cases of incompressible flow that several tests use.

#include <ATen/ATen.h>

#include <cmath>
#include <memory>
#include <numbers>

#include "core/base/numbers.hpp"
#include "core/field/case.hpp"
#include "core/rollout/solver.hpp"

namespace eddyline::test {

inline std::unique_ptr<Solver> incompressible(std::shared_ptr<const Case> problem) {
  const auto config = SolverRegistry::instance().make_config("incompressible");
  return SolverRegistry::instance().create("incompressible", *config, std::move(problem));
}

inline std::shared_ptr<const Case> case_of(const std::string& yaml) { return Case::from_yaml(yaml, "test"); }

/// Taylor-Green vortex on [0, 2 pi]^2, carried by a constant velocity (c, c).
inline std::shared_ptr<const Case> taylor_green(int cells, double viscosity, double carrier) {
  const std::string axis = "{to: " + format_number(2 * std::numbers::pi) + ", cells: " + std::to_string(cells) + "}";
  const std::string c = format_number(carrier);
  return case_of("name: taylor_green\ngrid: [" + axis + ", " + axis +
                 "]\nparameters: {viscosity: " + format_number(viscosity) +
                 "}\nboundaries: {x_low: {type: periodic}, x_high: {type: periodic}, y_low: {type: periodic}, y_high: "
                 "{type: periodic}}\n"
                 "initial: {type: formula, values: {velocity_x: \"" +
                 c + "+sin(x)*cos(y)\", velocity_y: \"" + c + "-cos(x)*sin(y)\"}}\n");
}

/// Root mean square error of the face velocity u (aux block) against the exact Taylor-Green solution.
inline double taylor_green_error(const State& state, double viscosity, double carrier) {
  const Grid& grid = state.problem->grid();
  const at::Tensor faces = state.auxiliary.at("face_velocity_x");
  const auto y = grid.centers(1);
  const double decay = std::exp(-2 * viscosity * state.time), shift = carrier * state.time;
  double sum = 0;
  const auto n = grid.cells(0);
  for (std::int64_t j = 0; j < n; ++j)
    for (std::int64_t i = 0; i < n; ++i) {
      const double exact = carrier + std::sin(grid.nodes(0)[static_cast<std::size_t>(i)] - shift) *
                                         std::cos(y[static_cast<std::size_t>(j)] - shift) * decay;
      sum += std::pow(faces.accessor<double, 2>()[j][i] - exact, 2);
    }
  return std::sqrt(sum / static_cast<double>(n * n));
}

inline std::string cavity_yaml(int cells, double reynolds) {
  const std::string axis = "{cells: " + std::to_string(cells) + "}";
  return "name: cavity\ngrid: [" + axis + ", " + axis + "]\nparameters: {viscosity: " + format_number(1 / reynolds) +
         "}\nboundaries: {x_low: {type: no_slip}, x_high: {type: no_slip}, y_low: {type: no_slip}, "
         "y_high: {type: moving_wall, velocity: [1, 0]}}\n";
}

/// DFG benchmark 2D-1 with `per_diameter` cells across the cylinder.
inline std::string schaefer_turek_yaml(int per_diameter) {
  return "name: dfg_2d1\ngrid: [{to: 2.2, cells: " + std::to_string(22 * per_diameter) +
         "}, {to: 0.41, cells: " + std::to_string(static_cast<int>(std::lround(4.1 * per_diameter))) +
         "}]\nparameters: {viscosity: 0.001}\nboundaries: {x_low: {type: inflow, profile: parabolic, velocity: [0.3, "
         "0]}, "
         "x_high: {type: outflow}, y_low: {type: no_slip}, y_high: {type: no_slip}}\n"
         "obstacles: [{shape: circle, center: [0.2, 0.2], radius: 0.05}]\ninitial: {type: rest}\nlength_scale: "
         "0.1\nvelocity_scale: 0.2\n";
}

}  // namespace eddyline::test
