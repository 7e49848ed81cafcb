// -div(a grad p) = f: orders, levels, layers and checkerboards with known answers.

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/base/error.hpp"
#include "core/training/dataset.hpp"
#include "tests/validation/grid_cases.hpp"
#include "tests/validation/verification.hpp"

namespace eddyline::test {
namespace {

using testing::HasSubstr;

std::unique_ptr<Solver> darcy(const std::string& case_yaml, const std::string& settings = "{}") {
  const auto config = SolverRegistry::instance().make_config("darcy");
  read_config_text(settings, "solver", *config);
  return SolverRegistry::instance().create("darcy", *config, Case::from_yaml(case_yaml, "test"));
}

/// @param sides  entries of `boundaries`, without braces.
std::string medium(const std::string& grid, const std::string& sides_text, const std::string& permeability,
                   const std::string& source) {
  return "equation: darcy\ngrid: [" + grid + "]\nboundaries: {" + sides_text +
         "}\ninitial: {type: formula, values: {permeability: \"" + permeability +
         "\"}}\nforcing: {values: {pressure: \"" + source + "\"}}\n";
}

std::string pressure_side(const std::string& patch, const std::string& formula) {
  return patch + ": {type: prescribed, values: {pressure: \"" + formula + "\"}}";
}

double diagnostic(const Solver& solver, const State& state, const std::string& name) {
  for (const auto& [key, value] : solver.diagnostics(state))
    if (key == name) return value;
  throw DataError("no diagnostic " + name);
}

/// Largest error of the pressure against a function of the cell centres on the unit box.
double largest_error(const Solver& solver, const std::function<double(double, double, double)>& exact) {
  const State state = run_to(solver, 1);
  const Grid& grid = state.problem->grid();
  const std::vector<double> p = values(state, "pressure");
  double largest = 0;
  std::size_t cell = 0;
  const auto centers = [&](int axis) { return axis < grid.dimension() ? grid.centers(axis) : std::vector<double>{0}; };
  for (const double z : centers(2))
    for (const double y : centers(1))
      for (const double x : centers(0)) largest = std::max(largest, std::abs(p[cell++] - exact(x, y, z)));
  return largest;
}

TEST(Darcy, SmoothCoefficientOrderAndLevel) {
  // p = sin(pi x) sin(pi y), a = exp(x + y).
  const auto error = [](int cells, const std::string& more) {
    const std::string line = "{cells: " + std::to_string(cells) + more + "}";
    const auto solver = darcy(medium(line + ", " + line,
                                     pressure_side("x_low", "0") + ", " + pressure_side("x_high", "0") + ", " +
                                         pressure_side("y_low", "0") + ", " + pressure_side("y_high", "0"),
                                     "exp(x+y)",
                                     "exp(x+y)*(2*pi^2*sin(pi*x)*sin(pi*y)-pi*cos(pi*x)*sin(pi*y)-pi*sin(pi*x)*"
                                     "cos(pi*y))"));
    return largest_error(*solver, [](double x, double y, double) { return std::sin(M_PI * x) * std::sin(M_PI * y); });
  };
  for (const std::string& more : {std::string(), std::string(", stretching: 0.2")}) {
    const std::string problem = "Darcy, smooth coefficient, 2D" + std::string(more.empty() ? "" : ", stretched grid");
    const double coarse = error(32, more), fine = error(64, more);
    expect_order({"Darcy flow", problem, "32^2, 64^2", "order of the largest error", "exact"},
                 observed_order(coarse, fine), 1.9);
    expect_error_below({"Darcy flow", problem, "64^2", "largest error of the pressure", "exact"}, fine, 2e-3);
  }
}

TEST(Darcy, ThreeDimensionsWithAllKindsOfSidesOrderAndLevel) {
  // p = sin(pi x) cos(pi y) cos(2 pi z): given on x_low, its outflow on x_high, nothing through y, periodic in z.
  const auto error = [](int cells) {
    const std::string line = "{cells: " + std::to_string(cells) + "}";
    const auto solver = darcy(medium(line + ", " + line + ", " + line,
                                     pressure_side("x_low", "0") +
                                         ", x_high: {type: prescribed, values: {flux: "
                                         "\"2*pi*cos(pi*y)*cos(2*pi*z)\"}}, y_low: {type: free_slip}, y_high: {type: "
                                         "free_slip}, z_low: {type: periodic}, z_high: {type: periodic}",
                                     "2", "12*pi^2*sin(pi*x)*cos(pi*y)*cos(2*pi*z)"));
    return largest_error(*solver, [](double x, double y, double z) {
      return std::sin(M_PI * x) * std::cos(M_PI * y) * std::cos(2 * M_PI * z);
    });
  };
  const double coarse = error(16), fine = error(32);
  expect_order({"Darcy flow", "all kinds of sides, 3D", "16^3, 32^3", "order of the largest error", "exact"},
               observed_order(coarse, fine), 1.9);
  expect_error_below({"Darcy flow", "all kinds of sides, 3D", "32^3", "largest error of the pressure", "exact"}, fine,
                     6e-3);
}

TEST(Darcy, LayersAreExactHoweverLargeTheirJump) {
  // a = 1, 1000, 0.01 in three layers across x: the flux is 1 / (0.25 + 0.25/1000 + 0.5/0.01), p is linear in each.
  const auto solver = darcy(medium("{cells: 16}, {cells: 4}",
                                   pressure_side("x_low", "1") + ", " + pressure_side("x_high", "0") +
                                       ", y_low: {type: free_slip}, y_high: {type: free_slip}",
                                   "x < 0.25 ? 1 : (x < 0.5 ? 1000 : 0.01)", "0"),
                            "{tolerance: 1e-14}");
  const double flux = 1 / (0.25 + 0.25 / 1000 + 0.5 / 0.01);
  const double error = largest_error(*solver, [&](double x, double, double) {
    if (x < 0.25) return 1 - flux * x;
    if (x < 0.5) return 1 - flux * (0.25 + (x - 0.25) / 1000);
    return flux * (1 - x) / 0.01;
  });
  expect_error_below(
      {"Darcy flow", "three layers, jumps of 1e3 and 1e5", "16 x 4", "largest error of the pressure", "exact"}, error,
      1e-12);
}

TEST(Darcy, FlowThroughACheckerboardIsTheGeometricMean) {
  // Keller, J. Math. Phys. 5 (1964) 548; Dykhne, Sov. Phys. JETP 32 (1971) 63: effective coefficient sqrt(a1 a2).
  const auto flux_error = [](int cells) {
    const std::string line = "{cells: " + std::to_string(cells) + "}";
    const auto solver = darcy(medium(line + ", " + line,
                                     "x_low: {type: free_slip}, x_high: {type: free_slip}, " +
                                         pressure_side("y_low", "0") + ", " + pressure_side("y_high", "1"),
                                     "(x-0.5)*(y-0.5) > 0 ? 3 : 12", "0"));
    const State state = run_to(*solver, 1);
    const std::vector<double> p = values(state, "pressure");
    double through = 0;  // out at y_low
    const std::vector<double> a = values(state, "permeability");
    for (int i = 0; i < cells; ++i) through += 2 * a[static_cast<std::size_t>(i)] * p[static_cast<std::size_t>(i)];
    EXPECT_NEAR(diagnostic(*solver, state, "outflow"), 0, 1e-8);
    return through;
  };
  const double coarse = flux_error(32), fine = flux_error(128);
  EXPECT_LT(std::abs(fine - 6), 0.6 * std::abs(coarse - 6));
  expect_within_part({"Darcy flow", "checkerboard of 3 and 12", "128^2", "effective permeability", "Keller 1964"}, fine,
                     6, 0.02);
}

std::string random_medium(int cells) {
  const std::string line = "{cells: " + std::to_string(cells) + "}";
  return "equation: darcy\ngrid: [" + line + ", " + line + "]\nboundaries: {" + pressure_side("x_low", "0") + ", " +
         pressure_side("x_high", "0") + ", " + pressure_side("y_low", "0") + ", " + pressure_side("y_high", "0") +
         "}\ninitial: {type: random, seed: 3, random: {permeability: {type: threshold, spectrum: power_law, slope: 4, "
         "correlation_length: 0.3333333333, low: 3, high: 12}}}\nforcing: {values: {pressure: \"1\"}}\n";
}

TEST(Darcy, TheMediumOfTheFourierNeuralOperatorIsTheSameOnEveryGrid) {
  // Li et al. 2021, section 5.2. The solution lies between those of the two constants, 0.0736713 / 12 and / 3.
  std::vector<double> largest;
  for (const int cells : {64, 128}) {
    const auto solver = darcy(random_medium(cells));
    const State state = run_to(*solver, 1);
    EXPECT_LT(diagnostic(*solver, state, "equation_residual"), 1e-10);
    EXPECT_NEAR(diagnostic(*solver, state, "outflow"), 1, 1e-7);
    EXPECT_GT(diagnostic(*solver, state, "least_pressure"), 0);
    largest.push_back(diagnostic(*solver, state, "largest_pressure"));
    EXPECT_GT(largest.back(), 0.0736713 / 12);
    EXPECT_LT(largest.back(), 0.0736713 / 3);
  }
  EXPECT_NEAR(largest[1] / largest[0], 1, 0.02);
}

TEST(Darcy, ThePublicSetOfNeuraloperator) {
  // a = 0.36 where the file's coefficient is true and 0.02 elsewhere, f = 1, p = 0 on the sides: inside uniform regions
  // the file's -Laplace p is 2.77 and 50.1. The file has the coefficient at the points k/32 only; here it is that of
  // the nearest point, which leaves 2.5 % (median).
  const auto set = open_dataset(std::string(EDDYLINE_TEST_DATA) + "/neuraloperator", "test_32");
  const std::string sides_text = pressure_side("x_low", "0") + ", " + pressure_side("x_high", "0") + ", " +
                                 pressure_side("y_low", "0") + ", " + pressure_side("y_high", "0");
  const auto solver = darcy(medium("{cells: 128}, {cells: 128}", sides_text, "1", "1"));
  double worst = 0;
  for (std::int64_t sample = 0; sample < set->size(); ++sample) {
    const at::Tensor file = set->frames(sample, 0, 1)[0][0].to(at::kDouble), coefficient = set->statics(sample)[0];
    const at::Tensor nearest = ((at::arange(128) + 0.5) / 4).round().clamp_max(31).to(at::kLong);
    const at::Tensor permeability =
        at::where(coefficient.index_select(0, nearest).index_select(1, nearest) > 0.5, 0.36, 0.02).to(at::kDouble);
    const State start = solver->from_cells(at::stack({permeability, at::zeros_like(permeability)}), 0);
    const at::Tensor p = advanced(*solver, start, 1).fields.at("pressure").values;
    // The point k/32 is the corner of four cells; the walls are left out.
    const at::Tensor low = at::arange(3, 127, 4), high = low + 1;
    const auto corner = [&](const at::Tensor& j, const at::Tensor& i) {
      return p.index_select(0, j).index_select(1, i);
    };
    const at::Tensor points = 0.25 * (corner(low, low) + corner(low, high) + corner(high, low) + corner(high, high));
    const at::Tensor inside = file.slice(0, 1).slice(1, 1);
    worst = std::max(worst, ((points - inside).norm() / inside.norm()).item<double>());
  }
  expect_error_below({"Darcy flow", "neuraloperator's public set, 4 samples", "128^2", "largest relative L2 difference",
                      "darcy_test_32.pt"},
                     worst, 0.04);
}

TEST(Darcy, ASteadyProblemStaysAsItIs) {
  const auto solver = darcy(random_medium(32));
  const State first = run_to(*solver, 1), second = advanced(*solver, first, 1);
  EXPECT_TRUE(at::equal(first.fields.at("pressure").values, second.fields.at("pressure").values));
  EXPECT_EQ(second.time, 2);
  EXPECT_LT(solver->residual(first, second).abs().max().item<double>(), 1e-6);
}

TEST(Darcy, WhatCannotBeSolvedIsNamed) {
  const auto message = [](const std::string& yaml, const std::string& settings = "{}") -> std::string {
    try {
      static_cast<void>(run_to(*darcy(yaml, settings), 1));
    } catch (const Error& error) {
      return error.what();
    }
    return "no error";
  };
  const std::string closed = "x_low: {type: free_slip}, x_high: {type: free_slip}";
  const std::string open = pressure_side("x_low", "0") + ", " + pressure_side("x_high", "0");
  EXPECT_THAT(message(medium("{cells: 8}", closed, "1", "1")), HasSubstr("boundaries: no side gives the pressure"));
  EXPECT_EQ(message(medium("{cells: 8}", closed, "1", "x-0.5")), "no error");
  EXPECT_THAT(message(medium("{cells: 8}", open, "x-0.4", "1")), HasSubstr("permeability -0.3375 in cell (0, 0, 0)"));
  EXPECT_THAT(message(medium("{cells: 8}", "x_low: {type: no_slip}, x_high: {type: free_slip}", "1", "1")),
              HasSubstr("boundaries.x_low.type"));
  EXPECT_THAT(message(medium("{cells: 8}",
                             "x_low: {type: prescribed, values: {presure: \"0\"}}, x_high: {type: "
                             "free_slip}",
                             "1", "1")),
              HasSubstr("did you mean 'pressure'?"));
  EXPECT_THAT(message(random_medium(32), "{max_iterations: 2}"),
              testing::AllOf(HasSubstr("after 2 iterations"), HasSubstr("solver.max_iterations")));
}

}  // namespace
}  // namespace eddyline::test
