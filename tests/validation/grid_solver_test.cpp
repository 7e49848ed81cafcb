// The explicit solver whatever the equation: precision, forcing, Fourier analysis of its linear schemes, linear waves.

#include <gmock/gmock.h>

#include <complex>
#include <filesystem>
#include <numbers>

#include "core/base/error.hpp"
#include "core/io/state_file.hpp"
#include "core/parallel/threads.hpp"
#include "tests/validation/grid_cases.hpp"
#include "tests/validation/verification.hpp"

namespace eddyline::test {
namespace {

using Complex = std::complex<double>;

// ---- Linear schemes: what Fourier analysis says, to round-off ----

std::string carried(int dimension, int cells, double diffusivity) {
  std::string grid, phase = "0";
  for (int a = 0; a < dimension; ++a) {
    grid += (a > 0 ? ", " : "") + axis(0, 1, cells);
    phase += std::string("+") + "xyz"[a];
  }
  return "equation: linear_advection\nparameters: {velocity_x: 1, velocity_y: 0.5, velocity_z: -0.25, diffusivity: " +
         format_number(diffusivity) + "}\ngrid: [" + grid + "]\n" + sides(dimension, "periodic") +
         "initial: {type: formula, values: {u: \"sin(2*pi*(" + phase + "))\"}}\n";
}

/// First-order upwind advection, diffusion of fourth order and a Runge-Kutta scheme with stability polynomial
/// sum z^n / n! up to `order` multiply a wave by that polynomial at every step.
double fourier_difference(int dimension, const std::string& scheme, int order, double diffusivity) {
  const int cells = 20;
  const double time = 0.3, h = 1.0 / cells, theta = 2 * std::numbers::pi * h;
  const auto solver = finite_volume(carried(dimension, cells, diffusivity),
                                    "{points: 1, reconstruction: piecewise_constant, time: " + scheme + "}");
  const State start = solver->initial_state();
  const double steps = std::ceil(time / solver->stable_dt(start) - 1e-9), dt = time / steps;
  Complex symbol = 0;
  for (const double speed : std::vector<double>{1, 0.5, -0.25}) {
    if (dimension-- <= 0) break;
    symbol -= std::abs(speed) * (1.0 - std::exp(Complex(0, speed > 0 ? -theta : theta))) / h;
    symbol += diffusivity / (12 * h * h) * (32 * std::cos(theta) - 2 * std::cos(2 * theta) - 30);
  }
  Complex factor = 1, term = 1;
  for (int n = 1; n <= order; ++n) {
    term *= dt * symbol / static_cast<double>(n);
    factor += term;
  }
  factor = std::pow(factor, steps);
  const auto u = values(advanced(*solver, start, time), "u");
  double largest = 0;
  const auto n = static_cast<std::size_t>(cells);
  for (std::size_t i = 0; i < u.size(); ++i) {
    const double sum = static_cast<double>(i % n + i / n % n + i / n / n);
    const double axes = u.size() == n ? 0.5 : (u.size() == n * n ? 1 : 1.5);
    const Complex wave = std::exp(Complex(0, theta * (sum + axes)));
    largest = std::max(largest, std::abs(u[i] - std::imag(factor * wave)));
  }
  return largest;
}

TEST(FourierAnalysis, OfAdvectionDiffusionAndTimeSchemesHoldsToRoundOff) {
  for (const int dimension : {1, 2, 3})
    for (const auto& [scheme, order] : {std::pair{"ssp_rk2", 2}, {"ssp_rk3", 3}, {"rk4", 4}})
      for (const double diffusivity : {0.0, 0.02})
        expect_error_below({"linear advection-diffusion",
                            "wave in " + std::to_string(dimension) + "D, first order, " + scheme +
                                ", D = " + format_number(diffusivity),
                            "20", "largest difference", "Fourier analysis"},
                           fourier_difference(dimension, scheme, order, diffusivity), 1e-12);
}

// ---- The wave equation ----

/// u = sin(2 pi (k . x - c |k| t)), v = k / (c |k|) u, k = (1, .., 1).
double wave_error(int dimension, int cells, const std::string& settings) {
  const double speed = 1.5, length = std::sqrt(static_cast<double>(dimension));
  std::string grid, phase = "0", flow;
  for (int a = 0; a < dimension; ++a) {
    grid += (a > 0 ? ", " : "") + axis(0, 1, cells);
    phase += std::string("+") + "xyz"[a];
  }
  for (int a = 0; a < dimension; ++a)
    flow += std::string(", velocity_") + "xyz"[a] + ": \"" + format_number(1 / (speed * length)) + "*sin(2*pi*(" +
            phase + "))\"";
  const auto solver =
      finite_volume("equation: wave\nparameters: {speed: 1.5}\ngrid: [" + grid + "]\n" + sides(dimension, "periodic") +
                        "initial: {type: formula, values: {u: \"sin(2*pi*(" + phase + "))\"" + flow + "}}\n",
                    settings);
  const State start = solver->initial_state();
  return mean_difference(advanced(*solver, start, 1 / (speed * length)), start, "u");  // one period
}

struct WaveScheme {
  int dimension, cells;
  const char* reconstruction;
  double least, level;
};
class WaveEquation : public testing::TestWithParam<WaveScheme> {};
TEST_P(WaveEquation, OrderAndLevelAfterOnePeriod) {
  const auto& [dimension, cells, reconstruction, least, level] = GetParam();
  const std::string settings = std::string("{points: 3, cfl: 0.3, reconstruction: ") + reconstruction + "}";
  const double coarse = wave_error(dimension, cells / 2, settings), fine = wave_error(dimension, cells, settings);
  const std::string name = std::to_string(dimension) + "D wave, " + reconstruction;
  expect_order({"wave equation", name, std::to_string(cells), "order", "exact"}, observed_order(coarse, fine), least);
  expect_error_below({"wave equation", name, std::to_string(cells), "mean absolute error", "exact"}, fine, level);
}
INSTANTIATE_TEST_SUITE_P(
    Schemes, WaveEquation,
    testing::Values(WaveScheme{1, 128, "piecewise_constant", 0.85, 1e-1}, WaveScheme{1, 128, "minmod", 1.7, 6e-3},
                    WaveScheme{1, 128, "van_leer", 1.9, 2.5e-3},
                    WaveScheme{1, 128, "monotonized_central", 1.85, 1.8e-3}, WaveScheme{1, 32, "weno5z", 4, 6.1e-5},
                    WaveScheme{2, 64, "van_leer", 1.8, 1e-2}, WaveScheme{2, 32, "weno5z", 4.4, 4.5e-5},
                    WaveScheme{3, 24, "van_leer", 1.85, 6e-2}));

TEST(WaveEquationSides, AWallReflectsAndAnOutflowLetsPass) {
  const auto left_after = [](const std::string& side) {
    const auto solver = finite_volume("equation: wave\nparameters: {speed: 1}\ngrid: [" + axis(0, 1, 100) +
                                          "]\nboundaries: {x_low: " + side + ", x_high: " + side +
                                          "}\ninitial: {type: formula, values: {u: \"exp(-200*(x-0.5)^2)\"}}\n",
                                      "{reconstruction: weno5z}");
    return run_to(*solver, 1).fields.at("u").values.abs().max().item<double>();
  };
  EXPECT_LT(left_after("{type: outflow}"), 1e-3);
  EXPECT_GT(left_after("{type: free_slip}"), 0.98);  // both halves are back in the middle
}

// ---- Precision ----

std::string gas_waves(int dimension, int cells) {
  std::string grid, shape = "cos(2*pi*x)";
  for (int a = 0; a < dimension; ++a) grid += (a > 0 ? ", " : "") + axis(-0.5, 0.5, cells);
  if (dimension > 1) shape += "*cos(4*pi*y)";
  if (dimension > 2) shape += "*cos(2*pi*z)";
  return "equation: compressible_euler\nparameters: {gamma: 1.4}\ngrid: [" + grid + "]\n" +
         sides(dimension, "periodic") + "initial: {type: formula, values: {density: \"1+0.3*" + shape +
         "\", velocity_x: \"sin(2*pi*x)\", pressure: \"1+0.5*" + shape + "\"}}\n";
}

class Precision : public testing::TestWithParam<std::tuple<int, const char*>> {};
TEST_P(Precision, FloatIsWithinItsRoundOffOfDouble) {
  const auto& [dimension, scheme] = GetParam();
  const std::string problem = gas_waves(dimension, dimension == 3 ? 16 : 48),
                    settings = std::string("reconstruction: ") + scheme + "}";
  const State exact = run_to(*finite_volume(problem, "{" + settings), 0.1),
              ours = run_to(*finite_volume(problem, "{precision: float, " + settings), 0.1);
  ASSERT_EQ(ours.auxiliary.at("conserved").scalar_type(), at::kFloat);
  ASSERT_EQ(ours.fields.at("density").values.scalar_type(), at::kFloat);
  // Tens of steps of round-off 6e-8; limiters and WENO weights are not smooth.
  EXPECT_LT(
      (ours.fields.at("density").values.to(at::kDouble) - exact.fields.at("density").values).abs().max().item<double>(),
      5e-5);
}
INSTANTIATE_TEST_SUITE_P(Schemes, Precision,
                         testing::Combine(testing::Values(1, 2, 3),
                                          testing::Values("van_leer", "weno5z", "weno5z_characteristic")));

TEST(SinglePrecision, OtherEquationsToo) {
  const std::string bed = "0.3*exp(-x^2)";
  const std::string lake = "equation: shallow_water\nparameters: {gravity: 9.81}\ngrid: [" + axis(-5, 5, 50) + "]\n" +
                           sides(1, "free_slip") + "initial: {type: formula, values: {bed: \"" + bed +
                           "\", depth: \"1-(" + bed + ")\"}}\n";
  const auto solver = finite_volume(lake, "{precision: float, points: 1}");
  EXPECT_LT(run_to(*solver, 2).fields.at("velocity_x").values.abs().max().item<double>(), 1e-5);
  for (const char* scheme : {"van_leer", "weno5z"}) {
    const std::string dry = "equation: shallow_water\nparameters: {gravity: 9.81}\ngrid: [" + axis(-50, 50, 100) +
                            "]\n" + sides(1, "outflow") +
                            "initial: {type: formula, values: {depth: \"x < 0 ? 1 : 0\"}}\n";
    const std::string settings = std::string("reconstruction: ") + scheme + "}";
    const State exact = run_to(*finite_volume(dry, "{" + settings), 4),
                ours = run_to(*finite_volume(dry, "{precision: float, " + settings), 4);
    EXPECT_LT((ours.fields.at("depth").values - exact.fields.at("depth").values).abs().max().item<double>(), 2e-3);
  }
}

TEST(SinglePrecision, SameBitsForAnyNumberOfThreadsAndAcrossARestartFromAFile) {
  for (const int dimension : {1, 2, 3}) {
    const auto solver = finite_volume(gas_waves(dimension, dimension == 3 ? 21 : 51), "{precision: float}");
    const State start = solver->initial_state();
    use_threads(1);
    const auto one = solver->advance(std::span(&start, 1), 0.05, 2);
    for (const int threads : {2, 3, 4}) {
      use_threads(threads);
      EXPECT_TRUE(solver->advance(std::span(&start, 1), 0.05, 2)
                      .back()
                      .auxiliary.at("conserved")
                      .equal(one.back().auxiliary.at("conserved")))
          << dimension << "D, threads " << threads;
    }
    use_threads(1);
    const auto file =
        std::filesystem::temp_directory_path() / ("eddyline_float_" + std::to_string(dimension) + ".state");
    save_state(file, one.front());
    const State loaded = load_state(file);
    std::filesystem::remove(file);
    EXPECT_TRUE(advanced(*solver, loaded, 0.05).auxiliary.at("conserved").equal(one.back().auxiliary.at("conserved")));
  }
}

// ---- Forcing ----

std::string forced_gas(const std::string& forcing, const std::string& initial = "velocity_x: \"0.2\"") {
  return "equation: compressible_euler\nparameters: {gamma: 1.4}\ngrid: [" + axis(0, 1, 8) + ", " + axis(0, 1, 8) +
         "]\n" + sides(2, "periodic") + "initial: {type: formula, values: {density: \"2\", pressure: \"1\", " +
         initial + "}}\nforcing: " + forcing + "\n";
}
double mean(const State& state, const std::string& channel) {
  return state.fields.at(channel).values.mean().item<double>();
}

TEST(Forcing, DrivesOneChannelAndLeavesTheOthers) {
  const State pushed =
      run_to(*finite_volume(forced_gas("{values: {velocity_x: \"0.3\", velocity_y: \"cos(t)\"}}")), 0.5);
  EXPECT_NEAR(mean(pushed, "velocity_x"), 0.2 + 0.15, 1e-12);
  EXPECT_NEAR(mean(pushed, "velocity_y"), std::sin(0.5), 1e-6);  // third order in time
  EXPECT_NEAR(mean(pushed, "density"), 2, 1e-12);
  EXPECT_NEAR(mean(pushed, "pressure"), 1, 2e-7);  // energy rho u . a
  const State heated = run_to(*finite_volume(forced_gas("{values: {pressure: \"gamma\"}}")), 0.5);
  EXPECT_NEAR(mean(heated, "pressure"), 1 + 0.7, 1e-12);
  EXPECT_NEAR(mean(heated, "velocity_x"), 0.2, 1e-12);
  const State filled = run_to(*finite_volume(forced_gas("{values: {density: \"1\"}}")), 0.5);
  EXPECT_NEAR(mean(filled, "density"), 2.5, 1e-12);
  EXPECT_NEAR(mean(filled, "velocity_x"), 0.2, 1e-12);
  const State slowed = run_to(*finite_volume(forced_gas("{drag: 2}")), 0.5);
  EXPECT_NEAR(mean(slowed, "velocity_x"), 0.2 * std::exp(-1.0), 1e-5);
  EXPECT_NEAR(mean(slowed, "pressure"), 1, 1e-5);  // drag takes energy out and does not heat
}

TEST(Forcing, BalancesGravityUnderAHydrostaticPressure) {
  // p = 1 - 2 * 0.1 x between walls: second order in the error of the velocity.
  const auto fastest = [](int cells) {
    const auto solver = finite_volume("equation: compressible_euler\nparameters: {gamma: 1.4}\ngrid: [" +
                                      axis(0, 1, cells) + "]\n" + sides(1, "free_slip") +
                                      "initial: {type: formula, values: {density: \"2\", pressure: \"1-0.2*x\"}}\n"
                                      "forcing: {values: {velocity_x: \"-0.1\"}}\n");
    return run_to(*solver, 1).fields.at("velocity_x").values.abs().mean().item<double>();
  };
  EXPECT_LT(fastest(80), 0.5 * fastest(40));
  EXPECT_LT(fastest(80), 2e-3);
}

TEST(Forcing, ReachesEveryEquation) {
  const auto run = [](const std::string& equation, const std::string& channel) {
    const auto solver = finite_volume(equation + "\ngrid: [" + axis(0, 1, 8) + "]\n" + sides(1, "periodic") +
                                      "initial: {type: formula, values: {" + channel +
                                      ": \"1\"}}\nforcing: {values: {" + channel + ": \"2\"}}\n");
    return mean(run_to(*solver, 0.25), channel);
  };
  EXPECT_NEAR(run("equation: burgers\nparameters: {viscosity: 0.01}", "u"), 1.5, 1e-12);
  EXPECT_NEAR(run("equation: shallow_water\nparameters: {gravity: 9.81}", "depth"), 1.5, 1e-12);
  EXPECT_NEAR(run("equation: wave\nparameters: {speed: 2}", "u"), 1.5, 1e-12);
  EXPECT_NEAR(
      run("equation: linear_advection\nparameters: {velocity_x: 1, velocity_y: 0, velocity_z: 0, diffusivity: 0}", "u"),
      1.5, 1e-12);
}

TEST(Forcing, MistakesAreNamed) {
  const auto message = [](const std::string& yaml) -> std::string {
    try {
      static_cast<void>(finite_volume(yaml));
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(message(forced_gas("{values: {velocity_z: \"1\"}}")), testing::HasSubstr("no channel is called"));
  EXPECT_THAT(message(forced_gas("{values: {velocity_x: \"speed\"}}")),
              testing::HasSubstr("forcing.values.velocity_x"));
  EXPECT_THAT(message("equation: burgers\nparameters: {viscosity: 0}\ngrid: [" + axis(0, 1, 8) + "]\n" +
                      sides(1, "periodic") + "forcing: {drag: 1}\n"),
              testing::HasSubstr("burgers has no velocity"));
}

}  // namespace
}  // namespace eddyline::test
