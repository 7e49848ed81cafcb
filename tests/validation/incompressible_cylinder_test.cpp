// Flow round cylinders: the benchmarks of Schäfer & Turek in a channel, and a cylinder in a free stream.

#include <gtest/gtest.h>

#include <algorithm>
#include <tuple>

#include "core/field/probe.hpp"
#include "tests/validation/flow_cases.hpp"

namespace eddyline::test {
namespace {

/// Where the velocity behind the body changes its sign, along a line of the given height.
double end_of_recirculation(const State& state, double from, double to, double y) {
  for (int step = 0; step < 60; ++step) {
    const double middle = 0.5 * (from + to);
    (probe_value(state, "velocity_x", {middle, y, 0}) < 0 ? from : to) = middle;
  }
  return from;
}

double pressure_difference(const State& state) {
  return probe_value(state, "pressure", {0.15 - 1e-9, 0.2, 0}) - probe_value(state, "pressure", {0.25 + 1e-9, 0.2, 0});
}

struct SteadyDrag {
  double drag, lift, difference, recirculation;
};
SteadyDrag schaefer_turek_2d1(const std::string& grid) {
  const auto solver = incompressible(case_of(schaefer_turek_yaml(grid, schaefer_turek_inflow, 0.2)));
  const State end = after(*solver, 4, 2);
  EXPECT_NEAR(diagnostic(*solver, end, "mass_in"), diagnostic(*solver, end, "mass_out"), 1e-12);
  return {diagnostic(*solver, end, "drag_coefficient"), diagnostic(*solver, end, "lift_coefficient"),
          pressure_difference(end), end_of_recirculation(end, 0.26, 0.45, 0.2) - 0.25};
}
const std::string dfg_2d1 = "cylinder in a channel, DFG 2D-1";
const std::string nabh = "Schäfer & Turek 1996, Nabh 1998";

TEST(SchaeferTurek2D1, DragOnFifteenThousandCells) {
  const auto flow = schaefer_turek_2d1(schaefer_turek_graded());
  const std::string grid = "183 x 87, 31 cells a diameter";
  expect_within_part(row(dfg_2d1, grid, "drag coefficient", nabh), flow.drag, 5.57953523384, 0.01);
  expect_near_reference(row(dfg_2d1, grid, "lift coefficient", nabh), flow.lift, 0.010618948146, 0.002);
  expect_within_part(row(dfg_2d1, grid, "pressure difference", nabh), flow.difference, 0.11752016697, 0.02);
  expect_within_part(row(dfg_2d1, grid, "recirculation length", nabh), flow.recirculation, 0.08469, 0.02);
}

TEST(SlowSchaeferTurek2D1, ConvergesOnUniformGrids) {
  std::vector<double> drag_errors, difference_errors;
  for (const int cells : {10, 20, 40}) {
    const auto flow = schaefer_turek_2d1(schaefer_turek_uniform(cells));
    const std::string grid = std::to_string(cells) + " cells a diameter";
    const double tolerance = cells == 10 ? 0.05 : cells == 20 ? 0.03 : 0.01;
    expect_within_part(row(dfg_2d1, grid, "drag coefficient", nabh), flow.drag, 5.57953523384, tolerance);
    expect_within_part(row(dfg_2d1, grid, "pressure difference", nabh), flow.difference, 0.11752016697, 2 * tolerance);
    drag_errors.push_back(std::abs(flow.drag - 5.57953523384));
    difference_errors.push_back(std::abs(flow.difference - 0.11752016697));
  }
  for (const auto& errors : {drag_errors, difference_errors}) {
    EXPECT_LT(errors[1], errors[0]);
    EXPECT_LT(errors[2], errors[1]);
  }
}

TEST(SlowSchaeferTurek2D3, PeaksOfDragAndLift) {
  const auto solver = incompressible(case_of(schaefer_turek_yaml(
      schaefer_turek_graded(), "values: {velocity_x: \"6*sin(pi*t/8)*y*(0.41-y)/0.41^2\", velocity_y: \"0\"}", 1)));
  State state = solver->initial_state();
  std::vector<double> times, drag, lift;
  for (int k = 1; k <= 800; ++k) {
    state = solver->advance(std::span(&state, 1), 0.01, 1).front();
    times.push_back(state.time);
    drag.push_back(diagnostic(*solver, state, "drag_coefficient"));
    lift.push_back(diagnostic(*solver, state, "lift_coefficient"));
  }
  const std::string problem = "cylinder in a channel, DFG 2D-3", grid = "183 x 87, 31 cells a diameter",
                    john = "John 2004";
  const auto [largest_drag, drag_time] = extremum(times, drag, 1);
  const auto [largest_lift, lift_time] = extremum(times, lift, 1);
  expect_within_part(row(problem, grid, "largest drag coefficient", john), largest_drag, 2.950921575, 0.01);
  expect_near_reference(row(problem, grid, "its time", john), drag_time, 3.93625, 0.02);
  expect_within_part(row(problem, grid, "largest lift coefficient", john), largest_lift, 0.47795, 0.05);
  expect_near_reference(row(problem, grid, "its time", john), lift_time, 5.693125, 0.05);
  expect_near_reference(row(problem, grid, "pressure difference at t = 8", john), pressure_difference(state), -0.1116,
                        0.005);
}

/// A cylinder of diameter 1 in a uniform stream of speed 1, sides 40 diameters apart, 20 cells a diameter.
std::string free_cylinder(double reynolds, const std::string& initial) {
  return "grid: [" + graded_axis(-20, -1, 2, 30, 0.05, 1.06, 1.04) + ", " +
         graded_axis(-20, -1, 1, 20, 0.05, 1.06, 1.06) + "]\nparameters: {viscosity: " + format_number(1 / reynolds) +
         "}\nboundaries: {x_low: {type: inflow, velocity: [1, 0]}, x_high: {type: outflow}, y_low: {type: free_slip}, "
         "y_high: {type: free_slip}}\nobstacles: [{center: [0, 0], radius: 0.5}]\ninitial: {type: uniform, velocity: "
         "[1, 0]" +
         initial + "}\n";
}

TEST(SlowCylinder, SteadyDragAndBubble) {
  const std::string range = "range of published values", grid = "20 cells a diameter, 40 diameters wide";
  for (const auto& [reynolds, drag, bubble] : {std::tuple{20.0, 2.05, 0.93}, std::tuple{40.0, 1.53, 2.24}}) {
    const auto solver = incompressible(case_of(free_cylinder(reynolds, "")));
    const State end = after(*solver, 60);
    const std::string problem = "cylinder in a stream, Re " + format_number(reynolds);
    expect_within_part(row(problem, grid, "drag coefficient", range), diagnostic(*solver, end, "drag_coefficient"),
                       drag, 0.05);
    expect_within_part(row(problem, grid, "length of the bubble", range), end_of_recirculation(end, 0.55, 5, 0) - 0.5,
                       bubble, 0.08);
  }
}

TEST(SlowCylinder, ShedsAtWilliamsonsFrequency) {
  for (const double reynolds : {100.0, 200.0}) {
    const auto solver = incompressible(case_of(free_cylinder(reynolds, ", perturbation: 0.2")));
    State state = after(*solver, 100);
    std::vector<double> lift, drag;
    for (int k = 0; k < 600; ++k) {
      state = solver->advance(std::span(&state, 1), 0.1, 1).front();
      lift.push_back(diagnostic(*solver, state, "lift_coefficient"));
      drag.push_back(diagnostic(*solver, state, "drag_coefficient"));
    }
    std::vector<double> crossings;
    for (std::size_t k = 1; k < lift.size(); ++k)
      if (lift[k - 1] < 0 && lift[k] >= 0)
        crossings.push_back(0.1 * (static_cast<double>(k) - lift[k] / (lift[k] - lift[k - 1])));
    ASSERT_GE(crossings.size(), 5u);
    const double strouhal = static_cast<double>(crossings.size() - 1) / (crossings.back() - crossings.front());
    double mean = 0;
    for (const double value : drag) mean += value / static_cast<double>(drag.size());
    const double amplitude = *std::max_element(lift.begin(), lift.end());
    const bool is_100 = reynolds == 100;
    const std::string problem = "cylinder in a stream, Re " + format_number(reynolds),
                      grid = "20 cells a diameter, 40 diameters wide", range = "range of published values";
    expect_within_part(row(problem, grid, "Strouhal number", range), strouhal, is_100 ? 0.1655 : 0.197, 0.03);
    expect_within_part(row(problem, grid, "mean drag coefficient", range), mean, is_100 ? 1.345 : 1.335, 0.05);
    expect_within_part(row(problem, grid, "amplitude of the lift", range), amplitude, is_100 ? 0.33 : 0.675, 0.08);
  }
}

}  // namespace
}  // namespace eddyline::test
