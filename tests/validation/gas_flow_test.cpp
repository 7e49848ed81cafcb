// The compressible Navier-Stokes equations: exact solutions with friction and conduction; walls; open sides.

#include <gmock/gmock.h>

#include <functional>
#include <numbers>

#include "core/base/error.hpp"
#include "tests/validation/grid_cases.hpp"
#include "tests/validation/verification.hpp"

namespace eddyline::test {
namespace {

const std::string friction = "compressible Navier-Stokes";

std::string gas(double viscosity, double prandtl = 0.75) {
  return "equation: compressible_navier_stokes\nparameters: {gamma: 1.4, prandtl: " + format_number(prandtl) +
         ", gas_constant: 1, viscosity: " + format_number(viscosity) + "}\n";
}

// ---- Becker's shock ----

/// A steady shock of Mach 2 at Pr = 3/4 in its own frame, moved with `shift`: the total enthalpy is constant, and
///   u u' = A (u - u0) (u - u1),  A = 3 m (gamma + 1) / (8 gamma mu).
/// Becker, Z. Physik 8 (1922) 321; Morduchow & Libby, J. Aeronaut. Sci. 16 (1949) 674.
struct BeckerShock {
  static constexpr double gamma = 1.4, mach = 2, viscosity = 0.05, shift = 0.4;
  static constexpr double u0 = mach, u1 = mach * ((gamma - 1) * mach * mach + 2) / ((gamma + 1) * mach * mach);

  [[nodiscard]] static double place(double u) {
    const double a = 3 * u0 * (gamma + 1) / (8 * gamma * viscosity);
    return (u0 * std::log(u0 - u) - u1 * std::log(u - u1)) / (a * (u0 - u1));
  }
  /// Density, velocity, pressure at x from the middle of the profile; before it rho = 1, c = 1.
  [[nodiscard]] static std::array<double, 3> state(double x) {
    const double middle = place(0.5 * (u0 + u1));
    double low = u1 * (1 + 1e-15), high = u0 * (1 - 1e-15);
    for (int n = 0; n < 200; ++n) {
      const double u = 0.5 * (low + high);
      (place(u) - middle > x ? low : high) = u;
    }
    const double u = 0.5 * (low + high), enthalpy = 1 / (gamma - 1) + 0.5 * (u0 * u0 - u * u), density = u0 / u;
    return {density, u + shift, (gamma - 1) / gamma * density * enthalpy};
  }
};

std::string becker_case(int cells) {
  const auto side = [](const char* type, double x) {
    const auto [density, velocity, pressure] = BeckerShock::state(x);
    return std::string("{type: ") + type + ", values: {density: \"" + format_number(density) + "\", velocity_x: \"" +
           format_number(velocity) + "\", pressure: \"" + format_number(pressure) + "\"}}";
  };
  return gas(BeckerShock::viscosity) + "grid: [" + axis(-1, 1, cells) + "]\nboundaries: {x_low: " + side("inflow", -2) +
         ", x_high: " + side("far_field", 2) +
         "}\ninitial: {type: formula, values: {density: \"1\", pressure: \"1\"}}\n";
}

/// Averages of the conserved state, by four Gauss points a cell.
at::Tensor becker_averages(int cells, double middle) {
  constexpr std::array<double, 4> points = {-0.8611363115940526, -0.3399810435848563, 0.3399810435848563,
                                            0.8611363115940526};
  constexpr std::array<double, 4> weights = {0.3478548451374538, 0.6521451548625461, 0.6521451548625461,
                                             0.3478548451374538};
  at::Tensor out = at::zeros({3, cells}, at::kDouble);
  auto at = out.accessor<double, 2>();
  for (int i = 0; i < cells; ++i)
    for (std::size_t n = 0; n < 4; ++n) {
      const double x = -1 + (i + 0.5 + 0.5 * points[n]) * 2 / cells;
      const auto [density, velocity, pressure] = BeckerShock::state(x - middle);
      at[0][i] += 0.5 * weights[n] * density;
      at[1][i] += 0.5 * weights[n] * density * velocity;
      at[2][i] += 0.5 * weights[n] * (pressure / (BeckerShock::gamma - 1) + 0.5 * density * velocity * velocity);
    }
  return out;
}

double becker_error(int cells, const std::string& settings) {
  const auto solver = finite_volume(becker_case(cells), settings);
  State state = solver->initial_state();
  state.auxiliary["conserved"] = becker_averages(cells, -0.1);
  const at::Tensor end = advanced(*solver, state, 0.5).auxiliary.at("conserved");
  return (end - becker_averages(cells, 0.1)).abs()[0].mean().item<double>();
}

struct BeckerScheme {
  const char* reconstruction;
  double least, level;  // order from 64 to 128 cells, mean |density error| at 128
};
class BeckersShock : public testing::TestWithParam<BeckerScheme> {};

TEST_P(BeckersShock, OrderAndLevel) {
  const std::string settings = std::string("{cfl: 0.5, reconstruction: ") + GetParam().reconstruction + "}";
  const double coarse = becker_error(64, settings), fine = becker_error(128, settings);
  const std::string scheme = std::string("shock of Mach 2, ") + GetParam().reconstruction;
  expect_order({friction, scheme, "64, 128", "order in density", "Becker 1922"}, observed_order(coarse, fine),
               GetParam().least);
  expect_error_below({friction, scheme, "128", "mean absolute density error", "Becker 1922"}, fine, GetParam().level);
}
INSTANTIATE_TEST_SUITE_P(Schemes, BeckersShock,
                         testing::Values(BeckerScheme{"piecewise_constant", 0.95, 6.4e-3},
                                         BeckerScheme{"minmod", 1.7, 1.05e-3}, BeckerScheme{"van_leer", 2, 4.9e-4},
                                         BeckerScheme{"monotonized_central", 1.95, 4.1e-4},
                                         BeckerScheme{"weno5z", 2, 2.6e-4},
                                         BeckerScheme{"weno5z_characteristic", 2, 2.7e-4}),
                         [](const auto& one) { return std::string(one.param.reconstruction); });

// ---- Shear waves: every derivative of the stress ----

/// A velocity of 1e-4 along d = (1, -1, 0) that varies as sin(k . x) with k = 2 pi (1, 1, 1), across it, decays as
/// exp(-nu |k|^2 t). On the grid, with theta = 2 pi h, the normal and the cross derivatives make of |k|^2 h^2
///   (28/3 + 4 (if there is a third axis)) sin^2(theta/2) - sin^2(theta) / 3.
/// @return the mean difference to that, in parts of the amplitude.
double shear_error(int dimension, int cells, bool is_on_the_grid) {
  const std::vector<double> along = {1, -1, 0};
  std::string grid, phase = "0", speeds;
  for (int a = 0; a < dimension; ++a) {
    grid += (a > 0 ? ", " : "") + axis(0, 1, cells);
    phase += std::string("+") + "xyz"[a];
  }
  for (int a = 0; a < dimension; ++a)
    speeds += std::string(", velocity_") + "xyz"[a] + ": \"" +
              format_number(1e-4 * along[static_cast<std::size_t>(a)]) + "*sin(2*pi*(" + phase + "))\"";
  const double viscosity = 0.02, time = 0.2;
  const auto solver =
      finite_volume(gas(viscosity) + "grid: [" + grid + "]\n" + sides(dimension, "periodic") +
                        "initial: {type: formula, values: {density: \"1\", pressure: \"1\"" + speeds + "}}\n",
                    "{points: 3, reconstruction: weno5z}");
  const State start = solver->initial_state(), end = advanced(*solver, start, time);
  const double k = 2 * std::numbers::pi, theta = k / cells, s = std::sin(theta / 2), t = std::sin(theta);
  const double on_the_grid = ((28.0 / 3 + (dimension == 3 ? 4 : 0)) * s * s - t * t / 3) * cells * cells;
  const double decay = std::exp(-viscosity * (is_on_the_grid ? on_the_grid : k * k * dimension) * time);
  return (end.fields.at("velocity_x").values - decay * start.fields.at("velocity_x").values)
             .abs()
             .mean()
             .item<double>() /
         1e-4;
}

TEST(ShearWaves, DecayAsFourierAnalysisSaysInAnyDirection) {
  // What is left is WENO's fifth-order dissipation of the sound in it.
  for (const auto& [dimension, cells, level, on_the_grid] : {std::tuple{2, 32, 2.6e-4, 3e-5}, {3, 20, 1.1e-3, 1e-4}}) {
    const std::string name = std::to_string(dimension) + "D oblique shear wave", size = std::to_string(cells);
    expect_error_below({friction, name, size, "mean relative error", "exact"}, shear_error(dimension, cells, false),
                       level);
    expect_error_below({friction, name, size, "mean relative difference", "Fourier analysis"},
                       shear_error(dimension, cells, true), on_the_grid);
  }
}

// ---- Couette flow with heated walls ----

/// Between a wall at rest of temperature 1 and one that moves with 0.5, of temperature 1.2:
///   T = T0 + (T1 - T0) y + Pr U^2 / (2 c_p) y (1 - y),  u = U y.
std::string couette(int cells, const std::string& low, const std::string& high) {
  return gas(0.1, 0.7) + "grid: [" + axis(0, 1, 4) + ", " + axis(0, 1, cells) +
         "]\nboundaries: {x_low: {type: periodic}, x_high: {type: periodic}, y_low: " + low + ", y_high: " + high +
         "}\ninitial: {type: formula, values: {density: \"1\", pressure: \"1\", velocity_x: \"0.5*y\"}}\n";
}

TEST(Couette, TemperatureAndVelocityBetweenHeatedWalls) {
  const auto error = [](int cells) {
    const auto solver =
        finite_volume(couette(cells, "{type: no_slip, values: {temperature: \"1\"}}",
                              "{type: moving_wall, velocity: [0.5, 0], values: {temperature: \"1.2\"}}"));
    const State start = solver->initial_state();
    const State end = advanced(*solver, start, 20);
    // Nothing leaks through the walls.
    EXPECT_NEAR(solver->diagnostics(end)[1].second, solver->diagnostics(start)[1].second, 1e-11);
    const auto p = values(end, "pressure"), density = values(end, "density"), u = values(end, "velocity_x");
    double of_temperature = 0, of_velocity = 0;
    for (int j = 0; j < cells; ++j) {
      const auto cell = static_cast<std::size_t>(4 * j);
      const double y = (j + 0.5) / cells, exact = 1 + 0.2 * y + 0.7 * 0.25 / (2 * 3.5) * y * (1 - y);
      of_temperature = std::max(of_temperature, std::abs(p[cell] / density[cell] - exact));
      of_velocity = std::max(of_velocity, std::abs(u[cell] - 0.5 * y));
    }
    return std::pair{of_temperature, of_velocity};
  };
  const auto coarse = error(8), fine = error(16);
  expect_order({friction, "Couette flow, heated walls", "8, 16", "order in temperature", "exact"},
               observed_order(coarse.first, fine.first), 1.95);
  expect_error_below({friction, "Couette flow, heated walls", "16", "largest T error", "exact"}, fine.first, 2.8e-5);
  expect_error_below({friction, "Couette flow, heated walls", "16", "largest u error", "exact"}, fine.second, 1e-8);
}

TEST(Couette, AdiabaticWallsKeepTheEnergyUpToTheirWork) {
  const auto solver = finite_volume(couette(12, "{type: no_slip}", "{type: no_slip}"));
  const State start = solver->initial_state(), end = advanced(*solver, start, 1);
  const auto before = solver->diagnostics(start), after = solver->diagnostics(end);
  EXPECT_NEAR(after[1].second, before[1].second, 1e-12);                   // mass
  EXPECT_NEAR(after[4].second, before[4].second, 1e-12);                   // energy: the flow heats itself
  EXPECT_LT(std::abs(after[2].second), 0.9 * std::abs(before[2].second));  // momentum goes into the walls
}

TEST(Walls, AColdWallBesideHotGasIsNamed) {
  const auto solver = finite_volume(couette(4, "{type: no_slip, values: {temperature: \"0.3\"}}", "{type: no_slip}"));
  EXPECT_THROW(
      {
        try {
          static_cast<void>(run_to(*solver, 0.1));
        } catch (const NumericalError& error) {
          EXPECT_THAT(std::string(error.what()), testing::HasSubstr("a wall colder than half of the gas"));
          throw;
        }
      },
      NumericalError);
}

// ---- Open sides ----

/// A wave of pressure that runs to the right through a tube, 1e-3 high.
std::string pulse_in_a_tube(int cells, const std::string& right) {
  const std::string p = "(1+1e-3*exp(-100*x^2))";
  return "equation: compressible_euler\nparameters: {gamma: 1.4}\ngrid: [" + axis(-1, 1, cells) +
         "]\nboundaries: {x_low: {type: free_slip}, x_high: " + right +
         "}\ninitial: {type: formula, values: {density: \"" + p + "^(1/gamma)\", pressure: \"" + p +
         "\", velocity_x: \"2*sqrt(gamma)/(gamma-1)*(" + p + "^((gamma-1)/(2*gamma))-1)\"}}\n";
}
const std::string at_rest = "{type: far_field, values: {density: \"1\", velocity_x: \"0\", pressure: \"1\"}}";

/// What is left in the tube after the wave has passed its end, in parts of its height.
double reflection(const std::string& right) {
  const auto solver = finite_volume(pulse_in_a_tube(200, right), "{points: 3}");
  const auto pressure = values(run_to(*solver, 1.3), "pressure");
  double largest = 0;
  for (const double p : pressure) largest = std::max(largest, std::abs(p - 1));
  return largest / 1e-3;
}

TEST(OpenSides, AWaveLeavesATube) {
  const std::string physics = "compressible Euler", problem = "acoustic pulse, end of a tube";
  expect_near_reference({physics, problem + ", free slip", "200", "reflected part", "exact"},
                        reflection("{type: free_slip}"), 1, 0.1);
  expect_error_below({physics, problem + ", outflow", "200", "reflected part", "exact"}, reflection("{type: outflow}"),
                     2e-3);
  expect_error_below({physics, problem + ", far field", "200", "reflected part", "exact"}, reflection(at_rest), 2e-3);
  expect_error_below({physics, problem + ", outflow to a pressure", "200", "reflected part", "exact"},
                     reflection("{type: outflow, values: {pressure: \"1\"}}"), 2e-2);
}

TEST(OpenSides, AWaveLeavesABox) {
  const auto box = [](int cells, double half, const std::string& side) {
    return "equation: compressible_euler\nparameters: {gamma: 1.4}\ngrid: [" + axis(-half, half, cells) + ", " +
           axis(-half, half, cells) + "]\nboundaries: {x_low: " + side + ", x_high: " + side + ", y_low: " + side +
           ", y_high: " + side +
           "}\ninitial: {type: formula, values: {density: \"(1+1e-3*exp(-40*(x^2+y^2)))^(1/gamma)\", pressure: "
           "\"1+1e-3*exp(-40*(x^2+y^2))\"}}\n";
  };
  // The same gas in a box that the wave does not cross in time.
  const auto pressure = [](const std::string& problem) {
    return run_to(*finite_volume(problem), 1.5).fields.at("pressure").values;
  };
  const at::Tensor whole = pressure(box(180, 3, "{type: outflow}")).slice(0, 60, 120).slice(1, 60, 120);
  const double height = 3.5e-4;  // of the wave when it reaches the sides, at t = 0.85
  const auto left = [&](const std::string& side) {
    return (pressure(box(60, 1, side)) - whole).abs().max().item<double>() / height;
  };
  const std::string far =
      "{type: far_field, values: {density: \"1\", velocity_x: \"0\", velocity_y: \"0\", pressure: \"1\"}}";
  const std::string physics = "compressible Euler", problem = "acoustic pulse, round, leaving a box";
  expect_error_below({physics, problem + ", outflow", "60^2", "reflected part", "larger box"}, left("{type: outflow}"),
                     0.3);
  expect_error_below({physics, problem + ", far field", "60^2", "reflected part", "larger box"}, left(far), 0.04);
}

TEST(OpenSides, AnOutflowDrawsThePressureToItsOwn) {
  // Gas that leaks out of a tube of pressure 1.05 into 1: in the end the wanted pressure holds.
  const auto solver =
      finite_volume("equation: compressible_euler\nparameters: {gamma: 1.4}\ngrid: [" + axis(0, 1, 40) +
                    "]\nboundaries: {x_low: {type: free_slip}, x_high: {type: outflow, values: {pressure: \"1\"}}}\n"
                    "initial: {type: formula, values: {density: \"1\", pressure: \"1.05\"}}\n");
  const auto pressure = values(run_to(*solver, 40), "pressure");
  EXPECT_NEAR(pressure[20], 1, 1e-3);
}

TEST(OpenSides, AUniformStreamPassesUnchanged) {
  for (const double speed : {0.5, -0.5, 2.0, -2.0}) {
    const std::string stream = "density: \"1\", velocity_x: \"" + format_number(speed) + "\", pressure: \"1\"";
    const auto solver = finite_volume("equation: compressible_euler\nparameters: {gamma: 1.4}\ngrid: [" +
                                      axis(0, 1, 20) + "]\nboundaries: {x_low: {type: far_field, values: {" + stream +
                                      "}}, x_high: {type: far_field, values: {" + stream +
                                      "}}}\ninitial: {type: formula, values: {" + stream + "}}\n");
    const auto pressure = values(run_to(*solver, 1), "pressure");
    for (const double p : pressure) EXPECT_NEAR(p, 1, 1e-13);
  }
}

TEST(OpenSides, InflowFollowsAFormulaInPlaceAndTime) {
  // A tracer wave enters a supersonic stream: rho = 1 + 0.1 sin(2 pi (x - 2 t)).
  const auto error = [](int cells) {
    const std::string wave = "density: \"1+0.1*sin(2*pi*(x-2*t))\", velocity_x: \"2\", pressure: \"1\"";
    const auto solver = finite_volume("equation: compressible_euler\nparameters: {gamma: 1.4}\ngrid: [" +
                                      axis(0, 1, cells) + "]\nboundaries: {x_low: {type: inflow, values: {" + wave +
                                      "}}, x_high: {type: outflow}}\ninitial: {type: formula, values: {density: \"1\", "
                                      "velocity_x: \"2\", pressure: \"1\"}}\n");
    const auto density = values(run_to(*solver, 1), "density");
    double sum = 0;
    for (std::size_t i = 0; i < density.size(); ++i) {
      const double x = (static_cast<double>(i) + 0.5) / cells;
      sum += std::abs(density[i] - 1 - 0.1 * std::sin(2 * std::numbers::pi * (x - 2))) / cells;
    }
    return sum;
  };
  const double coarse = error(40), fine = error(80);
  EXPECT_GT(observed_order(coarse, fine), 1.8) << coarse << " " << fine;
}

// ---- What does not fit is named ----

TEST(Sides, MistakesAreNamed) {
  const auto message = [](const std::string& yaml) -> std::string {
    try {
      static_cast<void>(finite_volume(yaml));
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "no error";
  };
  const auto with = [](const std::string& side) { return pulse_in_a_tube(20, side); };
  EXPECT_EQ(message(with(at_rest)), "no error");
  EXPECT_THAT(message(with("{type: far_field}")), testing::HasSubstr("'density' is missing"));
  EXPECT_THAT(message(with("{type: no_slip}")), testing::HasSubstr("compressible_euler has no wall friction"));
  EXPECT_THAT(message(with("{type: outflow, values: {density: \"1\"}}")), testing::HasSubstr("no channel is called"));
  EXPECT_THAT(message(with("{type: free_slip, values: {pressure: \"1\"}}")), testing::HasSubstr("takes none"));
  EXPECT_THAT(
      message("equation: wave\nparameters: {speed: 1}\ngrid: [" + axis(0, 1, 8) +
              "]\nboundaries: {x_low: {type: outflow}, x_high: {type: far_field, values: {u: \"0\", velocity_x: "
              "\"0\"}}}\n"),
      testing::HasSubstr("far_field is for compressible gases, wave is none"));
  EXPECT_THAT(message(couette(4, "{type: no_slip}", "{type: moving_wall, velocity: [0, 1]}")),
              testing::HasSubstr("component y must be 0"));
  EXPECT_THAT(message(couette(4, "{type: no_slip}", "{type: no_slip, values: {temperature: \"y-2\"}}")),
              testing::HasSubstr("must be > 0"));
  EXPECT_THAT(message(couette(4, "{type: no_slip}", "{type: no_slip, values: {temperature: \"1+t\"}}")),
              testing::HasSubstr("may not depend on t"));
}

}  // namespace
}  // namespace eddyline::test
