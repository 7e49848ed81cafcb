// `eddyline sweep`: runs, skips, resumes, stops, tabulates.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <sstream>
#include <thread>

#include "core/base/child_process.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/csv.hpp"
#include "tests/cli/program.hpp"
#include "tests/cli/small_training.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// A section `sweep` for the file of small_training.
std::string sweep_section(const TemporaryFolder& folder, const std::string& lines) {
  return "sweep:\n  folder: '" + folder.path("sweep") + "'\n" + lines;
}

/// Rows of a CSV file with texts, without the header.
std::vector<std::vector<std::string>> rows_of(const std::string& path) {
  std::istringstream stream(read_file(path));
  std::vector<std::vector<std::string>> rows;
  for (std::string line; std::getline(stream, line);) {
    std::istringstream cells(line);
    rows.emplace_back();
    for (std::string cell; std::getline(cells, cell, ',');) rows.back().push_back(cell);
  }
  rows.erase(rows.begin());
  return rows;
}

TEST(Sweep, RunsAGridSkipsWhatIsCompleteAndShowsTheSpread) {
  const TemporaryFolder folder;
  const std::string config = generated_training(
      folder, 1,
      sweep_section(folder,
                    "  keys: {training.learning_rate: {values: [1e-3, 1e-2]}}\n  seeds: [0, 1]\n  parallel: 2\n"));
  const auto plan = run_program({"sweep", config, "--dry-run"});
  EXPECT_EQ(plan.exit_code, 0) << plan.output;
  EXPECT_THAT(plan.output, AllOf(HasSubstr("learning_rate=1e-3_seed=0  not started"), HasSubstr("4 runs"),
                                 HasSubstr("0 complete; 2 at a time")));
  EXPECT_FALSE(fs::exists(folder.path("sweep")));

  const auto first = run_program({"sweep", config});
  ASSERT_EQ(first.exit_code, 0) << first.output;
  EXPECT_THAT(first.output, AllOf(HasSubstr("training.learning_rate"), HasSubstr("+-")));
  const auto runs = rows_of(folder.path("sweep/runs.csv"));
  ASSERT_EQ(runs.size(), 4U);
  for (const auto& run : runs) EXPECT_EQ(run[3], "complete") << run[0];
  const auto table = rows_of(folder.path("sweep/table.csv"));
  ASSERT_EQ(table.size(), 2U);
  EXPECT_LE(std::stod(table[0][3]), std::stod(table[1][3]));  // the best mean first
  for (const auto& row : table) {
    std::vector<double> values;
    for (const auto& run : runs)
      if (run[1] == row[0]) values.push_back(std::stod(run[6]));
    ASSERT_EQ(values.size(), 2U);
    EXPECT_NEAR(std::stod(row[3]), (values[0] + values[1]) / 2, 1e-12);
    EXPECT_NEAR(std::stod(row[4]), std::abs(values[0] - values[1]) / std::sqrt(2), 1e-12);
    EXPECT_GT(std::stod(row[4]), 0);
  }
  // A run of a sweep is a run like any other.
  const std::string run = folder.path("sweep/learning_rate=1e-3_seed=1");
  const auto alone = run_program({"train", config, "--set", "training.learning_rate=1e-3", "--set", "seed=1"});
  ASSERT_EQ(alone.exit_code, 0) << alone.output;
  EXPECT_EQ(read_file(run + "/metrics.csv"), read_file(folder.path("run/metrics.csv")));

  const auto written = fs::last_write_time(run + "/config.yaml");
  const auto again = run_program({"sweep", config, "--set", "seeds=[0, 1, 2]", "--set", "parallel=1"});
  EXPECT_EQ(again.exit_code, 0) << again.output;
  EXPECT_THAT(again.output, HasSubstr("6 runs, 4 of them complete already"));
  EXPECT_EQ(fs::last_write_time(run + "/config.yaml"), written);
  EXPECT_EQ(rows_of(folder.path("sweep/runs.csv")).size(), 6U);
}

TEST(Sweep, StopsOnASignalAndTakesUpWhatWasBroken) {
  const TemporaryFolder folder;
  const std::string config = generated_training(
      folder, 1,
      sweep_section(
          folder, "  set: [training.epochs=4000, training.validate_every=4000]\n  seeds: [0, 1, 2]\n  parallel: 2\n"));
  ChildProcess process(EDDYLINE_PROGRAM, {"sweep", config}, folder.path("log"));
  const auto has_checkpoint = [&](const std::string& run) {
    return fs::exists(folder.path("sweep/" + run + "/checkpoints/step-000000/state.json"));
  };
  while (!process.ended() && !(has_checkpoint("seed=0") && has_checkpoint("seed=1")))
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
  process.send(SIGINT);
  EXPECT_EQ(process.wait(), 130) << read_file(folder.path("log"));
  EXPECT_THAT(read_file(folder.path("log")), HasSubstr("start again to continue"));
  auto runs = rows_of(folder.path("sweep/runs.csv"));
  ASSERT_EQ(runs.size(), 3U);
  EXPECT_EQ(runs[0][2], "broken") << read_file(folder.path("sweep/seed=0/console.txt"));
  EXPECT_EQ(runs[2][2], "not started");
  EXPECT_THAT(read_file(folder.path("sweep/seed=0/console.txt")), HasSubstr("stopped by a signal after step"));
  const auto reached = std::stoll(runs[0][4]);
  const std::string less = "set=[training.epochs=" + std::to_string(reached + 2) + ", training.validate_every=4000]";
  const auto resumed = run_program({"sweep", config, "--set", less, "--set", "seeds=[0]"});
  EXPECT_EQ(resumed.exit_code, 0) << resumed.output << read_file(folder.path("sweep/seed=0/console.txt"));
  EXPECT_THAT(read_file(folder.path("sweep/seed=0/console.txt")), HasSubstr("resuming from"));
  EXPECT_EQ(rows_of(folder.path("sweep/runs.csv"))[0][2], "complete");
}

TEST(Sweep, AFailedRunLeavesTheOthersAlone) {
  const TemporaryFolder folder;
  const std::string config = generated_training(
      folder, 1, sweep_section(folder, "  keys: {training.learning_rate: {values: [1e-3, 1e30]}}\n"));
  const auto result = run_program({"sweep", config});
  EXPECT_EQ(result.exit_code, 4) << result.output;
  EXPECT_THAT(result.output,
              AllOf(HasSubstr("failed with exit code 4"), HasSubstr("console.txt"), HasSubstr("1 failed")));
  const auto runs = rows_of(folder.path("sweep/runs.csv"));
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0][3], "complete");
  EXPECT_EQ(runs[1][3], "failed");
}

TEST(Sweep, DrawsAreRepeatableAndKeysAreChecked) {
  const TemporaryFolder folder;
  const std::string keys =
      "  search: random\n  draws: 3\n  keys:\n    training.learning_rate: {from: 1e-4, to: 1e-2, scale: log}\n"
      "    operator.hidden_channels: {from: 4, to: 16, integer: true}\n";
  const std::string config = generated_training(folder, 1, sweep_section(folder, keys));
  const auto plan = run_program({"sweep", config, "--dry-run"}),
             more = run_program({"sweep", config, "--dry-run", "--set", "draws=5"});
  EXPECT_EQ(plan.exit_code, 0) << plan.output;
  std::istringstream lines(plan.output);
  int shared = 0;
  for (std::string line; std::getline(lines, line);)
    if (line.starts_with("hidden_channels=")) {
      ++shared;
      EXPECT_THAT(more.output, HasSubstr(line));
    }
  EXPECT_EQ(shared, 3);
  const auto wrong = [&](const std::string& assignment) {
    const auto result = run_program({"sweep", config, "--dry-run", "--set", assignment});
    EXPECT_EQ(result.exit_code, 2) << result.output;
    return result.output;
  };
  EXPECT_THAT(wrong("keys={training.learning_rat: {values: [1]}}"), HasSubstr("did you mean 'learning_rate'?"));
  EXPECT_THAT(wrong("keys={training.epochs: {values: [many]}}"), HasSubstr("training.epochs"));
  EXPECT_THAT(wrong("keys={training.learning_rate: {form: 1, to: 2}}"), HasSubstr("did you mean 'from'?"));
  EXPECT_THAT(wrong("search=grid"), HasSubstr("a grid needs values"));
  EXPECT_THAT(wrong("keys={seed: {values: [1]}}"), HasSubstr("use seeds"));
  EXPECT_THAT(wrong("paralel=2"), HasSubstr("did you mean 'parallel'?"));
}

}  // namespace
}  // namespace eddyline::test
