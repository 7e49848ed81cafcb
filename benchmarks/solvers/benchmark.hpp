#pragma once
// A work that a solver is timed on. A new one is a source file in this folder that registers itself in its last line:
//
//   const SolverBenchmarkRegistration<Smoke> smoke{"smoke_2d", "smoke plume, 128^2, one step"};

#include <optional>
#include <string>

#include "benchmarks/solvers/measurement.hpp"
#include "benchmarks/solvers/roofline.hpp"
#include "core/base/registry.hpp"
#include "core/config/config.hpp"

namespace eddyline::benchmarks {

/// Somebody else's figure for the same work, in the unit of ours.
struct Peer {
  double value;
  std::string source;  // program, scheme, where it was measured
};

/// What one work came to.
struct Figure {
  std::string unit;             // "M zone-cycles/s", "ms a step"
  bool more_is_better = false;  // true for rates, false for times
  double best = 0, median = 0;  // over the repeats, CPU time
  std::optional<double> must, aim;
  std::optional<Peer> peer;
  std::optional<double> roofline_part;  // of what the roofline allows, 0 to 1
  std::string note;                     // what else was found: errors, operations a cell
};

class SolverBenchmark {
 public:
  static constexpr const char* registry_kind = "solver benchmarks";
  virtual ~SolverBenchmark() = default;
  /// Runs on one thread unless the work is about threads.
  [[nodiscard]] virtual Figure run(const Roofline& roofline) const = 0;
};

using SolverBenchmarkRegistry = Registry<SolverBenchmark>;
template <class T>
using SolverBenchmarkRegistration = SolverBenchmarkRegistry::Registration<T, EmptyConfig>;

}  // namespace eddyline::benchmarks
