// E1 of MP-PDE by WENO5. Peer: the authors' Python solver as their paper gives it (Brandstetter, Worrall & Welling,
// ICLR 2022, table 1).

#include "benchmarks/solvers/benchmark.hpp"
#include "benchmarks/solvers/grid_blast.hpp"

namespace eddyline::benchmarks {
namespace {

struct ForcedBurgers final : SolverBenchmark {
  explicit ForcedBurgers(const EmptyConfig&) {}
  Figure run(const Roofline&) const override {
    const auto solver = explicit_solver(
        "equation: forced_burgers\nparameters: {alpha: 1, beta: 0, gamma: 0, waves: 5, amplitude: 0.5, frequency: 0.4, "
        "largest_wavenumber: 3}\ngrid: [{to: 16, cells: 100}]\nboundaries: {x_low: {type: periodic}, x_high: {type: "
        "periodic}}\ninitial: {type: waves}\n",
        "{reconstruction: weno5z}");
    const State start = solver.initial_state();
    const Timing time = timed(9, [&] { static_cast<void>(solver.advance(std::span(&start, 1), 4.0 / 250, 250)); });
    return {"ms", false, 1e3 * time.least, 1e3 * time.median, 10.0, 2.0, Peer{1900, "the paper's Python WENO5"},
            {},   ""};
  }
};

const SolverBenchmarkRegistration<ForcedBurgers> registration{"forced_burgers_e1",
                                                              "E1 by WENO5-Z, 100 cells, 250 output steps"};

}  // namespace
}  // namespace eddyline::benchmarks
