#pragma once
// Cases of the explicit finite-volume solver that several tests use.

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "core/base/numbers.hpp"
#include "core/config/config_reader.hpp"
#include "core/field/case.hpp"
#include "core/rollout/solver.hpp"

namespace eddyline::test {

/// @param settings  of the solver, as YAML: "{reconstruction: weno5z, cfl: 0.5}".
inline std::unique_ptr<Solver> finite_volume(const std::string& case_yaml, const std::string& settings = "{}") {
  const auto config = SolverRegistry::instance().make_config("finite_volume");
  read_config_text(settings, "solver", *config);
  return SolverRegistry::instance().create("finite_volume", *config, Case::from_yaml(case_yaml, "test"));
}

inline State advanced(const Solver& solver, const State& start, double time) {
  return solver.advance(std::span(&start, 1), time, 1).front();
}
inline State run_to(const Solver& solver, double time) { return advanced(solver, solver.initial_state(), time); }

inline std::vector<double> values(const State& state, const std::string& channel) {
  const at::Tensor whole = state.fields.at(channel).values.contiguous();
  const double* data = whole.const_data_ptr<double>();
  return {data, data + whole.numel()};
}

inline std::string axis(double from, double to, int cells) {
  return "{from: " + format_number(from) + ", to: " + format_number(to) + ", cells: " + std::to_string(cells) + "}";
}

inline std::string sides(int dimension, const std::string& type) {
  std::string text;
  for (int a = 0; a < dimension; ++a)
    for (const char* end : {"_low", "_high"})
      text += (text.empty() ? "" : ", ") + std::string(1, "xyz"[a]) + end + ": {type: " + type + "}";
  return "boundaries: {" + text + "}\n";
}

/// One-dimensional Riemann problem of an ideal gas on [0, 1], states [rho, u, p].
inline std::string riemann_problem(int cells, const std::vector<double>& left, const std::vector<double>& right,
                                   double diaphragm) {
  const auto jump = [&](std::size_t k) {
    return "\"x < " + format_number(diaphragm) + " ? " + format_number(left[k]) + " : " + format_number(right[k]) +
           "\"";
  };
  return "equation: compressible_euler\nparameters: {gamma: 1.4}\ngrid: [" + axis(0, 1, cells) + "]\n" +
         sides(1, "outflow") + "initial: {type: formula, values: {density: " + jump(0) + ", velocity_x: " + jump(1) +
         ", pressure: " + jump(2) + "}}\n";
}

/// Isentropic vortex on [0, length]^2, carried by (1, 1): reference/isentropic_vortex.yaml.
inline std::string isentropic_vortex(int cells, double length = 10) {
  const std::string c = format_number(length / 2), r2 = "((x-" + c + ")^2+(y-" + c + ")^2)";
  const std::string temperature = "(1-(gamma-1)*25/(8*gamma*pi^2)*exp(1-" + r2 + "))";
  const std::string swirl = "5/(2*pi)*exp((1-" + r2 + ")/2)";
  return "equation: compressible_euler\nparameters: {gamma: 1.4}\ngrid: [" + axis(0, length, cells) + ", " +
         axis(0, length, cells) + "]\n" + sides(2, "periodic") + "initial: {type: formula, values: {density: \"" +
         temperature + "^(1/(gamma-1))\", velocity_x: \"1-" + swirl + "*(y-" + c + ")\", velocity_y: \"1+" + swirl +
         "*(x-" + c + ")\", pressure: \"" + temperature + "^(gamma/(gamma-1))\"}}\n";
}

/// Keeps a measured figure with the test's result (`--gtest_output=json`).
inline double recorded(const std::string& name, double value) {
  testing::Test::RecordProperty(name, format_number(value, 3));
  return value;
}

/// Mean absolute difference of a channel.
inline double mean_difference(const State& a, const State& b, const std::string& channel) {
  return (a.fields.at(channel).values - b.fields.at(channel).values).abs().mean().item<double>();
}

inline double observed_order(double coarse, double fine) { return std::log2(coarse / fine); }

}  // namespace eddyline::test
