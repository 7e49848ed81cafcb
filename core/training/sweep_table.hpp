#pragma once
// What came out of a sweep: a row a run, and a row a choice with the spread over its seeds.

#include <string>
#include <vector>

#include "core/training/sweep.hpp"

namespace eddyline {

struct SweepOutcome {
  SweepRun run;
  SweepStatus status;
};

/// One line a run: name, keys, seed, state, exit code, epochs, metric.
[[nodiscard]] std::string sweep_runs_csv(const SweepConfig& config, const std::vector<SweepOutcome>& outcomes);

/// One choice over its seeds.
struct SweepRow {
  std::vector<std::pair<std::string, std::string>> choice;
  std::int64_t runs = 0, failed = 0;                    // with a value; failed
  double mean = 0, deviation = 0, best = 0, worst = 0;  // nan without runs; deviation (n - 1) is nan with one run
};
/// The best mean first, choices without a value last.
[[nodiscard]] std::vector<SweepRow> sweep_rows(const std::vector<SweepOutcome>& outcomes);
[[nodiscard]] std::string sweep_table_csv(const SweepConfig& config, const std::vector<SweepRow>& rows);
[[nodiscard]] std::string sweep_table_text(const SweepConfig& config, const std::vector<SweepRow>& rows);

}  // namespace eddyline
