// Field regression from the command line.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/io/atomic_file.hpp"
#include "tests/cli/program.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const std::string data = std::string(EDDYLINE_TEST_DATA) + "/neuraloperator";

std::vector<std::string> training(const std::string& run, const std::vector<std::string>& overrides = {}) {
  std::vector<std::string> arguments = {"train", std::string(EDDYLINE_SOURCE_DIR) + "/configs/darcy/example.yaml",
                                        "--set", "run=" + run,
                                        "--set", "data.path=" + data,
                                        "--set", "data.valid=train[9:]"};
  for (const auto& line : overrides) arguments.insert(arguments.end(), {"--set", line});
  return arguments;
}

TEST(Darcy, TrainEvaluatePredictInspect) {
  const TemporaryFolder folder;
  const std::string run = folder.path("run");
  const auto plan = training(run, {"training.epochs=2"});
  auto dry = plan;
  dry.emplace_back("--dry-run");
  const auto estimate = run_program(dry);
  EXPECT_EQ(estimate.exit_code, 0) << estimate.output;
  // 99,721 with a complex weight counted once, 92,160 of them complex.
  EXPECT_THAT(estimate.output, HasSubstr(std::to_string(99721 + 92160) + " parameters"));
  EXPECT_FALSE(fs::exists(run));
  const auto trained = run_program(plan);
  ASSERT_EQ(trained.exit_code, 0) << trained.output;
  const auto coarse = run_program({"evaluate", run, "--checkpoint", "last"});
  EXPECT_EQ(coarse.exit_code, 0) << coarse.output;
  EXPECT_THAT(coarse.output, HasSubstr("4 samples on 16 x 16 cells"));
  EXPECT_THAT(coarse.output, HasSubstr("mean, relative H1 error"));
  const auto fine = run_program({"evaluate", run, "--split", "test_32", "--output", folder.path("fine")});
  EXPECT_EQ(fine.exit_code, 0) << fine.output;
  EXPECT_THAT(fine.output, HasSubstr("4 samples on 32 x 32 cells (not the resolution of the training)"));
  EXPECT_THAT(read_file(folder.path("fine/evaluation.csv")), HasSubstr("model,test_32/0,"));
  const auto predicted = run_program({"predict", run, "--input", data + "#test_32/3", "--output", folder.path("out")});
  EXPECT_EQ(predicted.exit_code, 0) << predicted.output;
  EXPECT_THAT(predicted.output, HasSubstr("relative_l2 error"));
  EXPECT_TRUE(fs::exists(folder.path("out/test_32_3.vti")));
  EXPECT_TRUE(fs::exists(folder.path("out/test_32_3.png")));
  const auto inspected = run_program({"inspect", run, "--check"});
  EXPECT_EQ(inspected.exit_code, 0) << inspected.output;
  const auto wrong = run_program({"predict", run, "--input", data + "#test/4", "--output", folder.path("out")});
  EXPECT_EQ(wrong.exit_code, 2) << wrong.output;
  EXPECT_THAT(wrong.output, HasSubstr("0 to 3"));
}

TEST(Darcy, BadInputIsNamed) {
  const TemporaryFolder folder;
  const auto forecast = run_program(training(folder.path("a"), {"task.name=next_step"}));
  EXPECT_EQ(forecast.exit_code, 2) << forecast.output;
  const auto loss = run_program(training(folder.path("b"), {"task.loss=h2"}));
  EXPECT_EQ(loss.exit_code, 2);
  EXPECT_THAT(loss.output, HasSubstr("h1"));
  const auto symmetry = run_program(training(folder.path("c"), {"task.symmetries=[rotate]"}));
  EXPECT_EQ(symmetry.exit_code, 2) << symmetry.output;
  EXPECT_THAT(symmetry.output, HasSubstr("reflect"));
  const auto split = run_program(training(folder.path("d"), {"data.train=train[5:2]"}));
  EXPECT_EQ(split.exit_code, 2);
  EXPECT_THAT(split.output, HasSubstr("12 trajectories"));
  fs::create_directories(folder.path("data"));
  const std::string bytes = read_file(data + "/darcy_train_16.pt");
  write_atomically(folder.path("data/darcy_train_16.pt"), bytes.substr(0, bytes.size() / 2));
  const auto torn = run_program(training(folder.path("e"), {"data.path=" + folder.path("data")}));
  EXPECT_EQ(torn.exit_code, 3) << torn.output;
  EXPECT_THAT(torn.output, HasSubstr("darcy_train_16.pt"));
}

}  // namespace
}  // namespace eddyline::test
