#pragma once
// Many trainings over a grid or random choices of keys, each in a process of its own: the engine behind `eddyline
// sweep`.

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/config/config.hpp"

namespace eddyline {

/// What one key of the training config may be: a list, or an interval that random searches draw from.
struct SweepKeyConfig final : Config {
  std::vector<std::string> values;  // as YAML; "[16, 16]" for lists
  std::optional<double> from, to;
  std::string scale = "linear";  // of the draw; or "log"
  bool integer = false;          // round what is drawn
  void fields(FieldVisitor& visit) override;
  void check(ConfigProblems& problems) const override;
};

/// What `eddyline sweep CONFIG` reads:
///
///   config: configs/cylinder/quick.yaml     # of the training; this file when it has a section `train`
///   folder: runs/sweep                      # a run directory inside for every run
///   keys:
///     training.learning_rate: {values: [1e-3, 3e-3]}
///     operator.width: {values: [16, 32]}
///   seeds: [0, 1, 2]                        # each choice once a seed; the table shows mean and spread over them
///   parallel: 2                             # runs at a time, which share the threads
struct SweepConfig final : Config {
  std::string config, folder = "runs/sweep";
  std::vector<std::string> set;  // overrides for every run, key=value
  std::map<std::string, SweepKeyConfig> keys;
  std::string search = "grid";
  std::int64_t draws = 10;  // of a random search
  std::int64_t seed = 0;    // of the draws
  std::vector<std::int64_t> seeds = {0};
  std::int64_t parallel = 1, threads = 0;
  std::string metric = "selection";
  void fields(FieldVisitor& visit) override;
  void check(ConfigProblems& problems) const override;
};

/// One training of a sweep.
struct SweepRun {
  std::string name;                                         // of its directory
  std::vector<std::pair<std::string, std::string>> choice;  // key -> value, without the seed
  std::int64_t seed = 0;
  std::vector<std::string> overrides;  // key=value, all of them
  std::int64_t threads = 0;            // 0: the config says
};

/// Where a run stands.
struct SweepStatus {
  std::string state = "not started";  // "complete", "stopped" (by training.max_minutes), "broken", "failed"
  int exit_code = 0;                  // of a failed one
  std::optional<double> value;        // of the metric at the best checkpoint
  std::int64_t epochs = 0;
};

/// Reads the config; overrides are relative to the section `sweep` where the file has one. @throws ConfigError.
[[nodiscard]] SweepConfig read_sweep(const std::filesystem::path& path, const std::vector<std::string>& overrides);

/// All runs, in order: keys alphabetically, the last one fastest, seeds fastest of all. Every run's training config is
/// read. @throws ConfigError when a key is unknown (naming the nearest) or a value is not allowed.
[[nodiscard]] std::vector<SweepRun> sweep_runs(const SweepConfig& config);

/// Of the run as its directory has it.
[[nodiscard]] SweepStatus sweep_status(const SweepConfig& config, const SweepRun& run);

/// Text for --dry-run: the runs and where each stands.
[[nodiscard]] std::string sweep_plan(const SweepConfig& config);

struct SweepResult {
  std::string text;   // the table
  int exit_code = 0;  // of the first run that failed
};

/// Runs what is not complete, `parallel` at a time; broken runs resume. Writes FOLDER/sweep.yaml, runs.csv (a row a
/// run) and table.csv (a row a choice: mean, standard deviation over the seeds, best, worst), rewritten after every
/// run.
/// @throws Interrupted after all runs saved and left; ResourceError when another process works in the folder.
[[nodiscard]] SweepResult sweep(const SweepConfig& config);

}  // namespace eddyline
