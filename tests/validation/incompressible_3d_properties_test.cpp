// What the solver of three-dimensional incompressible flow keeps to round-off, and what it refuses.

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/parallel/threads.hpp"
#include "solvers/incompressible/box_momentum.hpp"
#include "tests/validation/box_cases.hpp"
#include "tests/validation/verification.hpp"

namespace eddyline::test {
namespace {

constexpr const char* physics = "incompressible flow, 3D";
const std::array<std::string, 3> face_names = {"face_velocity_x", "face_velocity_y", "face_velocity_z"};

/// Random velocities made free of divergence by the solver.
State random_flow(const Solver& solver) {
  State state = solver.initial_state();
  at::Tensor cells = solver.to_cells(state).clone();
  RandomStream random(3, "flow");
  double* value = cells.data_ptr<double>();
  for (std::int64_t i = 0; i < cells.numel(); ++i) value[i] = random.uniform(-1, 1);
  return solver.from_cells(cells, 0);
}

/// Sum over the faces of u du/dt times the control volume, over that of |u du/dt|.
double work_of_convection(const State& state, const std::string& kind) {
  const Case& problem = *state.problem;
  const bool wraps = kind == "periodic";
  const std::array axes = {AxisMetrics(problem.grid(), 0, wraps), AxisMetrics(problem.grid(), 1, wraps),
                           AxisMetrics(problem.grid(), 2, wraps)};
  const BlockShape shape{3, {axes[0].cells(), axes[1].cells(), axes[2].cells()}, 2};
  PaddedField velocity(3, shape), rate(3, shape);
  for (int c = 0; c < 3; ++c) {
    const at::Tensor faces = state.auxiliary.at(face_names[static_cast<std::size_t>(c)]).contiguous();
    const double* value = faces.const_data_ptr<double>();
    for (int k = 0; k < faces.size(0); ++k)
      for (int j = 0; j < faces.size(1); ++j, value += faces.size(2))
        std::copy_n(value, faces.size(2), velocity.row(c, j, k));
  }
  const BoxSides sides(problem, axes);
  BoxSides::Values values;
  sides.update(values, 0);
  sides.fill_ghosts(velocity, values);
  BoxMomentum(axes, 0).advance(velocity, velocity, {0, 0, 1}, rate, 0, axes[2].cells());
  double sum = 0, size = 0;
  for (std::size_t c = 0; c < 3; ++c)
    for (int k = 0; k < axes[2].cells(); ++k)
      for (int j = 0; j < axes[1].cells(); ++j)
        for (int i = 0; i < axes[0].cells(); ++i) {
          const std::array index = {i, j, k};
          if (index[c] < axes[c].first_inner_face()) continue;
          double volume = 1;
          for (std::size_t a = 0; a < 3; ++a)
            volume *= a == c ? 1 / axes[a].inverse_distance()[index[a]] : axes[a].width()[index[a]];
          const auto component = static_cast<int>(c);
          const double part = velocity.row(component, j, k)[i] * rate.row(component, j, k)[i] * volume;
          sum += part;
          size += std::abs(part);
        }
  return std::abs(sum) / size;
}

TEST(BoxConservation, ConvectionDoesNoWork) {
  for (const std::string kind : {"periodic", "no_slip", "free_slip"})
    for (const double stretching : {1.0, 0.3}) {
      const auto solver = box_solver("parameters: {viscosity: 1}\n" + box_grid(1, {10, 9, 12}, stretching) +
                                     box_sides({kind, kind, kind}));
      expect_error_below({physics, "random flow, " + kind + (stretching < 1 ? ", stretched" : ""), "10 x 9 x 12",
                          "work of convection", "zero"},
                         work_of_convection(random_flow(*solver), kind), 1e-14);
    }
}

TEST(BoxConservation, EnergyIsLostByViscosityAlone) {
  const auto solver = box_solver("parameters: {viscosity: 0.02}\n" + box_grid(two_pi, {16, 16, 16}) + periodic_box() +
                                 "initial: {type: formula, values: {velocity_x: \"sin(z)+cos(y)\", velocity_y: "
                                 "\"sin(x)+cos(z)\", velocity_z: \"sin(2*y)+cos(x)\"}}\n");
  const State start = solver->initial_state();
  std::vector<double> errors;
  for (const double dt : {0.08, 0.04}) {
    const State end = solver->advance(std::span(&start, 1), dt, 1).front();
    const double lost = measured(*solver, start, "kinetic_energy") - measured(*solver, end, "kinetic_energy");
    const double spent = 0.5 * dt * (measured(*solver, start, "dissipation") + measured(*solver, end, "dissipation"));
    errors.push_back(std::abs(lost / spent - 1));
  }
  EXPECT_LT(errors.back(), 3e-4);                    // the trapezoidal rule's error ...
  EXPECT_GT(std::log2(errors[0] / errors[1]), 1.8);  // ... and nothing else
}

TEST(BoxConservation, MomentumAndTracerKeepTheirMeans) {
  for (const char* flux : {"central", "van_leer"}) {
    const auto solver =
        box_solver("equation: incompressible_tracer\nparameters: {viscosity: 1.0e-4, diffusivity: 0}\n" +
                       box_grid(two_pi, {12, 12, 12}) + periodic_box() +
                       "initial: {type: formula, values: {velocity_x: \"0.3+sin(z)*cos(y)\", velocity_y: \"sin(x)\", "
                       "velocity_z: \"-0.2+sin(y)\", tracer: \"x > 1 && x < 4 && y < 3 ? 1 : 0\"}}\n",
                   std::string("{scalar_flux: ") + flux + "}");
    const State start = solver->initial_state(), end = box_flow_at(*solver, 2, 4);
    for (const char* channel : {"velocity_x", "velocity_y", "velocity_z", "tracer"}) {
      const auto mean = [&](const State& state) { return state.fields.at(channel).values.mean().item<double>(); };
      expect_error_below({physics, std::string("vortices with a tracer, ") + flux, "12^3",
                          std::string("change of the mean of ") + channel, "zero"},
                         std::abs(mean(end) - mean(start)), 1e-12);
    }
    EXPECT_LT(measured(*solver, end, "divergence"), 1e-12);
  }
}

TEST(BoxConservation, LimitedSmokeStaysInItsRange) {
  const auto solver =
      box_solver("equation: buoyant_smoke\nparameters: {viscosity: 0.001, diffusivity: 0, buoyancy: 1}\n" +
                 box_grid(1, {12, 12, 16}, 0.5) + box_sides({"free_slip", "no_slip", "no_slip"}) +
                 "initial: {type: formula, values: {smoke: \"(x-0.4)^2+(y-0.5)^2+(z-0.3)^2 < 0.05 ? 1 : 0\"}}\n");
  const State start = solver->initial_state();
  const State end = solver->advance(std::span(&start, 1), 1, 3).back();
  EXPECT_GT(measured(*solver, end, "smoke_least"), -1e-14);
  EXPECT_LT(measured(*solver, end, "smoke_most"), 1 + 1e-14);
  EXPECT_NEAR(measured(*solver, end, "smoke_mean"), measured(*solver, start, "smoke_mean"), 1e-13);
  EXPECT_GT(end.fields.at("velocity_z").values.max().item<double>(), 0.1);  // it rises
}

TEST(BoxConservation, AFreeStreamStaysExactAlongEveryAxis) {
  for (std::size_t axis = 0; axis < 3; ++axis)
    for (const bool from_high : {false, true}) {
      const std::string name(1, "xyz"[axis]), other(1, "xyz"[(axis + 1) % 3]), third(1, "xyz"[(axis + 2) % 3]);
      std::string velocity;
      for (std::size_t c = 0; c < 3; ++c)
        velocity += (c > 0 ? ", " : "") + std::string(c == axis ? (from_high ? "-1" : "1") : "0");
      const auto solver =
          box_solver("parameters: {viscosity: 0.01}\n" + box_grid(1, {8, 7, 6}, 0.4) + "boundaries: {" + name +
                     (from_high ? "_high" : "_low") + ": {type: inflow, velocity: [" + velocity + "]}, " + name +
                     (from_high ? "_low" : "_high") + ": {type: outflow}, " + other + "_low: {type: free_slip}, " +
                     other + "_high: {type: free_slip}, " + third + "_low: {type: periodic}, " + third +
                     "_high: {type: periodic}}\ninitial: {type: uniform, velocity: [" + velocity + "]}\n");
      const State end = box_flow_at(*solver, 1);
      for (std::size_t c = 0; c < 3; ++c)
        EXPECT_LT((end.auxiliary.at(face_names[c]) - (c == axis ? (from_high ? -1 : 1) : 0)).abs().max().item<double>(),
                  1e-12);
    }
}

TEST(BoxForcing, AShearFlowGrowsToItsBalanceWithDrag) {
  // In space the wave is an eigenvector of the discrete operator; what is left is the time step's error.
  const auto solver = box_solver("parameters: {viscosity: 0.1}\n" + box_grid(two_pi, {4, 16, 4}) + periodic_box() +
                                 "forcing: {drag: 0.2, values: {velocity_x: \"sin(y)*cos(t)\"}}\n");
  const double h = two_pi / 16, rate = 0.2 + 0.1 * (2 - 2 * std::cos(h)) / (h * h), time = 2;
  const State end = box_flow_at(*solver, time, 20);
  const double size = (rate * std::cos(time) + std::sin(time) - rate * std::exp(-rate * time)) / (1 + rate * rate);
  expect_error_below({physics, "wave under a force and drag", "4 x 16 x 4", "L2 error of the velocity", "exact"},
                     face_error(end, 0, [&](double, double y, double) { return size * std::sin(y); }), 1e-5);
}

TEST(BoxBuoyancy, AStableStratificationStaysAtRest) {
  const auto solver = box_solver(
      "equation: boussinesq\nparameters: {viscosity: 0.01, diffusivity: 0.01, buoyancy: 1}\n" +
      box_grid(1, {6, 5, 8}, 0.5) +
      "boundaries: {x_low: {type: no_slip}, x_high: {type: free_slip}, y_low: {type: periodic}, y_high: {type: "
      "periodic}, z_low: {type: no_slip, values: {temperature: \"0\"}}, z_high: {type: no_slip, values: {temperature: "
      "\"1\"}}}\ninitial: {type: formula, values: {temperature: \"z\"}}\n");
  const State end = box_flow_at(*solver, 1);
  EXPECT_LT(end.fields.at("velocity_z").values.abs().max().item<double>(), 1e-13);
  EXPECT_LT(cell_error(end, "temperature", [](double, double, double z) { return z; }), 1e-13);
}

/// A flow with a tracer whose axes are turned around; the result is turned back.
std::vector<at::Tensor> turned_flow(std::size_t shift) {
  const auto at = [&](std::size_t axis) { return (axis + shift) % 3; };
  const auto name = [&](std::size_t axis) { return std::string(1, "xyz"[at(axis)]); };
  std::array<std::string, 3> axes, kinds = {"periodic", "no_slip", "free_slip"}, sides;
  axes[at(0)] = "{to: 1, cells: 8}";
  axes[at(1)] = "{to: 2, cells: 10, stretching: 0.5}";
  axes[at(2)] = "{to: 1.5, cells: 6}";
  for (std::size_t a = 0; a < 3; ++a) sides[at(a)] = kinds[a];
  const auto solver =
      box_solver("equation: incompressible_tracer\nparameters: {viscosity: 0.01, diffusivity: 0.01}\ngrid: [" +
                     axes[0] + ", " + axes[1] + ", " + axes[2] + "]\n" + box_sides(sides) +
                     "initial: {type: formula, values: {velocity_" + name(0) + ": \"sin(pi*" + name(1) + ")*cos(pi*" +
                     name(2) + ")\", velocity_" + name(1) + ": \"sin(2*pi*" + name(0) + ")\", velocity_" + name(2) +
                     ": \"0.3*cos(2*pi*" + name(0) + ")\", tracer: \"sin(2*pi*" + name(0) + ")*" + name(1) + "\"}}\n",
                 "{scalar_flux: van_leer}");
  const State end = box_flow_at(*solver, 0.5);
  std::vector<at::Tensor> fields;
  for (const std::string& channel : {"velocity_" + name(0), "velocity_" + name(1), "velocity_" + name(2),
                                     std::string("tracer"), std::string("pressure")}) {
    // Tensor axis 2 - a holds axis a: bring axis at(a) to where axis a is.
    std::array<std::int64_t, 3> order{};
    for (std::size_t a = 0; a < 3; ++a) order[2 - a] = static_cast<std::int64_t>(2 - at(a));
    fields.push_back(end.fields.at(channel).values.permute(order).contiguous());
  }
  return fields;
}

TEST(BoxSymmetry, TurningTheAxesTurnsTheFlow) {
  const auto reference = turned_flow(0);
  EXPECT_GT(reference[2].abs().max().item<double>(), 0.1);
  for (const std::size_t shift : {1, 2}) {
    const auto turned = turned_flow(shift);
    for (std::size_t c = 0; c < reference.size(); ++c)
      EXPECT_LT((turned[c] - reference[c]).abs().max().item<double>(), 1e-12)
          << "turned by " << shift << ", field " << c;
  }
}

/// Everything at once: stretched axes, inflow and forcing that move, an outflow, walls, smoke.
std::string busy_flow() {
  return "equation: buoyant_smoke\nparameters: {viscosity: 0.01, diffusivity: 0.001, buoyancy: 0.5}\ngrid: [{to: 2, "
         "cells: 20}, {to: 1, cells: 13, stretching: 0.5}, {to: 1, cells: 22}]\nboundaries: {x_low: {type: inflow, "
         "values: {velocity_x: \"1+0.2*sin(t)*cos(2*pi*y)\", smoke: \"z < 0.5 ? 1 : 0\"}}, x_high: {type: outflow}, "
         "y_low: {type: free_slip}, y_high: {type: moving_wall, velocity: [0.1, 0, 0.2]}, z_low: {type: no_slip}, "
         "z_high: {type: no_slip}}\ninitial: {type: uniform, velocity: [1, 0, 0], perturbation: 0.1}\nforcing: {drag: "
         "0.01, values: {velocity_z: \"0.1*sin(3*t)*x\"}}\n";
}

TEST(BoxReproducibility, SameBitsForAnyNumberOfThreads) {
  std::vector<at::Tensor> reference;
  for (const int threads : {1, 2, 3, 4}) {
    use_threads(threads);
    const State end = box_flow_at(*box_solver(busy_flow()), 0.3);
    std::vector<at::Tensor> fields;
    for (const auto& name : face_names) fields.push_back(end.auxiliary.at(name));
    for (const char* channel : {"smoke", "pressure"}) fields.push_back(end.fields.at(channel).values);
    if (threads == 1) reference = fields;
    for (std::size_t f = 0; f < fields.size(); ++f)
      EXPECT_TRUE(at::equal(fields[f], reference[f])) << threads << " threads, field " << f;
  }
  use_threads(0);
}

TEST(BoxReproducibility, ARestartEqualsTheUninterruptedRun) {
  const auto solver = box_solver(busy_flow());
  const State start = solver->initial_state();
  const auto whole = solver->advance(std::span(&start, 1), 0.1, 4);
  State again = whole[1];
  again = box_solver(busy_flow())->advance(std::span(&again, 1), 0.1, 2).back();
  EXPECT_EQ(again.time, whole[3].time);
  for (const auto& [name, block] : whole[3].auxiliary) EXPECT_TRUE(at::equal(again.auxiliary.at(name), block)) << name;
  for (const auto& [name, field] : whole[3].fields)
    EXPECT_TRUE(at::equal(again.fields.at(name).values, field.values)) << name;
  EXPECT_LT(measured(*solver, again, "divergence"), 1e-11);
}

TEST(BoxCellState, FromCellsIsFreeOfDivergenceAndClose) {
  const auto solver = box_solver(busy_flow());
  const State end = box_flow_at(*solver, 0.3);
  const State again = solver->from_cells(solver->to_cells(end), end.time);
  EXPECT_LT(measured(*solver, again, "divergence"), 1e-11);
  for (const char* channel : {"velocity_x", "smoke"}) {
    const at::Tensor values = end.fields.at(channel).values;
    EXPECT_LT(((again.fields.at(channel).values - values).norm() / values.norm()).item<double>(), 0.03) << channel;
  }
}

TEST(BoxResidual, VanishesWithTheStepAtSecondOrder) {
  const auto solver =
      box_solver("equation: boussinesq\nparameters: {viscosity: 0.05, diffusivity: 0.05, buoyancy: 1}\n" +
                 box_grid(two_pi, {12, 12, 12}) + box_sides({"periodic", "periodic", "free_slip"}) +
                 "initial: {type: formula, values: {velocity_x: \"0.5+sin(x)*cos(y)\", velocity_y: \"-cos(x)*sin(y)\", "
                 "temperature: \"cos(x)*cos(z/2)\"}}\n");
  const State start = solver->initial_state();
  std::vector<double> sizes;
  for (const double dt : {0.08, 0.04, 0.02}) {
    const State end = solver->advance(std::span(&start, 1), dt, 1).front();
    sizes.push_back(solver->residual(start, end).abs().max().item<double>());
  }
  EXPECT_GT(order_of(sizes), 1.7) << testing::PrintToString(sizes);
}

std::string refusal(const std::string& yaml) {
  try {
    const auto solver = box_solver(yaml);
    static_cast<void>(solver->initial_state());
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "accepted";
}

TEST(BoxBadInput, NamesTheSideThatDoesNotFit) {
  const std::string start =
      "equation: incompressible_tracer\nparameters: {viscosity: 0.01, diffusivity: 0}\n" + box_grid(1, {6, 6, 6}) +
      "boundaries: {y_low: {}, y_high: {}, z_low: {}, z_high: {}, x_high: {type: outflow}, x_low: ";
  const auto with = [&](const std::string& side, const std::string& rest = "") {
    return refusal(start + side + "}\n" + rest);
  };
  EXPECT_EQ(with("{type: inflow, velocity: [1, 0, 0]}"), "accepted");
  const std::vector<std::pair<std::string, std::string>> refused = {
      {with("{type: inflow, velocity: [1, 0]}"), "boundaries.x_low.velocity: expected three components"},
      {with("{type: inflow, velocity: [-1, 0, 0]}"), "points out of the domain"},
      {with("{type: moving_wall, velocity: [1, 0, 0]}"), "its component across must be 0"},
      {with("{type: no_slip, velocity: [0, 1, 0]}"), "boundaries.x_low.velocity: a side of type no_slip"},
      {with("{type: no_slip, profile: parabolic}"), "boundaries.x_low.profile"},
      {with("{type: no_slip, values: {velocity_x: \"1\"}}"), "cannot prescribe 'velocity_x'"},
      {with("{type: inflow, velocity: [1, 0, 0], values: {velocity_x: \"1\"}}"), "use one of both"},
      {with("{type: prescribed, values: {tracr: \"1\"}}"), "did you mean 'tracer'"},
      {with("{}", "initial: {type: formula, values: {pressure: \"1\"}}\n"), "it follows from the velocity"},
      {with("{}", "initial: {type: waves}\n"), "initial.type"},
      {with("{}", "forcing: {values: {pressure: \"1\"}}\n"), "nothing can act on 'pressure'"},
      {with("{}", "obstacles: [{center: [0.5, 0.5], radius: 0.1}]\n"), "boxes without bodies"},
      {refusal("parameters: {viscosity: 0.01}\n" + box_grid(1, {6, 6, 6}) +
               "boundaries: {x_low: {type: inflow, velocity: [1, 0, 0]}, x_high: {}, y_low: {}, y_high: {}, z_low: {}, "
               "z_high: {}}\n"),
       "make one side an outflow"},
      {refusal("parameters: {viscosity: 0.01}\ngrid: [{cells: 6}, {cells: 6}]\nboundaries: {x_low: {}, x_high: {}, "
               "y_low: {}, y_high: {}}\n"),
       "the grid has 2 axes"},
      {refusal("equation: heat\nparameters: {diffusivity: 0.01}\n" + box_grid(1, {6, 6, 6}) + periodic_box()),
       "does not solve 'heat'"}};
  for (const auto& [message, part] : refused) EXPECT_NE(message.find(part), std::string::npos) << message;
}

TEST(BoxBadInput, AFlowThatLeavesTheFiniteStopsNamingStepTimeAndCell) {
  const auto solver = box_solver("parameters: {viscosity: 0.01}\n" + box_grid(1, {6, 6, 6}) + periodic_box() +
                                 "forcing: {values: {velocity_x: \"1e300*sin(2*pi*y)\"}}\n");
  const State start = solver->initial_state();
  try {
    static_cast<void>(solver->advance(std::span(&start, 1), 1e5, 1));
    ADD_FAILURE() << "accepted";
  } catch (const NumericalError& error) {
    EXPECT_NE(std::string(error.what()).find("cell ("), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace eddyline::test
