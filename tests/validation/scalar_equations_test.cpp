#include <gtest/gtest.h>

#include <algorithm>
#include <numbers>

#include "core/io/csv.hpp"
#include "tests/validation/grid_cases.hpp"
#include "tests/validation/verification.hpp"

namespace eddyline::test {
namespace {

// ---- Linear advection of a sine: every scheme's order and level ----

std::string carried_sine(int cells, double diffusivity = 0) {
  return "equation: linear_advection\nparameters: {velocity_x: 1, velocity_y: 0, velocity_z: 0, diffusivity: " +
         format_number(diffusivity) + "}\ngrid: [" + axis(0, 1, cells) + "]\n" + sides(1, "periodic") +
         "initial: {type: formula, values: {u: \"sin(2*pi*x)\"}}\n";
}

double sine_error(int cells, const std::string& settings) {
  const auto solver = finite_volume(carried_sine(cells), settings);
  const State start = solver->initial_state();
  return mean_difference(advanced(*solver, start, 1), start, "u");
}

struct SchemeOrder {
  const char* reconstruction;
  double least, most, level;  // order between 128 and 256 cells; L1 error at 256
};

class AdvectedSine : public testing::TestWithParam<SchemeOrder> {};

TEST_P(AdvectedSine, OrderAndLevel) {
  const std::string settings = std::string("{points: 3, cfl: 0.4, reconstruction: ") + GetParam().reconstruction + "}";
  const double coarse = sine_error(128, settings), fine = sine_error(256, settings);
  const std::string scheme = std::string("sine after one period, ") + GetParam().reconstruction;
  expect_order({"linear advection", scheme, "128, 256", "order", "exact"}, observed_order(coarse, fine),
               GetParam().least);
  EXPECT_LT(observed_order(coarse, fine), GetParam().most) << coarse << " " << fine;
  expect_error_below({"linear advection", scheme, "256", "mean absolute error", "exact"}, fine, GetParam().level);
}
INSTANTIATE_TEST_SUITE_P(Schemes, AdvectedSine,
                         testing::Values(SchemeOrder{"piecewise_constant", 0.8, 1.1, 6e-2},
                                         SchemeOrder{"minmod", 1.7, 2.1, 1.7e-3},
                                         SchemeOrder{"van_leer", 1.9, 2.2, 5.8e-4},
                                         SchemeOrder{"monotonized_central", 1.85, 2.2, 4.5e-4}),
                         [](const auto& one) { return std::string(one.param.reconstruction); });

TEST(AdvectedSineWeno, FifthOrderInSpace) {
  // The step shrinks with the cells so that the third order in time does not show.
  const double coarse = sine_error(16, "{points: 3, cfl: 0.1, reconstruction: weno5z}"),
               fine = sine_error(32, "{points: 3, cfl: 0.05, reconstruction: weno5z}");
  expect_order({"linear advection", "sine after one period, weno5z", "16, 32", "order", "exact"},
               observed_order(coarse, fine), 4.7);
  expect_error_below({"linear advection", "sine after one period, weno5z", "32", "mean absolute error", "exact"}, fine,
                     2.1e-5);
}

TEST(Diffusion, DecaysAtTheExactRate) {
  const double diffusivity = 0.01, time = 0.5;
  std::vector<double> errors;
  for (const int cells : {16, 32}) {
    const auto solver =
        finite_volume(carried_sine(cells, diffusivity), "{points: 3, cfl: 0.2, reconstruction: weno5z}");
    const State start = solver->initial_state();
    const auto end = values(advanced(*solver, start, time), "u");
    const auto before = values(start, "u");
    const double decay = std::exp(-4 * std::numbers::pi * std::numbers::pi * diffusivity * time);
    // Carried by half the box, the sine has changed its sign.
    double error = 0;
    for (std::size_t i = 0; i < end.size(); ++i)
      error += std::abs(end[i] + decay * before[i]) / static_cast<double>(end.size());
    errors.push_back(error);
  }
  expect_order({"linear advection-diffusion", "sine carried and damped, weno5z", "16, 32", "order", "exact"},
               observed_order(errors[0], errors[1]), 4.8);
  expect_error_below(
      {"linear advection-diffusion", "sine carried and damped, weno5z", "32", "mean absolute error", "exact"},
      errors[1], 7.7e-6);
}

// ---- Burgers: reference/burgers_inviscid_preshock.csv, burgers_colehopf.csv ----

double preshock_error(int cells, const std::string& settings) {
  const auto solver =
      finite_volume("equation: burgers\nparameters: {viscosity: 0}\ngrid: [" + axis(0, 1, cells) + "]\n" +
                        sides(1, "periodic") + "initial: {type: formula, values: {u: \"sin(2*pi*x)\"}}\n",
                    settings);
  const auto u = values(run_to(*solver, 0.1), "u");
  const CsvTable table = read_csv(std::string(EDDYLINE_TEST_DATA) + "/reference/burgers_inviscid_preshock.csv");
  // The table holds point values at the centres of 128 cells; the characteristics give them at any other point.
  double error = 0;
  for (std::size_t i = 0; i < u.size(); ++i) {
    // Cell averages of the exact solution: the integral of u is the integral of u0 along characteristics.
    const auto foot = [](double x) {
      double at = x;
      for (int k = 0; k < 100; ++k) {
        const double w = 2 * std::numbers::pi;
        at -= (at + 0.1 * std::sin(w * at) - x) / (1 + 0.1 * w * std::cos(w * at));
      }
      return at;
    };
    // d/dxi of (x of xi) = 1 + t u0'; the average of u0(xi) over [x1, x2] integrates u0 (1 + t u0') dxi.
    const auto primitive = [](double xi) {
      const double w = 2 * std::numbers::pi, s = std::sin(w * xi);
      return -std::cos(w * xi) / w + 0.05 * s * s;
    };
    const double h = 1.0 / static_cast<double>(u.size()), left = static_cast<double>(i) * h;
    error += std::abs(u[i] - (primitive(foot(left + h)) - primitive(foot(left))) / h) * h;
    if (u.size() == table.rows.size()) {
      EXPECT_NEAR(u[i], table.rows[i][1], 0.02);
    }
  }
  return error;
}

TEST(BurgersBeforeTheShock, OrderOfTheSchemes) {
  const double muscl = observed_order(preshock_error(64, "{points: 3}"), preshock_error(128, "{points: 3}"));
  expect_order({"Burgers", "sine before the shock, van_leer", "64, 128", "order", "exact"}, muscl, 1.8);
  const double coarse = preshock_error(128, "{points: 3, reconstruction: weno5z, cfl: 0.2}"),
               fine = preshock_error(256, "{points: 3, reconstruction: weno5z, cfl: 0.1}");
  expect_order({"Burgers", "sine before the shock, weno5z", "128, 256", "order", "exact"}, observed_order(coarse, fine),
               4.8);
  expect_error_below({"Burgers", "sine before the shock, weno5z", "256", "mean absolute error", "exact"}, fine, 1.1e-8);
}

TEST(BurgersColeHopf, MatchesTheReferenceAwayFromTheLayer) {
  const auto solver =
      finite_volume("equation: burgers\nparameters: {viscosity: 0.003183098861837907}\ngrid: [" + axis(-1, 1, 512) +
                        "]\n" + sides(1, "periodic") + "initial: {type: formula, values: {u: \"-sin(pi*x)\"}}\n",
                    "{reconstruction: weno5z}");
  const CsvTable table = read_csv(std::string(EDDYLINE_TEST_DATA) + "/reference/burgers_colehopf.csv");
  State state = solver->initial_state();
  double worst = 0;
  for (std::size_t frame = 1; frame <= 4; ++frame) {
    state = advanced(*solver, state, 0.25);
    const auto u = values(state, "u");
    for (const auto& row : table.rows) {
      const double place = (row[0] + 1) * 256 - 0.5;
      if (std::abs(row[0]) < 0.03 || place < 0 || place > 510) continue;
      const auto cell = static_cast<std::size_t>(place);
      const double weight = place - static_cast<double>(cell);
      const double value = (1 - weight) * u[cell] + weight * u[cell + 1];
      worst = std::max(worst, std::abs(value - row[frame]));
    }
  }
  expect_error_below({"Burgers", "viscosity 0.01/pi, away from the layer", "512", "largest error", "Cole-Hopf"}, worst,
                     4e-4);
}

// ---- The forced family E1-E3 ----

std::string forced(int cells, double beta, double gamma, int seed = 3) {
  return "equation: forced_burgers\nparameters: {alpha: 1, beta: " + format_number(beta) +
         ", gamma: " + format_number(gamma) +
         ", waves: 5, amplitude: 0.5, frequency: 0.4, largest_wavenumber: 3}\ngrid: [" + axis(0, 16, cells) + "]\n" +
         sides(1, "periodic") + "initial: {type: waves, seed: " + std::to_string(seed) + "}\n";
}

TEST(ForcedBurgers, ConvergesAndDependsOnTheSeed) {
  for (const auto& [beta, gamma] : {std::pair{0.0, 0.0}, {0.1, 0.0}, {0.2, 0.5}}) {
    const auto at = [&](int cells) {
      return run_to(*finite_volume(forced(cells, beta, gamma), "{reconstruction: weno5z}"), 1).fields.at("u").values;
    };
    const auto halved = [](const at::Tensor& fine) { return fine.reshape({-1, 2}).mean(1); };
    const at::Tensor coarse = at(50), middle = at(100), fine = at(200);
    const double first = (halved(middle) - coarse).abs().mean().item<double>(),
                 second = (halved(fine) - middle).abs().mean().item<double>();
    EXPECT_LT(second, 0.6 * first) << beta << " " << gamma;
    EXPECT_GT(fine.abs().max().item<double>(), 0.05);
  }
  EXPECT_FALSE(finite_volume(forced(50, 0, 0, 1))
                   ->initial_state()
                   .fields.at("u")
                   .values.equal(finite_volume(forced(50, 0, 0, 2))->initial_state().fields.at("u").values));
}

TEST(ForcedBurgers, MomentumGrowsByTheForcingAlone) {
  // Every wave has whole periods over the box, so the integral of u does not change.
  const auto solver = finite_volume(forced(100, 0.1, 0.3), "{reconstruction: weno5z}");
  const State start = solver->initial_state();
  const State end = advanced(*solver, start, 1);
  EXPECT_NEAR(end.fields.at("u").values.sum().item<double>(), start.fields.at("u").values.sum().item<double>(), 1e-10);
}

}  // namespace
}  // namespace eddyline::test
