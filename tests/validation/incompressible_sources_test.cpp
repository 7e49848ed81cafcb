// Forcing, drag, transported scalars and buoyancy of the incompressible solver.

#include <gmock/gmock.h>

#include <algorithm>

#include "core/config/config_reader.hpp"
#include "core/parallel/threads.hpp"
#include "tests/validation/flow_cases.hpp"
#include "tests/validation/verification.hpp"

namespace eddyline::test {
namespace {

std::string periodic_box(int cells) {
  const std::string axis = "{to: " + format_number(2 * std::numbers::pi) + ", cells: " + std::to_string(cells) + "}";
  return "grid: [" + axis + ", " + axis + "]\n" + periodic_sides;
}

std::vector<double> values_of(const at::Tensor& tensor) {
  const at::Tensor whole = tensor.contiguous();
  return {whole.data_ptr<double>(), whole.data_ptr<double>() + whole.numel()};
}

TEST(Forcing, AForceInTimeIsIntegratedAtThirdOrder) {
  const auto solver = incompressible(case_of(periodic_box(8) + "parameters: {viscosity: 0.01}\nforcing: {values: "
                                                               "{velocity_x: \"cos(t)\", velocity_y: \"2*t\"}}\n"));
  const State end = after(*solver, 1, 10);
  EXPECT_LT((end.auxiliary.at("face_velocity_x") - std::sin(1.0)).abs().max().item<double>(), 1e-6);
  EXPECT_LT((end.auxiliary.at("face_velocity_y") - 1).abs().max().item<double>(), 1e-12);
}

TEST(Forcing, DragSlowsAUniformFlow) {
  const auto solver =
      incompressible(case_of(periodic_box(8) + "parameters: {viscosity: 0.01}\nforcing: {drag: 0.5}\ninitial: {type: "
                                               "uniform, velocity: [1, -2]}\n"));
  const State end = after(*solver, 2, 40);
  EXPECT_LT((end.auxiliary.at("face_velocity_x") - std::exp(-1.0)).abs().max().item<double>(), 1e-6);
  EXPECT_LT((end.auxiliary.at("face_velocity_y") + 2 * std::exp(-1.0)).abs().max().item<double>(), 2e-6);
}

std::string kolmogorov(int cells, double viscosity, const std::string& initial) {
  return periodic_box(cells) + "parameters: {viscosity: " + format_number(viscosity) +
         "}\nforcing: {values: {velocity_x: \"sin(4*y)\"}, drag: 0.1}\ninitial: {type: formula, values: " + initial +
         "}\n";
}

TEST(Kolmogorov, TheLaminarStateIsExactToSecondOrder) {
  // reference/kolmogorov_2d.yaml: u = A / (nu n^2 + alpha) sin(n y).
  std::vector<double> errors;
  for (const int cells : {32, 64}) {
    const auto solver =
        incompressible(case_of(kolmogorov(cells, 0.05, "{velocity_x: \"sin(4*y)/(viscosity*16+0.1)\"}")));
    const State end = after(*solver, 5);
    const auto y = end.problem->grid().centers(1);
    const auto u = end.auxiliary.at("face_velocity_x").accessor<double, 2>();
    double worst = 0;
    for (std::size_t j = 0; j < y.size(); ++j)
      worst = std::max(worst, std::abs(u[static_cast<std::int64_t>(j)][0] - std::sin(4 * y[j]) / 0.9));
    errors.push_back(worst);
    EXPECT_LT(end.auxiliary.at("face_velocity_y").abs().max().item<double>(), 1e-12);
  }
  const std::string problem = "Kolmogorov flow, laminar";
  expect_order(row(problem, "32^2 to 64^2", "order of u", "exact"), std::log2(errors[0] / errors[1]), 1.9);
  expect_error_below(row(problem, "64^2", "largest error of u", "exact"), errors[1], 0.02);
}

TEST(Kolmogorov, TheEnergyBudgetCloses) {
  // Discrete kinetic energy E of the faces: dE/dt = f . u - 2 alpha E - 2 nu Z with Z the enstrophy; central convection
  // and the exact projection add nothing.
  constexpr double viscosity = 1e-2, length = 2 * std::numbers::pi;
  constexpr int cells = 48;
  const auto solver = incompressible(case_of(
      kolmogorov(cells, viscosity, "{velocity_x: \"sin(2*y)+cos(3*y+1)*sin(x)\", velocity_y: \"cos(2*x)*sin(y)\"}")));
  State state = after(*solver, 2);
  const double area = length * length / (cells * cells);
  const auto energy = [&](const State& at) {
    return 0.5 * area *
           (at.auxiliary.at("face_velocity_x").slice(1, 0, cells).square().sum().item<double>() +
            at.auxiliary.at("face_velocity_y").slice(0, 0, cells).square().sum().item<double>());
  };
  const auto y = state.problem->grid().centers(1);
  const auto budget = [&](const State& at) {
    const auto u = at.auxiliary.at("face_velocity_x").accessor<double, 2>();
    double work = 0;
    for (std::int64_t j = 0; j < cells; ++j)
      for (std::int64_t i = 0; i < cells; ++i) work += area * u[j][i] * std::sin(4 * y[static_cast<std::size_t>(j)]);
    return work - 0.2 * energy(at) - 2 * viscosity * diagnostic(*solver, at, "enstrophy");
  };
  constexpr double dt = 1e-3;
  const auto states = solver->advance(std::span(&state, 1), dt, 2);
  const double rate = (energy(states[1]) - energy(state)) / (2 * dt);
  const double mean = (budget(state) + 4 * budget(states[0]) + budget(states[1])) / 6;
  expect_error_below(row("Kolmogorov flow", "48^2", "defect of the energy budget, relative", "exact"),
                     std::abs(rate / mean - 1), 1e-7);
}

std::string flux_of(const std::string& name) { return "{scalar_flux: " + name + "}"; }
std::unique_ptr<Solver> with_flux(const std::string& yaml, const std::string& flux) {
  const auto config = SolverRegistry::instance().make_config("incompressible");
  read_config_text(flux_of(flux), "solver", *config);
  return SolverRegistry::instance().create("incompressible", *config, case_of(yaml));
}

class Tracer : public testing::TestWithParam<const char*> {};

TEST_P(Tracer, CarriedAndDiffusedAtSecondOrder) {
  std::vector<double> errors;
  for (const int cells : {32, 64}) {
    const auto solver =
        with_flux(periodic_box(cells) +
                      "equation: incompressible_tracer\nparameters: {viscosity: 0.01, diffusivity: "
                      "0.02}\ninitial: {type: formula, values: {velocity_x: \"1\", velocity_y: \"0.5\", "
                      "tracer: \"sin(x)*cos(y)\"}}\n",
                  GetParam());
    const State end = after(*solver, 1);
    const auto x = end.problem->grid().centers(0), y = end.problem->grid().centers(1);
    const auto s = end.fields.at("tracer").values.accessor<double, 2>();
    double sum = 0;
    for (std::size_t j = 0; j < y.size(); ++j)
      for (std::size_t i = 0; i < x.size(); ++i)
        sum += std::abs(s[static_cast<std::int64_t>(j)][static_cast<std::int64_t>(i)] -
                        std::sin(x[i] - 1) * std::cos(y[j] - 0.5) * std::exp(-0.04));
    errors.push_back(sum / static_cast<double>(x.size() * y.size()));
  }
  const std::string problem = std::string("tracer, ") + GetParam() + " flux";
  expect_order(row(problem, "32^2 to 64^2", "order in L1", "exact"), std::log2(errors[0] / errors[1]), 1.8);
  expect_error_below(row(problem, "64^2", "mean error at t = 1", "exact"), errors[1], 2e-3);
}
INSTANTIATE_TEST_SUITE_P(By, Tracer, testing::Values("central", "van_leer"),
                         [](const auto& flux) { return std::string(flux.param); });

/// Smoke in a closed box, pushing the air around a body.
std::string closed_box(const std::string& more = "") {
  return "equation: buoyant_smoke\ngrid: [{cells: 40}, {cells: 48}]\nparameters: {viscosity: 0.002, diffusivity: "
         "0.0005, buoyancy: 1}\nboundaries: {x_low: {}, x_high: {}, y_low: {}, y_high: {type: free_slip}}\nobstacles: "
         "[{center: [0.52, 0.6], radius: 0.1}]\ninitial: {type: formula, values: {smoke: \"(x-0.45)^2+(y-0.25)^2 < "
         "0.01 "
         "? 1 : 0\"}}\n" +
         more;
}

TEST(Smoke, ItsMeanIsKeptAndItsBounds) {
  for (const std::string flux : {"van_leer", "central"}) {
    const auto solver = with_flux(closed_box(), flux);
    const State start = solver->initial_state();
    const auto states = solver->advance(std::span(&start, 1), 0.5, 4);
    const double mean = diagnostic(*solver, start, "mean_smoke");
    EXPECT_GT(mean, 0.01);
    for (const State& state : states) {
      EXPECT_NEAR(diagnostic(*solver, state, "mean_smoke") / mean, 1, 1e-12) << flux;
      if (flux != "van_leer") continue;
      EXPECT_GE(state.fields.at("smoke").values.min().item<double>(), -1e-14);
      EXPECT_LE(state.fields.at("smoke").values.max().item<double>(), 1 + 1e-14);
    }
    EXPECT_GT(states.back().fields.at("velocity_y").values.max().item<double>(), 0.1);  // it rises
  }
}

TEST(Smoke, CentralFluxesKeepTheSquare) {
  const auto solver = with_flux(periodic_box(32) +
                                    "equation: incompressible_tracer\nparameters: {viscosity: 0.001, diffusivity: "
                                    "0}\ninitial: {type: formula, values: {velocity_x: \"sin(x)*cos(y)\", velocity_y: "
                                    "\"-cos(x)*sin(y)\", tracer: \"cos(x)+0.5*sin(2*y)\"}}\n",
                                "central");
  State state = solver->initial_state();
  const auto square = [](const State& at) { return at.fields.at("tracer").values.square().sum().item<double>(); };
  const double before = square(state);
  state = solver->advance(std::span(&state, 1), 0.01, 50).back();
  EXPECT_NEAR(square(state) / before, 1, 1e-6);
}

TEST(Smoke, AUniformScalarStaysUniform) {
  for (const std::string flux : {"van_leer", "central"}) {
    const auto solver = with_flux(
        "equation: incompressible_tracer\ngrid: [{to: 6, cells: 48}, {to: 4, cells: 32, stretching: 0.5}]\nparameters: "
        "{viscosity: 0.01, diffusivity: 0.01}\nboundaries: {x_low: {type: inflow, velocity: [1, 0], values: {tracer: "
        "\"2\"}}, x_high: {type: outflow}, y_low: {}, y_high: {type: free_slip}}\nobstacles: [{center: [2, 2], radius: "
        "0.5}]\ninitial: {type: formula, values: {velocity_x: \"1\", tracer: \"2\"}}\n",
        flux);
    const State end = after(*solver, 1);
    const at::Tensor tracer = end.fields.at("tracer").values, fluid = solver->fluid_fraction() > 0;
    EXPECT_LT((tracer.masked_select(fluid) - 2).abs().max().item<double>(), 1e-11) << flux;
  }
}

std::string heated_cavity(int cells, double rayleigh, const std::string& sides) {
  const std::string axis = "{cells: " + std::to_string(cells) + "}";
  return "equation: boussinesq\ngrid: [" + axis + ", " + axis +
         "]\nparameters: {viscosity: 0.71, diffusivity: 1, buoyancy: " + format_number(0.71 * rayleigh) +
         "}\nboundaries: {" + sides + "}\ninitial: {type: formula, values: {temperature: \"1-x\"}}\n";
}
const std::string heated_sides =
    "x_low: {values: {temperature: \"1\"}}, x_high: {values: {temperature: \"0\"}}, y_low: {}, y_high: {}";

TEST(HeatedCavity, ConductionIsExact) {
  const auto solver = incompressible(case_of(heated_cavity(
      16, 0, "y_low: {values: {temperature: \"1\"}}, y_high: {values: {temperature: \"0\"}}, x_low: {}, x_high: {}")));
  const State end = after(*solver, 3);
  EXPECT_NEAR(diagnostic(*solver, end, "nusselt"), 1, 1e-9);
  const auto y = end.problem->grid().centers(1);
  const auto temperature = end.fields.at("temperature").values.accessor<double, 2>();
  for (std::size_t j = 0; j < y.size(); ++j) EXPECT_NEAR(temperature[static_cast<std::int64_t>(j)][3], 1 - y[j], 1e-9);
}

TEST(HeatedCavity, MatchesDeVahlDavis) {
  struct Case {
    double rayleigh;
    int cells;
    double time, nusselt, u, v;
  };
  for (const Case& at : {Case{1e3, 64, 0.2, 1.118, 3.649, 3.697}, Case{1e4, 64, 0.2, 2.243, 16.178, 19.617},
                         Case{1e5, 64, 0.2, 4.519, 34.73, 68.59}}) {
    const auto solver = incompressible(case_of(heated_cavity(at.cells, at.rayleigh, heated_sides)));
    const State end = after(*solver, at.time);
    const std::string problem = "heated cavity, Ra " + format_number(at.rayleigh), source = "de Vahl Davis 1983",
                      grid = std::to_string(at.cells) + "^2";
    const auto [u, v] = centreline_velocities(end);
    const auto centers = end.problem->grid().centers(0);
    expect_within_part(row(problem, grid, "Nusselt number", source), diagnostic(*solver, end, "nusselt"), at.nusselt,
                       0.01);
    expect_within_part(row(problem, grid, "u maximum", source), extremum(centers, u, 1).first, at.u, 0.01);
    expect_within_part(row(problem, grid, "v maximum", source), extremum(centers, v, 1).first, at.v, 0.01);
  }
}

const std::string moving_force =
    "forcing: {values: {velocity_x: \"0.1*sin(6*x+t)\", smoke: \"0.1*exp(-50*((x-0.3)^2+(y-0.2)^2))*cos(t)^2\"}, drag: "
    "0.05}\n";

TEST(Reproducibility, SameBitsForAnyNumberOfThreadsWithForcingAndSmoke) {
  std::vector<double> reference;
  for (const int threads : {1, 2, 3, 4}) {
    use_threads(threads);
    const auto solver = incompressible(case_of(closed_box(moving_force)));
    const State end = after(*solver, 0.3);
    auto values = values_of(end.fields.at("smoke").values);
    const auto velocity = values_of(end.auxiliary.at("face_velocity_y"));
    values.insert(values.end(), velocity.begin(), velocity.end());
    if (threads == 1) reference = values;
    EXPECT_TRUE(values == reference) << threads << " threads";
  }
  use_threads(0);
}

TEST(Reproducibility, ARestartEqualsTheUninterruptedRunWithForcingAndSmoke) {
  const auto solver = incompressible(case_of(closed_box(moving_force)));
  const State start = solver->initial_state();
  const auto whole = solver->advance(std::span(&start, 1), 0.1, 4);
  State again = whole[1];
  const auto other = incompressible(case_of(closed_box(moving_force)));
  again = other->advance(std::span(&again, 1), 0.1, 2).back();
  EXPECT_TRUE(at::equal(again.auxiliary.at("face_velocity_x"), whole[3].auxiliary.at("face_velocity_x")));
  EXPECT_TRUE(at::equal(again.fields.at("smoke").values, whole[3].fields.at("smoke").values));
  EXPECT_TRUE(at::equal(again.fields.at("pressure").values, whole[3].fields.at("pressure").values));
}

TEST(Residual, OfAScalarVanishesWithTheStep) {
  const auto solver = incompressible(
      case_of(periodic_box(32) +
              "equation: boussinesq\nparameters: {viscosity: 0.05, diffusivity: 0.03, buoyancy: "
              "1}\nforcing: {values: {temperature: \"cos(t)*sin(x)\"}}\ninitial: {type: formula, values: "
              "{velocity_x: \"sin(x)*cos(y)\", velocity_y: \"-cos(x)*sin(y)\", temperature: "
              "\"cos(x)*sin(y)\"}}\n"));
  const State start = solver->initial_state();
  std::vector<double> sizes;
  for (const double dt : {0.04, 0.02}) {
    const State end = solver->advance(std::span(&start, 1), dt, 1).front();
    sizes.push_back(solver->residual(start, end).select(0, 3).abs().max().item<double>());
  }
  EXPECT_GT(std::log2(sizes[0] / sizes[1]), 1.7) << testing::PrintToString(sizes);
}

std::string refusal(const std::string& yaml) {
  try {
    static_cast<void>(incompressible(case_of(yaml))->initial_state());
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(BadInput, ScalarsAndForcesNameTheirKey) {
  using testing::HasSubstr;
  const std::string box = "grid: [{cells: 8}, {cells: 8}]\n", flow = "parameters: {viscosity: 0.1}\n",
                    walls = "boundaries: {x_low: {}, x_high: {}, y_low: {}, y_high: {}}\n";
  const std::string warm = "equation: boussinesq\nparameters: {viscosity: 0.1, diffusivity: 0.1, buoyancy: 1}\n";
  const auto sides = [](const std::string& x_low) {
    return "boundaries: {x_low: " + x_low + ", x_high: {type: outflow}, y_low: {}, y_high: {}}\n";
  };
  EXPECT_EQ(refusal(box + warm + walls), "accepted");
  EXPECT_THAT(refusal(box + "equation: boussinesq\nparameters: {viscosity: 0.1, buoyancy: 1}\n" + walls),
              HasSubstr("'diffusivity' is missing"));
  EXPECT_THAT(
      refusal(box + "equation: buoyant_smoke\nparameters: {viscosity: 0.1, diffusivity: -1, buoyancy: 1}\n" + walls),
      HasSubstr("parameters.diffusivity"));
  EXPECT_THAT(refusal(box + warm + sides("{values: {smoke: \"1\"}}")), HasSubstr("boundaries.x_low.values"));
  EXPECT_THAT(refusal(box + warm + sides("{values: {temperature: \"2*\"}}")),
              HasSubstr("boundaries.x_low.values.temperature"));
  EXPECT_THAT(refusal(box + warm + sides("{values: {velocity_x: \"1\"}}")),
              HasSubstr("boundaries.x_low.values.velocity_x"));
  EXPECT_THAT(refusal(box + flow + sides("{type: inflow, velocity: [1, 0], values: {velocity_x: \"1\"}}")),
              HasSubstr("boundaries.x_low.velocity"));
  EXPECT_THAT(refusal(box + warm +
                      "boundaries: {x_low: {type: periodic, values: {temperature: \"1\"}}, x_high: {type: periodic}, "
                      "y_low: {}, y_high: {}}\n"),
              HasSubstr("boundaries.x_low.values.temperature"));
  EXPECT_THAT(refusal(box + flow + walls + "forcing: {values: {temperature: \"1\"}}\n"), HasSubstr("forcing.values"));
  EXPECT_THAT(refusal(box + warm + walls + "forcing: {values: {pressure: \"1\"}}\n"), HasSubstr("forcing.values"));
  EXPECT_THAT(refusal(box + warm + walls + "forcing: {values: {temperature: \"sin(q)\"}}\n"),
              HasSubstr("forcing.values.temperature"));
  EXPECT_THAT(refusal(box + warm + walls + "initial: {type: formula, values: {smoke: \"1\"}}\n"),
              HasSubstr("initial.values"));
  EXPECT_THAT(refusal(box + "equation: heat\nparameters: {diffusivity: 0.1}\n" + walls), HasSubstr("equation"));
}

}  // namespace
}  // namespace eddyline::test
