// Rollouts and simulations that are killed at random moments: every VTK file is whole, every collection lists whole
// files only, and a simulation goes on to the same bytes.

#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "core/base/random.hpp"
#include "core/io/atomic_file.hpp"
#include "tests/faults/small_run.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;

void kill_predictions(int kills) {
  const SmallRun small;
  RandomStream random(7, "kills/predict");
  int killed = 0, listed = 0;
  for (int n = 0; n < kills; ++n) {
    fs::remove_all(small.path("out"));
    const int moment = 100 + static_cast<int>(random.below(1500));
    const auto result = run_program(
        {"predict", small.path("run"), "--steps", "2000", "--pictures-every", "50", "--output", small.path("out")},
        moment, SIGKILL);
    if (result.exit_code == 128 + SIGKILL) ++killed;
    listed += check_vtk_files(small.path("out"));
    if (const std::string file = small.path("out/test_0.h5"); fs::exists(file)) {  // at the end or not at all
      EXPECT_EQ(run_program({"inspect", file, "--check"}).exit_code, 0);
    }
  }
  EXPECT_EQ(killed, kills);
  EXPECT_GT(listed, 0);
}
TEST(KilledPrediction, LeavesWholeFilesOnly) { kill_predictions(3); }
TEST(SlowKilledPrediction, FiftyKills) { kill_predictions(50); }

void kill_simulations(int kills) {
  const TemporaryFolder folder;
  const auto config = [&](const std::string& output) {
    return folder.file(output + ".yaml", small_simulation(folder.path(output)));
  };
  const std::string calm = config("calm"), torn = config("torn");
  const auto solve = [&](const std::string& file, bool restart, int moment) {
    std::vector<std::string> command = {"solve", file, "--set", "time.end=4"};
    if (restart) command.emplace_back("--restart");
    return run_program(command, moment, SIGKILL);
  };
  ASSERT_EQ(solve(calm, false, 0).exit_code, 0);
  RandomStream random(8, "kills/solve");
  for (int n = 0; n < kills; ++n) {
    const bool restart = fs::exists(folder.path("torn/restart.safetensors"));
    if (!restart) fs::remove_all(folder.path("torn"));
    const auto result = solve(torn, restart, 100 + static_cast<int>(random.below(500)));
    check_vtk_files(folder.path("torn"));
    if (result.exit_code == 0) {  // it was done: begin anew
      EXPECT_EQ(read_file(folder.path("torn/history.csv")), read_file(folder.path("calm/history.csv")));
      fs::remove_all(folder.path("torn"));
    }
  }
  const auto last = solve(torn, fs::exists(folder.path("torn/restart.safetensors")), 0);
  ASSERT_EQ(last.exit_code, 0) << last.output;
  // Nothing that was written before a kill is lost, and nothing differs.
  for (const char* file : {"history.csv", "wake.pvd", "wake_000001.vti", "wake_000080.vti", "restart.safetensors"})
    EXPECT_EQ(read_file(folder.path("calm/") + file), read_file(folder.path("torn/") + file)) << file;
}
TEST(KilledSimulation, GoesOnToTheSameBytes) { kill_simulations(4); }
TEST(SlowKilledSimulation, FiftyKills) { kill_simulations(50); }

}  // namespace
}  // namespace eddyline::test
