// The config of docs/heads.md runs.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/cli/program.hpp"

namespace eddyline::test {
namespace {

using testing::HasSubstr;

TEST(HeadsConfig, GeneratesTrainsAndSweeps) {
  const TemporaryFolder folder;
  const std::string config = std::string(EDDYLINE_SOURCE_DIR) + "/configs/heads/shallow_water.yaml";
  const auto generated =
      run_program({"generate", config, "--set", "folder=" + folder.path("data"), "--set", "frames=13", "--set",
                   "splits={train: 2, valid: 1, test: 1}", "--set", "threads=1"});
  ASSERT_EQ(generated.exit_code, 0) << generated.output;
  const std::string data = "data.path=" + folder.path("data");
  const auto trained = run_program({"train", config, "--set", data, "--set", "run=" + folder.path("run"), "--set",
                                    "training.epochs=1", "--set", "training.threads=1"});
  EXPECT_EQ(trained.exit_code, 0) << trained.output;
  const auto plan = run_program(
      {"sweep", config, "--dry-run", "--set", "folder=" + folder.path("sweep"), "--set", "set=[" + data + "]"});
  EXPECT_EQ(plan.exit_code, 0) << plan.output;
  EXPECT_THAT(plan.output, HasSubstr("3 runs"));
}

}  // namespace
}  // namespace eddyline::test
