// Bad surroundings of every command: signals, closed streams, odd paths, devices and memory that are not there,
// blow-ups.

#include <ATen/ATen.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cmath>
#include <csignal>
#include <filesystem>

#include "core/io/atomic_file.hpp"
#include "core/io/safetensors.hpp"
#include "core/training/checkpoint.hpp"
#include "tests/faults/small_run.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;

TEST(Signals, ASecondOneLeavesAtOnceAndAClosedTerminalEndsCleanly) {
  const SmallRun small(false);
  const std::string simulation = small.file("solve.yaml", small_simulation(small.path("solved")));
  // A frame that takes for ever: only the second signal ends it.
  ProgramOptions twice;
  twice.signals = {{1000, SIGINT}, {300, SIGINT}};
  const std::vector<std::string> endless = {"solve", simulation,
                                            "--set", "time.end=100000",
                                            "--set", "time.frame_interval=100000",
                                            "--set", "solver.max_steps_per_frame=100000000"};
  EXPECT_EQ(run_program(endless, twice).exit_code, 130);
  fs::remove_all(small.path("solved"));
  const std::vector<std::string> training = {"train", small.config(), "--set", "training.epochs=1000000"};
  ProgramOptions closed;
  closed.signal_after = "epoch 3:";
  closed.signals = {{50, SIGHUP}};
  const auto ended = run_program(training, closed);
  EXPECT_EQ(ended.exit_code, 143) << ended.output;
  EXPECT_THAT(ended.output, HasSubstr("start again to continue"));
  // Under nohup the closed terminal is nothing to the run.
  ProgramOptions nohup;
  nohup.signal_after = "resuming";
  nohup.signals = {{50, SIGHUP}, {200, SIGTERM}};
  nohup.in_child = [] { std::signal(SIGHUP, SIG_IGN); };
  EXPECT_EQ(run_program(training, nohup).exit_code, 143);
  EXPECT_EQ(run_program({"inspect", small.path("run"), "--check"}).exit_code, 0);
}

TEST(Streams, ClosedOnesStopNoRunAndReachNoFile) {
  const SmallRun small(false);
  ProgramOptions closed;
  closed.in_child = [] {
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::close(stream);
  };
  ASSERT_EQ(run_program({"train", small.config()}, closed).exit_code, 0);
  ASSERT_EQ(run_program({"train", small.config(), "--set", "run=" + small.path("open")}).exit_code, 0);
  // Whatever had become descriptor 2 would hold lines of the log.
  EXPECT_EQ(read_file(small.path("run/metrics.csv")), read_file(small.path("open/metrics.csv")));
  EXPECT_EQ(read_file(small.path("run/log.txt")), read_file(small.path("open/log.txt")));
  // The reader goes away after the first bytes, as `| head -1` does.
  ProgramOptions broken;
  broken.in_child = [] {
    int ends[2];
    if (::pipe(ends) != 0) _exit(99);
    ::close(ends[0]);
    ::dup2(ends[1], STDOUT_FILENO);
    ::dup2(ends[1], STDERR_FILENO);
  };
  EXPECT_EQ(run_program({"train", small.config(), "--set", "run=" + small.path("piped")}, broken).exit_code, 0);
  EXPECT_EQ(read_file(small.path("piped/metrics.csv")), read_file(small.path("open/metrics.csv")));
  // No terminal: no bar.
  const auto plain = run_program({"solve", small.file("solve.yaml", small_simulation(small.path("solved")))});
  EXPECT_EQ(plain.exit_code, 0);
  EXPECT_THAT(plain.output, AllOf(Not(HasSubstr("\r")), Not(HasSubstr("\x1b"))));
}

TEST(Paths, OddOnesWork) {
  const TemporaryFolder folder;
  const std::string long_part(120, 'l');
  const std::string odd = folder.path("ä 流 é's \"quoted\" #1/" + long_part + "/" + long_part + "/" + long_part);
  fs::create_directories(folder.path("real"));
  fs::create_symlink(folder.path("real"), folder.path("link"));
  for (const std::string& place : {odd, folder.path("link/missing/parents")}) {
    std::string quoted;
    for (const char c : place) quoted += c == '\'' ? std::string("''") : std::string(1, c);
    fs::create_directories(place);
    const std::string config = place + "/small.yaml";
    write_atomically(config, small_config(quoted));
    for (const char* command : {"generate", "train", "compare"})
      ASSERT_EQ(run_program({command, config}).exit_code, 0) << command << " " << place;
    ASSERT_EQ(run_program({"evaluate", place + "/run"}).exit_code, 0);
    ASSERT_EQ(run_program({"predict", place + "/run", "--steps", "2", "--output", place + "/out"}).exit_code, 0);
    EXPECT_GT(check_vtk_files(place + "/out"), 0);
  }
  EXPECT_TRUE(fs::exists(folder.path("real/missing/parents/run/metrics.csv")));
}

TEST(Names, FromConfigsNeverLeaveTheFolder) {
  const TemporaryFolder folder;
  const std::string config = folder.file("small.yaml", small_config(folder.path("inside")));
  ASSERT_EQ(run_program({"generate", config, "--set", "name=../../evil", "--set", "splits={test: 1}"}).exit_code, 0);
  for (const auto& entry : fs::recursive_directory_iterator(folder.path()))
    if (entry.path().filename().string().find("evil") != std::string::npos) {
      EXPECT_THAT(entry.path().string(), AnyOf(HasSubstr("inside/data/data/train"), HasSubstr("inside/data/data/valid"),
                                               HasSubstr("inside/data/data/test")))
          << entry.path();
    }
}

TEST(Device, ThatIsNotThereIsNamed) {
  const SmallRun small(false);
  const auto on = [&](const std::string& device) {
    return run_program(
        {"train", small.config(), "--set", "run=" + small.path(device), "--set", "training.device=" + device});
  };
  expect_refusal(on("cuda:0"), 6,
                 at::hasCUDA() ? "CPU only" : "asked cuda:0; this LibTorch has no CUDA; use device: cpu");
  EXPECT_FALSE(fs::exists(small.path("cuda:0")));
  expect_refusal(on("tpu"), 2, "expected cpu, auto");
  EXPECT_EQ(on("auto").exit_code, 0);
}

TEST(Memory, EstimateAndLimit) {
  const SmallRun small(false);
  const std::vector<std::string> bigger = {"train", small.config(),       "--set", "operator.hidden_channels=64",
                                           "--set", "operator.n_layers=4"};
  const auto plan = run_program(with(bigger, {"--dry-run"}));
  ASSERT_EQ(plan.exit_code, 0) << plan.output;
  const auto run = run_program(bigger);
  ASSERT_EQ(run.exit_code, 0) << run.output;
  const auto line = plan.output.find("memory       ");
  ASSERT_NE(line, std::string::npos) << plan.output;
  double promised = std::stod(plan.output.substr(line + 13));
  ASSERT_THAT(plan.output.substr(line, 40), HasSubstr("MiB"));
  promised *= 1024 * 1024;
  EXPECT_NEAR(promised / run.peak_bytes, 1, 0.25) << promised << " " << run.peak_bytes;

  // The address space ends below what the model wants; the libraries alone take about 1.5 GiB of it.
  ProgramOptions limited;
  limited.in_child = [] {
    const rlimit limit{rlim_t{3} << 30, rlim_t{3} << 30};
    if (::setrlimit(RLIMIT_AS, &limit) != 0) _exit(99);
  };
  const auto huge = run_program(
      {"train", small.config(), "--set", "run=" + small.path("huge"), "--set", "operator.hidden_channels=8000"},
      limited);
  expect_refusal(huge, 6, "out of memory");
  EXPECT_THAT(huge.output, HasSubstr("--dry-run"));
  // A grid that no machine holds is refused before anything is allocated.
  const std::string simulation = small.file("solve.yaml", small_simulation(small.path("solved")));
  expect_refusal(run_program({"solve", simulation, "--set", "problem.grid.0.cells=1000000", "--set",
                              "problem.grid.1.cells=1000000"}),
                 6, "use fewer cells");
  EXPECT_FALSE(fs::exists(small.path("solved")));
}

TEST(BlowUp, OfASolverIsNamedAndTheLastWholeOutputStays) {
  const TemporaryFolder folder;
  const std::string simulation = folder.file("solve.yaml", small_simulation(folder.path("out")));
  const auto extreme = [&](const std::vector<std::string>& set) {
    fs::remove_all(folder.path("out"));
    std::vector<std::string> command = {"solve", simulation};
    for (const auto& assignment : set) command = with(command, {"--set", assignment});
    return run_program(command);
  };
  for (const auto& set : std::vector<std::vector<std::string>>{{"problem.parameters.viscosity=1e300"},
                                                               {"problem.initial.velocity=[1e200, 0]"},
                                                               {"problem.initial.perturbation=1e250"},
                                                               {"problem.boundaries.x_low.velocity=[1e150, 0]"}}) {
    const auto result = extreme(set);
    expect_refusal(result, 4, "t = 0");
    EXPECT_THAT(result.output, AllOf(HasSubstr("cell ("), HasSubstr("with velocity (")));
    EXPECT_EQ(check_vtk_files(folder.path("out")), 1);  // the initial state
  }
  // A state that is not finite, through the restart file.
  ASSERT_EQ(extreme({"time.end=0.1"}).exit_code, 0);
  const std::string restart = folder.path("out/restart.safetensors");
  SafetensorsFile state = read_safetensors(restart);
  at::Tensor faces = state.tensors.at("auxiliary.face_velocity_x").clone();
  faces[7][9] = std::nan("");
  state.tensors["auxiliary.face_velocity_x"] = faces;
  write_safetensors(restart, state);
  const auto poisoned = run_program({"solve", simulation, "--restart"});
  expect_refusal(poisoned, 4, "t = 0.1");
  EXPECT_THAT(poisoned.output, AllOf(HasSubstr("cell (9, 7)"), HasSubstr("nan")));
  EXPECT_EQ(check_vtk_files(folder.path("out")), 3);
}

TEST(BlowUp, OfARolloutIsFlaggedAndEndsTheProgramWhenItIsNotFinite) {
  const SmallRun small;
  const CheckpointStore store(fs::path(small.path("run")) / "checkpoints");
  Checkpoint checkpoint = read_checkpoint(*store.best());
  // Weights far from any training: every frame is a multiple of the one before.
  for (const char* part : {"model", "average"})
    for (auto& [name, values] : checkpoint.tensors.at(part))
      if (values.is_floating_point() || values.is_complex()) values = values * 60;
  const CheckpointStore wild(fs::path(small.path("wild")) / "checkpoints");
  wild.publish(checkpoint);
  const auto predict = [&](const std::string& steps) {
    return run_program({"predict", small.path("wild"), "--input", small.path("data") + "#test/0", "--steps", steps,
                        "--output", small.path("out")});
  };
  const auto flagged = predict("2");
  EXPECT_EQ(flagged.exit_code, 0) << flagged.output;
  EXPECT_THAT(flagged.output, HasSubstr("leaves the range of the training data"));
  fs::remove_all(small.path("out"));
  const auto ended = predict("1000");
  expect_refusal(ended, 4, "is not finite; the frames before it are whole");
  EXPECT_GT(check_vtk_files(small.path("out")), 0);
  EXPECT_EQ(run_program({"inspect", small.path("out/test_0.h5"), "--check"}).exit_code, 0);
}

}  // namespace
}  // namespace eddyline::test
