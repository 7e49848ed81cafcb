#pragma once
// Cases of incompressible flow that several tests use.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <numbers>
#include <span>
#include <utility>
#include <vector>

#include "core/base/numbers.hpp"
#include "core/field/case.hpp"
#include "core/rollout/solver.hpp"
#include "tests/validation/verification.hpp"

namespace eddyline::test {

/// Of the verification page.
inline Verification row(const std::string& problem, const std::string& resolution, const std::string& quantity,
                        const std::string& source) {
  return {"incompressible flow in 2D", problem, resolution, quantity, source};
}

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

/// Cells shrink towards the walls: the smallest is `stretching` times the largest.
inline std::string cavity_yaml(int cells, double reynolds, double stretching = 1) {
  const std::string axis = "{cells: " + std::to_string(cells) + ", stretching: " + format_number(stretching) + "}";
  return "name: cavity\ngrid: [" + axis + ", " + axis + "]\nparameters: {viscosity: " + format_number(1 / reynolds) +
         "}\nboundaries: {x_low: {type: no_slip}, x_high: {type: no_slip}, y_low: {type: no_slip}, "
         "y_high: {type: moving_wall, velocity: [1, 0]}}\n";
}

/// An axis as YAML: cells of width near `core` in [from, to], growing by `low_growth` and `high_growth` a cell outside.
inline std::string graded_axis(double low, double from, double to, double high, double core, double low_growth,
                               double high_growth) {
  const auto widths = [&](double length, double growth) {
    std::vector<double> out;
    double sum = 0, width = core;
    while (sum < length) {
      width *= growth;
      out.push_back(width);
      sum += width;
    }
    for (double& value : out) value *= length / sum;
    return out;
  };
  const auto before = widths(from - low, low_growth), after = widths(high - to, high_growth);
  const auto count = static_cast<std::int64_t>(std::lround((to - from) / core));
  std::string text = "{nodes: [" + format_number(low);
  double at = low;
  const auto add = [&](double width) {
    at += width;
    text += ", " + format_number(at);
  };
  for (auto width = before.rbegin(); width != before.rend(); ++width) add(*width);
  for (std::int64_t k = 0; k < count; ++k) add((to - from) / static_cast<double>(count));
  for (std::size_t k = 0; k + 1 < after.size(); ++k) add(after[k]);
  return text + ", " + format_number(high) + "]}";
}

/// Value and place of the largest (sign 1) or smallest (sign -1) entry by the parabola through it and its neighbours.
inline std::pair<double, double> extremum(const std::vector<double>& x, const std::vector<double>& values, int sign) {
  std::size_t k = 1;
  for (std::size_t i = 1; i + 1 < values.size(); ++i)
    if (sign * values[i] > sign * values[k]) k = i;
  const double first = (values[k] - values[k - 1]) / (x[k] - x[k - 1]),
               second = (values[k + 1] - values[k]) / (x[k + 1] - x[k]);
  const double curvature = (second - first) / (x[k + 1] - x[k - 1]);
  const double at = 0.5 * (x[k - 1] + x[k]) - first / (2 * curvature);
  return {values[k - 1] + first * (at - x[k - 1]) + curvature * (at - x[k - 1]) * (at - x[k]), at};
}

/// Velocities on the faces of the vertical (u) and horizontal (v) line through the middle of an even number of cells.
inline std::pair<std::vector<double>, std::vector<double>> centreline_velocities(const State& state) {
  const at::Tensor faces_u = state.auxiliary.at("face_velocity_x"), faces_v = state.auxiliary.at("face_velocity_y");
  const auto u = faces_u.accessor<double, 2>(), v = faces_v.accessor<double, 2>();
  std::pair<std::vector<double>, std::vector<double>> lines;
  for (std::int64_t j = 0; j < faces_u.size(0); ++j) lines.first.push_back(u[j][(faces_u.size(1) - 1) / 2]);
  for (std::int64_t i = 0; i < faces_v.size(1); ++i) lines.second.push_back(v[(faces_v.size(0) - 1) / 2][i]);
  return lines;
}

inline double diagnostic(const Solver& solver, const State& state, const std::string& name) {
  for (const auto& [key, value] : solver.diagnostics(state))
    if (key == name) return value;
  ADD_FAILURE() << "no diagnostic " << name;
  return 0;
}

inline State after(const Solver& solver, double time, int frames = 1) {
  const State start = solver.initial_state();
  return solver.advance(std::span(&start, 1), time / frames, frames).back();
}

constexpr const char* periodic_sides =
    "boundaries: {x_low: {type: periodic}, x_high: {type: periodic}, y_low: {type: periodic}, y_high: {type: "
    "periodic}}\n";

/// DFG benchmark 2D: inflow as YAML and grid as YAML; mean velocity and diameter are the scales.
inline std::string schaefer_turek_yaml(const std::string& grid, const std::string& inflow, double mean_velocity) {
  return "name: dfg_2d\ngrid: " + grid + "\nparameters: {viscosity: 0.001}\nboundaries: {x_low: {type: inflow, " +
         inflow +
         "}, x_high: {type: outflow}, y_low: {type: no_slip}, y_high: {type: no_slip}}\n"
         "obstacles: [{shape: circle, center: [0.2, 0.2], radius: 0.05}]\ninitial: {type: rest}\nlength_scale: "
         "0.1\nvelocity_scale: " +
         format_number(mean_velocity) + "\n";
}
constexpr const char* schaefer_turek_inflow = "profile: parabolic, velocity: [0.3, 0]";

/// `per_diameter` cells across the cylinder.
inline std::string schaefer_turek_uniform(int per_diameter) {
  return "[{to: 2.2, cells: " + std::to_string(22 * per_diameter) +
         "}, {to: 0.41, cells: " + std::to_string(static_cast<int>(std::lround(4.1 * per_diameter))) + "}]";
}
/// 30 cells across the cylinder, 15 thousand in all.
inline std::string schaefer_turek_graded() {
  return "[" + graded_axis(0, 0.13, 0.29, 2.2, 0.0032, 1.06, 1.025) + ", " +
         graded_axis(0, 0.13, 0.27, 0.41, 0.0032, 1.06, 1.06) + "]";
}

}  // namespace eddyline::test
