// The Taylor-Green vortex in a periodic box of three dimensions, with walls instead, and with smoke: frames of 20
// steps, their states and pressures included.

#include <algorithm>
#include <cmath>

#include "benchmarks/solvers/benchmark.hpp"
#include "core/base/numbers.hpp"
#include "core/rollout/solver.hpp"

namespace eddyline::benchmarks {
namespace {

constexpr int steps = 20;

/// Operations a cell and step, three stages: momentum 60 a component, four transforms of 2.5 log2(n) a number,
/// divergence and gradient 19, elimination 9.
double operations_a_cell(int cells) { return 3 * (3 * 60 + 4 * 2.5 * std::log2(cells) + 19 + 9); }

/// Bytes a cell and step, three stages, a line that is written being read first: momentum reads 3 numbers (6 after the
/// first stage) and writes 3; the velocity is read for the divergence, read and written for the gradient; the modes are
/// written, read and written with the two factors of the elimination, and read.
constexpr double bytes_a_cell = 8.0 * (3 * (3 + 6 + 3 + 6 + 2 + 4 + 1) + 2 * 3);

std::string box(int cells, const std::string& side, const std::string& equation, const std::string& parameters) {
  std::string grid, sides;
  for (const char axis : {'x', 'y', 'z'}) {
    grid += (grid.empty() ? "" : ", ") + std::string("{to: 6.283185307179586, cells: ") + std::to_string(cells) + "}";
    for (const char* end : {"_low", "_high"})
      sides += (sides.empty() ? "" : ", ") + std::string(1, axis) + end + ": {type: " + side + "}";
  }
  return "equation: " + equation + "\nparameters: {" + parameters + "}\ngrid: [" + grid + "]\nboundaries: {" + sides +
         "}\ninitial: {type: formula, values: {velocity_x: \"sin(x)*cos(y)*cos(z)\", velocity_y: "
         "\"-cos(x)*sin(y)*cos(z)\"}}\n";
}

Figure time_box(const Roofline& roofline, int cells, const std::string& problem, bool has_roofline) {
  const auto solver = SolverRegistry::instance().create("incompressible_3d",
                                                        *SolverRegistry::instance().make_config("incompressible_3d"),
                                                        Case::from_yaml(problem, "benchmark"));
  const State start = solver->initial_state();
  const double dt = 0.98 * steps * solver->stable_dt(start), work = steps * std::pow(cells, 3);
  const Timing time =
      timed(cells > 64 ? 3 : 7, [&] { static_cast<void>(solver->advance(std::span(&start, 1), dt, 1)); });
  Figure figure{"ns a cell and step", false, 1e9 * time.least / work, 1e9 * time.median / work, {}, {}, {}, {}, ""};
  if (!has_roofline) return figure;
  const double operations = operations_a_cell(cells);
  figure.note =
      format_number(operations, 4) + " operations and " + format_number(bytes_a_cell, 4) + " bytes a cell and step";
  figure.roofline_part = 1e9 / figure.best / roofline.limit(operations, bytes_a_cell);
  return figure;
}

template <int Cells>
struct PeriodicBox final : SolverBenchmark {
  explicit PeriodicBox(const EmptyConfig&) {}
  Figure run(const Roofline& roofline) const override {
    return time_box(roofline, Cells, box(Cells, "periodic", "incompressible_navier_stokes", "viscosity: 0.000625"),
                    true);
  }
};

struct WalledBox final : SolverBenchmark {
  explicit WalledBox(const EmptyConfig&) {}
  Figure run(const Roofline& roofline) const override {
    return time_box(roofline, 64, box(64, "no_slip", "incompressible_navier_stokes", "viscosity: 0.001"), false);
  }
};

struct SmokyBox final : SolverBenchmark {
  explicit SmokyBox(const EmptyConfig&) {}
  Figure run(const Roofline& roofline) const override {
    return time_box(roofline, 64,
                    box(64, "periodic", "buoyant_smoke", "viscosity: 0.001, diffusivity: 0.001, buoyancy: 0.1"), false);
  }
};

const SolverBenchmarkRegistration<PeriodicBox<64>> periodic_64{"incompressible_3d_64",
                                                               "3D incompressible, periodic, 64^3"};
const SolverBenchmarkRegistration<PeriodicBox<128>> periodic_128{"incompressible_3d_128",
                                                                 "3D incompressible, periodic, 128^3"};
const SolverBenchmarkRegistration<WalledBox> walls{"incompressible_3d_walls", "3D incompressible, six walls, 64^3"};
const SolverBenchmarkRegistration<SmokyBox> smoke{"incompressible_3d_smoke", "3D smoke, limited, periodic, 64^3"};

}  // namespace
}  // namespace eddyline::benchmarks
