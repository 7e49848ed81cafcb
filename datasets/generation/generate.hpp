#pragma once
// Datasets from a reference solver: many cases, drawn at random, one atomic part each. The engine behind
// `eddyline generate`.

#include <map>
#include <string>
#include <vector>

#include "core/field/case.hpp"

namespace eddyline {

/// A number stored with every trajectory and given to operators.
struct DatasetParameterConfig final : Config {
  std::string name, unit = "1";
  std::string value;  // formula of the drawn variables
  void fields(FieldVisitor& visit) override;
};

/// An interval a variable is drawn from, uniformly.
struct DrawConfig final : Config {
  double from = 0, to = 1;
  void fields(FieldVisitor& visit) override;
  void check(ConfigProblems& problems) const override;
};

struct SplitsConfig final : Config {
  std::int64_t train = 1, valid = 0, test = 0;
  void fields(FieldVisitor& visit) override;
};

/// What `eddyline generate CONFIG` reads.
struct GenerateConfig final : Config {
  std::string name = "dataset", folder = "data/dataset";
  std::int64_t seed = 0;
  SplitsConfig splits;
  CaseConfig problem;                         // the case before anything is drawn
  std::map<std::string, DrawConfig> draw;     // variable -> interval
  std::map<std::string, std::string> derive;  // path in the case ("obstacles.0.radius") -> formula of the variables
  std::vector<DatasetParameterConfig> parameters;
  PluginChoice solver{"incompressible", nullptr};
  double spin_up = 0, frame_interval = 0.25;   // in D / U of each case
  std::int64_t frames = 2;                     // stored frames a trajectory
  std::vector<std::int64_t> average = {1, 1};  // solver cells merged into one along x, y
  std::vector<std::string> channels;           // empty: all of the equation
  std::int64_t threads = 0;                    // cases at a time; 0 is all cores
  void fields(FieldVisitor& visit) override;
  void check(ConfigProblems& problems) const override;
};

/// The case number `index` of a split and its drawn variables: a function of (seed, split, index) only.
struct DrawnCase {
  std::shared_ptr<const Case> problem;
  std::vector<double> parameters;
};
[[nodiscard]] DrawnCase drawn_case(const GenerateConfig& config, const std::string& split, std::int64_t index);

/// Text for --dry-run: cases, steps, bytes.
[[nodiscard]] std::string generation_plan(const GenerateConfig& config);

/// Runs all cases, `threads` at a time (the same bits for any number), and merges the parts in case order into
/// FOLDER/data/SPLIT/NAME.hdf5 with stats.yaml. Finished parts of an earlier, interrupted run are kept.
/// @throws ConfigError when the folder holds another dataset; NumericalError naming the case; Interrupted.
void generate(const GenerateConfig& config);

}  // namespace eddyline
