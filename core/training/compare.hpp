#pragma once
// The honest card: error against cost, for a trained operator and for the reference solver on a ladder of resolutions,
// from the same initial frames, on the same machine and threads. The engine behind `eddyline compare`.

#include <optional>
#include <string>
#include <vector>

#include "core/config/config.hpp"

namespace eddyline {

/// One rung of the ladder.
struct ResolutionConfig final : Config {
  std::vector<std::int64_t> cells = {64, 64};
  void fields(FieldVisitor& visit) override;
};

/// What `eddyline compare CONFIG` reads.
struct CompareConfig final : Config {
  std::string run = "runs/model", data = "data/dataset", split = "test", checkpoint = "best";
  std::int64_t cases = 0;    // 0 is all
  std::int64_t frames = 20;  // predicted
  PluginChoice solver{"incompressible", nullptr};
  std::vector<ResolutionConfig> resolutions;
  std::int64_t threads = 1;
  std::string folder = "runs/compare";
  void fields(FieldVisitor& visit) override;
};

/// One line of the card. Error: nRMSE of the velocity against the dataset, mean over frames and cases. Cost: wall
/// seconds of `advance` for all frames of one case; set-up (geometry, loading) is not counted for either side.
struct CompareRow {
  std::string name;
  double error = 0, seconds = 0;
};

struct CompareResult {
  CompareRow surrogate;
  std::vector<CompareRow> ladder;  // by rising cost
  /// Cost of the solver at the surrogate's error, by interpolation of the ladder in log-log; nothing when the
  /// surrogate's error lies outside the ladder.
  std::optional<double> equal_error_seconds;
  std::string verdict;  // one sentence, with the numbers
  [[nodiscard]] std::string table() const;
};

/// Every rung starts from the dataset's own frame, carried to its grid and projected; its frames are averaged back.
/// Writes compare.csv, compare.json, compare.png and .svg into the folder.
/// @throws what loading and solving throw; DataError when the dataset has no cases to solve.
[[nodiscard]] CompareResult compare(const CompareConfig& config);

/// Text for --dry-run: contenders, cases, duration measured on a few frames of one case. Writes nothing.
/// @throws what `compare` throws.
[[nodiscard]] std::string comparison_plan(const CompareConfig& config);

/// The verdict on a surrogate and a ladder; pure.
[[nodiscard]] CompareResult judged(CompareRow surrogate, std::vector<CompareRow> ladder);

}  // namespace eddyline
