#pragma once
// The tables that a run of a solver keeps: history.csv and probes.csv.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/field/probe.hpp"
#include "core/io/csv.hpp"
#include "core/rollout/simulation_config.hpp"
#include "core/rollout/solver.hpp"

namespace eddyline {

/// history.csv: time, residual and the solver's diagnostics; probes.csv: time and every channel at every probe.
class RunHistory {
 public:
  /// @param first  diagnostics of the initial state: their names head the columns.
  /// @param append  a restarted run drops the rows that are newer than `time`, that of its restart file.
  RunHistory(const std::filesystem::path& folder, const SimulationConfig& config, const Case& problem,
             const Diagnostics& first, double time, bool append);
  void add(const State& state, double residual, const Diagnostics& diagnostics);

 private:
  std::vector<std::string> channels_;
  std::vector<PointSampler> probes_;
  std::unique_ptr<CsvWriter> history_, probe_file_;
};

/// Largest change of the cell fields per unit time, relative to the largest value: tends to zero in a steady flow.
/// Of a flow with a velocity, the velocity counts. @param scale  D / U.
[[nodiscard]] double relative_change(const State& before, const State& after, double scale);

}  // namespace eddyline
