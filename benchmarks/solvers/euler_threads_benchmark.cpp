// Two threads over one, wall time: needs an idle machine with two cores.

#include "benchmarks/solvers/benchmark.hpp"
#include "benchmarks/solvers/grid_blast.hpp"
#include "core/parallel/threads.hpp"

namespace eddyline::benchmarks {
namespace {

struct TwoThreads final : SolverBenchmark {
  explicit TwoThreads(const EmptyConfig&) {}
  Figure run(const Roofline&) const override {
    const auto solver = explicit_solver(blast(2, 1024), "{points: 1, cfl: 0.3}");
    State state = solver.initial_state();
    std::vector<Timing> times;
    for (const int threads : {1, 2}) {
      use_threads(threads);
      times.push_back(timed(
          5, [&] { state = solver.advance_steps(state, 2); }, CLOCK_MONOTONIC));
    }
    use_threads(1);
    return {"times one thread",
            true,
            times[0].least / times[1].least,
            times[0].median / times[1].median,
            1.8,
            {},
            Peer{1.6, "Athena++, 128^3"},
            {},
            "wall time, only on an idle machine"};
  }
};

const SolverBenchmarkRegistration<TwoThreads> registration{"euler_two_threads",
                                                           "MUSCL, HLLC, SSP-RK3, 1024^2: two threads over one"};

}  // namespace
}  // namespace eddyline::benchmarks
