// Incompressible flow in three dimensions against exact solutions and published ones.

#include "core/base/error.hpp"
#include "tests/validation/box_cases.hpp"
#include "tests/validation/verification.hpp"

namespace eddyline::test {
namespace {

constexpr const char* physics = "incompressible flow, 3D";

/// The plane Taylor-Green vortex carried by (1, 1), the same along the third axis; `shift` turns the axes around.
class TurnedTaylorGreen : public testing::TestWithParam<int> {};

TEST_P(TurnedTaylorGreen, SecondOrderAndLevel) {
  constexpr double viscosity = 0.01, time = 1;
  const auto first = static_cast<std::size_t>(GetParam()), second = (first + 1) % 3, third = (first + 2) % 3;
  const std::array<std::string, 3> names = {"x", "y", "z"};
  std::vector<double> errors;
  for (const int cells : {16, 32, 64}) {
    std::array<int, 3> grid{};
    grid[first] = grid[second] = cells;
    grid[third] = 4;
    const auto solver = box_solver("parameters: {viscosity: 0.01}\n" + box_grid(two_pi, grid) + periodic_box() +
                                   "initial: {type: formula, values: {velocity_" + names[first] + ": \"1+sin(" +
                                   names[first] + ")*cos(" + names[second] + ")\", velocity_" + names[second] +
                                   ": \"1-cos(" + names[first] + ")*sin(" + names[second] + ")\"}}\n");
    const State end = box_flow_at(*solver, time);
    errors.push_back(face_error(end, static_cast<int>(first), [&](double x, double y, double z) {
      const std::array at = {x, y, z};
      return 1 + std::sin(at[first] - time) * std::cos(at[second] - time) * std::exp(-2 * viscosity * time);
    }));
    EXPECT_LT(measured(*solver, end, "divergence"), 1e-12);
    EXPECT_LT(end.fields.at("velocity_" + names[third]).values.abs().max().item<double>(), 1e-13);
  }
  const std::string problem = "Taylor-Green carried by (1, 1) in the plane " + names[first] + names[second];
  expect_order({physics, problem, "32^2 to 64^2", "order of the velocity", "exact"}, order_of(errors), 1.9);
  expect_error_below({physics, problem, "64^2", "L2 error of the velocity at t = 1", "exact"}, errors.back(), 1.2e-3);
}
INSTANTIATE_TEST_SUITE_P(Plane, TurnedTaylorGreen, testing::Values(0, 1, 2));

/// Beltrami flow of Arnold, Beltrami and Childress: curl u = u, so that it decays as exp(-nu t).
TEST(BeltramiFlow, SecondOrderInAPeriodicBox) {
  constexpr double viscosity = 0.05, time = 1;
  std::vector<double> errors, pressure;
  for (const int cells : {16, 32}) {
    const auto solver =
        box_solver("parameters: {viscosity: 0.05}\n" + box_grid(two_pi, {cells, cells, cells}) + periodic_box() +
                   "initial: {type: formula, values: {velocity_x: \"sin(z)+cos(y)\", velocity_y: "
                   "\"sin(x)+cos(z)\", velocity_z: \"sin(y)+cos(x)\"}}\n");
    const State end = box_flow_at(*solver, time);
    const double decay = std::exp(-viscosity * time);
    errors.push_back(
        face_error(end, 2, [&](double x, double y, double) { return decay * (std::sin(y) + std::cos(x)); }));
    pressure.push_back(cell_error(end, "pressure", [&](double x, double y, double z) {
      return -decay * decay * (std::sin(z) * std::cos(y) + std::sin(x) * std::cos(z) + std::sin(y) * std::cos(x));
    }));
  }
  expect_order({physics, "ABC flow", "16^3 to 32^3", "order of the velocity", "exact"}, order_of(errors), 1.9);
  expect_order({physics, "ABC flow", "16^3 to 32^3", "order of the pressure", "exact"}, order_of(pressure), 1.9);
  expect_error_below({physics, "ABC flow", "32^3", "L2 error of the velocity at t = 1", "exact"}, errors.back(), 3e-4);
}

/// Ethier & Steinman, Int. J. Numer. Methods Fluids 19 (1994) 369, a = pi / 4, d = pi / 2, in [-1, 1]^3.
class EthierSteinman : public testing::TestWithParam<double> {};

TEST_P(EthierSteinman, SecondOrderWithPrescribedSides) {
  const auto component = [](const std::string& x, const std::string& y, const std::string& z) {
    return "-pi/4*(exp(pi/4*" + x + ")*sin(pi/4*" + y + "+pi/2*" + z + ")+exp(pi/4*" + z + ")*cos(pi/4*" + x +
           "+pi/2*" + y + "))";
  };
  const std::array<std::string, 3> formulas = {component("x", "y", "z"), component("y", "z", "x"),
                                               component("z", "x", "y")};
  std::string initial, sides;
  for (std::size_t c = 0; c < 3; ++c)
    initial += (c > 0 ? ", " : "") + std::string("velocity_") + "xyz"[c] + ": \"" + formulas[c] + "\"";
  std::string moving;
  for (std::size_t c = 0; c < 3; ++c)
    moving += (c > 0 ? ", " : "") + std::string("velocity_") + "xyz"[c] + ": \"" + formulas[c] +
              "*exp(-viscosity*pi^2/4*t)\"";
  for (const char* side : {"x_low", "x_high", "y_low", "y_high", "z_low", "z_high"})
    sides += (sides.empty() ? "" : ", ") + std::string(side) + ": {type: prescribed, values: {" + moving + "}}";
  constexpr double viscosity = 0.1, time = 0.2, a = std::numbers::pi / 4, d = std::numbers::pi / 2;
  std::vector<double> errors, pressure;
  for (const int cells : {8, 16, 32}) {
    const std::string axis =
        "{from: -1, to: 1, cells: " + std::to_string(cells) + ", stretching: " + format_number(GetParam()) + "}";
    const auto solver =
        box_solver("parameters: {viscosity: 0.1}\ngrid: [" + axis + ", " + axis + ", " + axis + "]\nboundaries: {" +
                   sides + "}\ninitial: {type: formula, values: {" + initial + "}}\n");
    const State end = box_flow_at(*solver, time);
    const double decay = std::exp(-viscosity * d * d * time);
    errors.push_back(face_error(end, 1, [&](double x, double y, double z) {
      return -a * decay * (std::exp(a * y) * std::sin(a * z + d * x) + std::exp(a * x) * std::cos(a * y + d * z));
    }));
    pressure.push_back(cell_error(end, "pressure", [&](double x, double y, double z) {
      return -0.5 * a * a * decay * decay *
             (std::exp(2 * a * x) + std::exp(2 * a * y) + std::exp(2 * a * z) +
              2 * std::sin(a * x + d * y) * std::cos(a * z + d * x) * std::exp(a * (y + z)) +
              2 * std::sin(a * y + d * z) * std::cos(a * x + d * y) * std::exp(a * (z + x)) +
              2 * std::sin(a * z + d * x) * std::cos(a * y + d * z) * std::exp(a * (x + y)));
    }));
    EXPECT_LT(measured(*solver, end, "divergence"), 1e-12);
  }
  const std::string problem =
      GetParam() == 1 ? "Ethier-Steinman, prescribed sides" : "the same, cells stretched to 1/2";
  expect_order({physics, problem, "16^3 to 32^3", "order of the velocity", "exact"}, order_of(errors), 1.8);
  expect_order({physics, problem, "16^3 to 32^3", "order of the pressure", "exact"}, order_of(pressure), 1.7);
  expect_error_below({physics, problem, "32^3", "L2 error of the velocity at t = 0.2", "exact"}, errors.back(), 6e-4);
}
INSTANTIATE_TEST_SUITE_P(StretchedTo, EthierSteinman, testing::Values(1.0, 0.5));

/// Fully developed flow under a constant force in a square duct: u = sum over odd m, n of
/// 16 f / (nu pi^4 m n (m^2 + n^2)) sin(m pi y) sin(n pi z).
TEST(SquareDuct, DrivenByAForceReachesItsProfile) {
  double exact = 0, flow = 0;
  for (int m = 1; m < 400; m += 2)
    for (int n = 1; n < 400; n += 2) {
      const double term = 16 / (std::pow(std::numbers::pi, 4) * m * n * (m * m + n * n));
      exact += term * ((m / 2 + n / 2) % 2 == 0 ? 1 : -1);
      flow += term * 4 / (std::numbers::pi * std::numbers::pi * m * n);
    }
  std::vector<double> errors;
  for (const int cells : {8, 16}) {
    const auto solver =
        box_solver("parameters: {viscosity: 1}\n" + box_grid(1, {2, cells, cells}) +
                   box_sides({"periodic", "no_slip", "no_slip"}) + "forcing: {values: {velocity_x: \"1\"}}\n");
    const State end = box_flow_at(*solver, 0.8);
    errors.push_back(std::abs(end.fields.at("velocity_x").values.mean().item<double>() / flow - 1));
    EXPECT_LT(measured(*solver, end, "mass_in") + measured(*solver, end, "mass_out"), 1e-15);
  }
  expect_order({physics, "square duct driven by a force", "8^2 to 16^2", "order of the mass flow", "exact series"},
               order_of(errors), 1.9);
  expect_error_below(
      {physics, "square duct driven by a force", "16^2", "relative error of the mass flow", "exact series"},
      errors.back(), 0.02);
  EXPECT_NEAR(exact, 0.0736713, 1e-6);  // the series is the textbook's
}

/// A parabolic inflow between free-slip sides and walls becomes and stays the plane Poiseuille flow.
TEST(PlaneChannel, KeepsItsParabolaFromInflowToOutflow) {
  const auto solver = box_solver(
      "parameters: {viscosity: 0.1}\ngrid: [{to: 2, cells: 16}, {to: 1, cells: 4}, {to: 1, cells: 16}]\nboundaries: "
      "{x_low: {type: inflow, profile: parabolic, velocity: [1, 0, 0]}, x_high: {type: outflow}, y_low: {type: "
      "periodic}, y_high: {type: periodic}, z_low: {type: no_slip}, z_high: {type: no_slip}}\n");
  const State end = box_flow_at(*solver, 4);
  const double error = face_error(end, 0, [](double, double, double z) { return 4 * z * (1 - z); });
  expect_error_below({physics, "plane channel, inflow to outflow", "16 x 4 x 16", "L2 error of the velocity", "exact"},
                     error, 5e-3);
  EXPECT_NEAR(measured(*solver, end, "mass_in"), measured(*solver, end, "mass_out"), 1e-12);
  EXPECT_LT(measured(*solver, end, "divergence"), 1e-12);
}

/// Rayleigh-Benard convection between free-slip plates at rest: a roll sin(pi z) cos(k x) grows as
/// (s + nu K^2) (s + D K^2) = B G k^2 / K^2 with G the temperature's slope, K^2 = k^2 + pi^2 (Rayleigh 1916).
TEST(RayleighBenard, RollsGrowAtTheLinearRate) {
  constexpr double nu = 0.01, diffusivity = 0.01, buoyancy = 1, k = std::numbers::pi;
  std::vector<double> errors;
  for (const int cells : {12, 24}) {
    const std::string n = std::to_string(cells);
    const auto solver = box_solver(
        "equation: boussinesq\nparameters: {viscosity: 0.01, diffusivity: 0.01, buoyancy: 1}\ngrid: [{to: 2, cells: " +
        std::to_string(2 * cells) + "}, {to: 1, cells: 2}, {to: 1, cells: " + n +
        "}]\nboundaries: {x_low: {type: periodic}, x_high: {type: periodic}, y_low: {type: periodic}, y_high: {type: "
        "periodic}, z_low: {type: free_slip, values: {temperature: \"1\"}}, z_high: {type: free_slip, values: "
        "{temperature: \"0\"}}}\ninitial: {type: formula, values: {temperature: "
        "\"1-z+1e-5*sin(pi*z)*cos(pi*x)\"}}\n");
    const State early = box_flow_at(*solver, 6);
    const State late = solver->advance(std::span(&early, 1), 1, 1).front();
    const auto size = [](const State& state) {
      return state.fields.at("velocity_z").values.abs().max().item<double>();
    };
    const double wavenumber = k * k + std::numbers::pi * std::numbers::pi;
    const double viscous = 0.5 * (nu + diffusivity) * wavenumber;
    const double exact = -viscous + std::sqrt(buoyancy * k * k / wavenumber);  // nu = D
    errors.push_back(std::abs(std::log(size(late) / size(early)) / exact - 1));
    if (cells == 24)
      expect_within_part({"Boussinesq flow, 3D", "Rayleigh-Benard, free-slip plates", "48 x 24",
                          "growth rate of a roll", "Rayleigh 1916"},
                         std::log(size(late) / size(early)), exact, 0.01);
  }
  expect_order({"Boussinesq flow, 3D", "Rayleigh-Benard, free-slip plates", "24 x 12 to 48 x 24",
                "order of the growth rate", "Rayleigh 1916"},
               order_of(errors), 1.8);
}

class CarriedTracer : public testing::TestWithParam<const char*> {};

TEST_P(CarriedTracer, SecondOrder) {
  const bool is_central = std::string(GetParam()) == "central";
  std::vector<double> errors;
  for (const int cells : {16, 32}) {
    const auto solver =
        box_solver("equation: incompressible_tracer\nparameters: {viscosity: 0.01, diffusivity: 0.01}\n" +
                       box_grid(two_pi, {cells, cells, cells}) + periodic_box() +
                       "initial: {type: formula, values: {velocity_x: \"1\", velocity_y: \"0.5\", velocity_z: \"-1\", "
                       "tracer: \"sin(x)*cos(y)+sin(z)\"}}\n",
                   std::string("{scalar_flux: ") + GetParam() + "}");
    const State end = box_flow_at(*solver, 1);
    errors.push_back(cell_error(end, "tracer", [](double x, double y, double z) {
      return std::exp(-0.02) * std::sin(x - 1) * std::cos(y - 0.5) + std::exp(-0.01) * std::sin(z + 1);
    }));
  }
  const std::string problem = std::string("tracer carried by (1, 1/2, -1), ") + GetParam();
  expect_order({"tracer, 3D", problem, "16^3 to 32^3", "order", "exact"}, order_of(errors), is_central ? 1.9 : 1.6);
  expect_error_below({"tracer, 3D", problem, "32^3", "L2 error at t = 1", "exact"}, errors.back(),
                     is_central ? 7e-3 : 1.3e-2);
}
INSTANTIATE_TEST_SUITE_P(Flux, CarriedTracer, testing::Values("central", "van_leer"));

std::string taylor_green_re1600(int cells) {
  return "parameters: {viscosity: 0.000625}\n" + box_grid(two_pi, {cells, cells, cells}) + periodic_box() +
         "initial: {type: formula, values: {velocity_x: \"sin(x)*cos(y)*cos(z)\", velocity_y: "
         "\"-cos(x)*sin(y)*cos(z)\"}}\n";
}

/// Peak of -dK/dt, K the mean kinetic energy, and its time.
std::array<double, 2> dissipation_peak(const Solver& solver, double end) {
  State state = solver.initial_state();
  const double volume = std::pow(two_pi, 3), interval = 0.1;
  double before = measured(solver, state, "kinetic_energy") / volume, peak = 0, time = 0;
  while (state.time < end - 1e-9) {
    state = solver.advance(std::span(&state, 1), interval, 1).front();
    const double now = measured(solver, state, "kinetic_energy") / volume, rate = (before - now) / interval;
    if (rate > peak) {
      peak = rate;
      time = state.time - 0.5 * interval;
    }
    before = now;
  }
  return {peak, time};
}

/// Spectral solution on 512^3: case C3.5 of the International Workshops on High-Order CFD Methods; van Rees et al., J.
/// Comput. Phys. 230 (2011) 2794.
constexpr double spectral_peak = 1.28575e-2, spectral_peak_time = 8.97;

TEST(TaylorGreenRe1600, StartsAndPeaksAsTheSpectralSolution) {
  const auto solver = box_solver(taylor_green_re1600(48));
  const State start = solver->initial_state();
  const double volume = std::pow(two_pi, 3);
  EXPECT_NEAR(measured(*solver, start, "kinetic_energy") / volume, 0.125, 1e-12);
  expect_within_part({physics, "Taylor-Green, Re 1600", "48^3", "dissipation at t = 0", "3 nu / 4"},
                     measured(*solver, start, "dissipation") / volume, 0.75 * 0.000625, 0.01);
  const auto [peak, time] = dissipation_peak(*solver, 10);
  expect_within_part({physics, "Taylor-Green, Re 1600", "48^3", "peak of -dK/dt", "spectral 512^3"}, peak,
                     spectral_peak, 0.15);
  expect_near_reference({physics, "Taylor-Green, Re 1600", "48^3", "time of the peak", "spectral 512^3"}, time,
                        spectral_peak_time, 0.7);
}

TEST(SlowTaylorGreenRe1600, PeaksAsTheSpectralSolution) {
  for (const int cells : {64, 96}) {
    const auto solver = box_solver(taylor_green_re1600(cells));
    const auto [peak, time] = dissipation_peak(*solver, 11);
    const std::string grid = std::to_string(cells) + "^3";
    expect_within_part({physics, "Taylor-Green, Re 1600", grid, "peak of -dK/dt", "spectral 512^3"}, peak,
                       spectral_peak, 0.2);
    expect_near_reference({physics, "Taylor-Green, Re 1600", grid, "time of the peak", "spectral 512^3"}, time,
                          spectral_peak_time, 1);
  }
}

}  // namespace
}  // namespace eddyline::test
