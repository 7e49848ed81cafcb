// Every solver config in configs/ runs: a few steps by default; with --all to its end, within its budget, to the norms
// in tests/data/shipped/norms.yaml (scripts/shipped_norms.sh makes them).

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <map>
#include <optional>

#include "core/base/numbers.hpp"
#include "core/config/config_reader.hpp"
#include "core/io/csv.hpp"
#include "tests/cli/program.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;

const fs::path configs = fs::path(EDDYLINE_SOURCE_DIR) / "configs";

/// The last row of statistics.csv.
struct Norm final : Config {
  double mean = 0, rms = 0;
  void fields(FieldVisitor& visit) override {
    visit("mean", mean, rule::any().required(), "mean over the domain");
    visit("rms", rms, rule::any().required(), "root mean square over the domain");
  }
};

struct ShippedRun final : Config {
  double budget = 0;
  double tolerance = 1e-7;
  bool by_hand = false;
  std::map<std::string, Norm> norms;
  void fields(FieldVisitor& visit) override {
    visit("budget", budget, rule::non_negative().unit("s"), "processor time");
    visit("tolerance", tolerance, rule::positive(), "of mean and rms, over the rms of the channel (1 when it is zero)");
    visit("by_hand", by_hand, rule::any(), "too long for a test: run by scripts/shipped_norms.sh");
    visit("norms", norms, "channel to norms at the end");
  }
};

struct ShippedRuns final : Config {
  std::map<std::string, ShippedRun> runs;  // path in configs/ without .yaml
  void fields(FieldVisitor& visit) override { visit("runs", runs, "config to result"); }
};

/// Paths in configs/ without .yaml of what `eddyline solve` reads.
std::vector<std::string> solver_configs() {
  std::vector<std::string> names;
  for (const auto& entry : fs::recursive_directory_iterator(configs)) {
    if (entry.path().extension() != ".yaml") continue;
    const YamlNode root = read_yaml(entry.path());
    if (root.find("solve") == nullptr && (root.find("problem") == nullptr || root.find("time") == nullptr)) continue;
    names.push_back(fs::relative(entry.path(), configs).replace_extension().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  return name;
}

std::string file_of(const std::string& name) { return (configs / (name + ".yaml")).string(); }

/// Of all programs that this process ran.
double processor_seconds() {
  rusage usage{};
  getrusage(RUSAGE_CHILDREN, &usage);
  return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
         1e-6 * static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
}

class ShippedConfig : public testing::TestWithParam<std::string> {};

TEST_P(ShippedConfig, RunsAFewSteps) {
  const TemporaryFolder folder;
  const auto plan = run_program({"solve", file_of(GetParam()), "--dry-run"});
  ASSERT_EQ(plan.exit_code, 0) << plan.output;
  // "step       about 0.00123, 163 steps to t = 0.2"; a steady problem has steps of any length.
  const std::string marker = "step       about ";
  const auto at = plan.output.find(marker);
  const auto step =
      at == std::string::npos
          ? std::optional<double>(1.0)
          : parse_number(plan.output.substr(at + marker.size(), plan.output.find(',', at) - at - marker.size()));
  ASSERT_TRUE(step.has_value()) << plan.output;
  const auto result = run_program(
      {"solve", file_of(GetParam()), "--set", "output.folder=" + folder.path("out"), "--set",
       "time={history_per_frame: 1, frames: [" + format_number(*step) + ", " + format_number(2.5 * *step) + "]}",
       "--set", "threads=1"});
  ASSERT_EQ(result.exit_code, 0) << result.output;
  EXPECT_EQ(read_csv(folder.path("out/history.csv")).rows.size(), 2u);
}

INSTANTIATE_TEST_SUITE_P(All, ShippedConfig, testing::ValuesIn(solver_configs()), test_name);

class ShippedConfigToTheEnd : public testing::TestWithParam<std::string> {};

TEST_P(ShippedConfigToTheEnd, HasItsNorms) {
  ShippedRuns stored;
  read_config_file(std::string(EDDYLINE_TEST_DATA) + "/shipped/norms.yaml", {}, stored);
  const auto found = stored.runs.find(GetParam());
  ASSERT_NE(found, stored.runs.end()) << "no norms are stored; scripts/shipped_norms.sh " << GetParam()
                                      << " prints what to add to tests/data/shipped/norms.yaml";
  if (found->second.by_hand) GTEST_SKIP() << "by hand: scripts/shipped_norms.sh " << GetParam();
  const TemporaryFolder folder;
  const double before = processor_seconds();
  const auto result =
      run_program({"solve", file_of(GetParam()), "--set", "output.folder=" + folder.path("out"), "--set",
                   "output.vtk=false", "--set", "output.statistics_every=1", "--set", "threads=1"});
  const double seconds = processor_seconds() - before;
  ASSERT_EQ(result.exit_code, 0) << result.output;
  EXPECT_LE(seconds, found->second.budget) << "processor time";
  const CsvTable table = read_csv(folder.path("out/statistics.csv"));
  EXPECT_FALSE(found->second.norms.empty());
  for (const auto& [channel, norm] : found->second.norms) {
    const double mean = table.column(channel + ".mean").back(),
                 rms = std::sqrt(mean * mean + table.column(channel + ".variance").back());
    const double scale = found->second.tolerance * (norm.rms > 0 ? norm.rms : 1);
    EXPECT_NEAR(mean, norm.mean, scale) << channel;
    EXPECT_NEAR(rms, norm.rms, scale) << channel;
  }
}

INSTANTIATE_TEST_SUITE_P(Slow, ShippedConfigToTheEnd, testing::ValuesIn(solver_configs()), test_name);

}  // namespace
}  // namespace eddyline::test
