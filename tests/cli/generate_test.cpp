#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "core/base/random.hpp"
#include "core/io/atomic_file.hpp"
#include "tests/cli/program.hpp"

namespace eddyline::test {
namespace {

using testing::HasSubstr;

std::string generation(const std::string& folder) {
  return "name: tiny\nfolder: " + folder +
         "\nseed: 3\nsplits: {train: 3, valid: 1, test: 1}\nproblem:\n  name: wake\n  grid: [{to: 8, cells: 48}, {to: "
         "4, cells: 24}]\n"
         "  parameters: {viscosity: 0.01}\n  boundaries: {x_low: {type: inflow, velocity: [1, 0]}, x_high: {type: "
         "outflow}, y_low: {type: free_slip}, "
         "y_high: {type: free_slip}}\n  obstacles: [{center: [2, 2], radius: 0.5}]\n  initial: {type: uniform, "
         "velocity: [1, 0], perturbation: 0.3}\n"
         "draw:\n  radius: {from: 0.4, to: 0.6}\n  speed: {from: 0.8, to: 1.2}\nderive:\n  obstacles.0.radius: "
         "radius\n  boundaries.x_low.velocity.0: speed\n"
         "  length_scale: 2*radius\n  velocity_scale: speed\n  parameters.viscosity: 2*radius*speed/80\n"
         "parameters:\n  - {name: radius, unit: m, value: radius}\n  - {name: speed, unit: m/s, value: speed}\n"
         "spin_up: 1\nframe_interval: 0.25\nframes: 9\naverage: [2, 2]\n";
}

TEST(Generate, SameBytesForAnyNumberOfThreadsAndReadByInspect) {
  const TemporaryFolder folder;
  ASSERT_EQ(
      run_program({"generate", folder.file("a.yaml", generation(folder.path("a"))), "--set", "threads=1"}).exit_code,
      0);
  ASSERT_EQ(
      run_program({"generate", folder.file("b.yaml", generation(folder.path("b"))), "--set", "threads=2"}).exit_code,
      0);
  for (const char* split : {"train", "valid", "test"}) {
    const std::string file = std::string("/data/") + split + "/tiny.hdf5";
    EXPECT_EQ(read_file(folder.path("a") + file), read_file(folder.path("b") + file)) << split;
  }
  const auto inspection = run_program({"inspect", folder.path("a"), "--check"});
  EXPECT_EQ(inspection.exit_code, 0) << inspection.output;
  EXPECT_THAT(inspection.output, HasSubstr("3 trajectories of 9 frames"));
  const auto again = run_program({"generate", folder.file("a.yaml", generation(folder.path("a"))), "--set", "seed=4"});
  EXPECT_EQ(again.exit_code, 2);
  EXPECT_THAT(again.output, HasSubstr("another config"));
}

TEST(Generate, TheWellsOwnLoaderOpensTheFiles) {
  const std::string python = std::string(EDDYLINE_SOURCE_DIR) + "/.venv/bin/python";
  if (!has_test_packages())
    GTEST_SKIP() << "the package the_well is not installed in .venv (scripts/setup.sh --tests installs it)";
  const TemporaryFolder folder;
  ASSERT_EQ(run_program({"generate", folder.file("a.yaml", generation(folder.path("a")))}).exit_code, 0);
  const std::string log = folder.path("log");
  const std::string command = python + " " + EDDYLINE_SOURCE_DIR + "/tests/datasets/check_the_well.py " +
                              folder.path("a") + " train > " + log + " 2>&1";
  ASSERT_EQ(std::system(command.c_str()), 0) << read_file(log);
  EXPECT_THAT(read_file(log), HasSubstr("input [2, 24, 12, 3]"));
  EXPECT_THAT(read_file(log), HasSubstr("boundaries [[1.0, 1.0], [0.0, 0.0]]"));
}

/// Kills generation at random moments until it ends by itself, and compares with an undisturbed run.
void kill_and_resume(int kills) {
  const TemporaryFolder folder;
  const std::string calm = folder.file("calm.yaml", generation(folder.path("calm"))),
                    torn = folder.file("torn.yaml", generation(folder.path("torn")));
  ASSERT_EQ(run_program({"generate", calm}).exit_code, 0);
  RandomStream random(11, "kills");
  for (int k = 0; k < kills; ++k) {
    const int moment = 50 + static_cast<int>(random.below(600));
    static_cast<void>(run_program({"generate", torn}, moment, SIGKILL));
  }
  ASSERT_EQ(run_program({"generate", torn}).exit_code, 0);
  EXPECT_EQ(read_file(folder.path("calm/data/train/tiny.hdf5")), read_file(folder.path("torn/data/train/tiny.hdf5")));
  EXPECT_EQ(read_file(folder.path("calm/stats.yaml")), read_file(folder.path("torn/stats.yaml")));
}

TEST(Generate, KilledAtRandomMomentsItResumesToTheSameBytes) { kill_and_resume(5); }
TEST(SlowGenerate, FiftyKills) { kill_and_resume(50); }

TEST(Generate, CtrlCKeepsFinishedCases) {
  const TemporaryFolder folder;
  const std::string config = folder.file("run.yaml", generation(folder.path("out")));
  ProgramOptions interrupt;
  interrupt.signals = {{300, SIGINT}};
  interrupt.signal_when_exists = folder.path("out/parts/train-0.hdf5");
  EXPECT_EQ(run_program({"generate", config, "--set", "splits.train=200", "--set", "threads=1"}, interrupt).exit_code,
            130);
  EXPECT_FALSE(std::filesystem::is_empty(folder.path("out/parts")));
}

TEST(Inspect, NamesDamage) {
  const TemporaryFolder folder;
  ASSERT_EQ(run_program({"generate", folder.file("a.yaml", generation(folder.path("a"))), "--set", "splits={train: 1}"})
                .exit_code,
            0);
  const std::string file = folder.path("a/data/train/tiny.hdf5"), bytes = read_file(file);
  for (const double part : {0.01, 0.3, 0.7, 0.99}) {
    const auto result = run_program(
        {"inspect",
         folder.file("cut.hdf5", bytes.substr(0, static_cast<std::size_t>(part * static_cast<double>(bytes.size()))))});
    EXPECT_EQ(result.exit_code, 3) << result.output;
    EXPECT_THAT(result.output, HasSubstr("cut.hdf5"));
  }
  RandomStream random(5, "flips");
  int silent = 0;
  for (int k = 0; k < 20; ++k) {  // a flipped bit in the middle of the data is found by its checksum
    std::string flipped = bytes;
    flipped[flipped.size() / 4 + random.below(flipped.size() / 2)] ^= static_cast<char>(1 << random.below(8));
    const auto result = run_program({"inspect", folder.file("flipped.hdf5", flipped), "--check"});
    if (result.exit_code == 0) ++silent;
    EXPECT_LE(result.exit_code, 3) << result.output;
  }
  EXPECT_LE(silent, 2);  // unused bytes between chunks
}

}  // namespace
}  // namespace eddyline::test
