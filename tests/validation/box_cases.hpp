#pragma once
// Cases of incompressible flow in three dimensions that several tests use.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>
#include <memory>
#include <numbers>
#include <string>
#include <vector>

#include "core/base/numbers.hpp"
#include "core/config/config_reader.hpp"
#include "core/field/case.hpp"
#include "core/rollout/solver.hpp"

namespace eddyline::test {

/// @param settings  of the solver, as YAML.
inline std::unique_ptr<Solver> box_solver(const std::string& case_yaml, const std::string& settings = "{}") {
  const auto config = SolverRegistry::instance().make_config("incompressible_3d");
  read_config_text(settings, "solver", *config);
  return SolverRegistry::instance().create("incompressible_3d", *config, Case::from_yaml(case_yaml, "test"));
}

inline State box_flow_at(const Solver& solver, double time, int frames = 1) {
  const State start = solver.initial_state();
  return solver.advance(std::span(&start, 1), time / frames, frames).back();
}

inline double measured(const Solver& solver, const State& state, const std::string& name) {
  for (const auto& [key, value] : solver.diagnostics(state))
    if (key == name) return value;
  ADD_FAILURE() << "no diagnostic " << name;
  return 0;
}

/// "boundaries: ..." with the same type on both ends of each axis.
inline std::string box_sides(const std::array<std::string, 3>& types) {
  std::string text;
  for (std::size_t a = 0; a < 3; ++a)
    for (const char* end : {"_low", "_high"})
      text += (text.empty() ? "" : ", ") + std::string(1, "xyz"[a]) + end + ": {type: " + types[a] + "}";
  return "boundaries: {" + text + "}\n";
}
inline std::string periodic_box() { return box_sides({"periodic", "periodic", "periodic"}); }

/// "grid: ..." with three axes from 0 to `to`.
inline std::string box_grid(double to, const std::array<int, 3>& cells, double stretching = 1) {
  std::string text;
  for (const int count : cells)
    text += (text.empty() ? "" : ", ") + std::string("{to: ") + format_number(to) +
            ", cells: " + std::to_string(count) + ", stretching: " + format_number(stretching) + "}";
  return "grid: [" + text + "]\n";
}
inline constexpr double two_pi = 2 * std::numbers::pi;

using PointValue = std::function<double(double x, double y, double z)>;

/// Root mean square of the difference between a component's face velocities and the exact ones.
inline double face_error(const State& state, int component, const PointValue& exact) {
  const Grid& grid = state.problem->grid();
  const auto points = [&](int axis) { return axis == component ? grid.nodes(axis) : grid.centers(axis); };
  const auto x = points(0), y = points(1), z = points(2);
  const at::Tensor faces = state.auxiliary.at(std::string("face_velocity_") + "xyz"[component]).contiguous();
  const double* value = faces.const_data_ptr<double>();
  double sum = 0;
  for (const double at_z : z)
    for (const double at_y : y)
      for (const double at_x : x) sum += std::pow(*value++ - exact(at_x, at_y, at_z), 2);
  return std::sqrt(sum / static_cast<double>(faces.numel()));
}

/// The same for a cell field; for the pressure, which is fixed up to a constant, both means are taken off.
inline double cell_error(const State& state, const std::string& channel, const PointValue& exact) {
  const Grid& grid = state.problem->grid();
  const at::Tensor values = state.fields.at(channel).values.contiguous();
  at::Tensor reference = at::empty_like(values);
  double* out = reference.data_ptr<double>();
  for (const double z : grid.centers(2))
    for (const double y : grid.centers(1))
      for (const double x : grid.centers(0)) *out++ = exact(x, y, z);
  at::Tensor difference = values - reference;
  if (channel == "pressure") difference = difference - difference.mean();
  return difference.square().mean().sqrt().item<double>();
}

inline double order_of(const std::vector<double>& errors) {
  return std::log2(errors[errors.size() - 2] / errors.back());
}

}  // namespace eddyline::test
