// A training that is killed at random moments ends in the same bytes as one that was left alone.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <thread>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/random.hpp"
#include "core/base/signals.hpp"
#include "core/config/config_reader.hpp"
#include "core/io/atomic_file.hpp"
#include "core/training/checkpoint.hpp"
#include "core/training/training_run.hpp"
#include "tests/training/synthetic.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;
constexpr const char* folder_variable = "EDDYLINE_TEST_FOLDER";
constexpr const char* epochs_variable = "EDDYLINE_TEST_EPOCHS";

/// What the child process does; run by itself it has no folder and does nothing.
TEST(TrainingChild, DISABLED_Trains) {
  const char* folder = std::getenv(folder_variable);
  if (folder == nullptr) GTEST_SKIP() << "started by the kill tests only";
  set_log_level(LogLevel::quiet);
  install_signal_handlers();
  // A checkpoint after every step: many of the kills hit the writing of one.
  const std::string text = "run: '" + std::string(folder) + "/run'\ndata: {path: '" + folder +
                           "/data.sine'}\noperator: {name: tiny_convolution}\n"
                           "task: {bundle: 2, pushforward_epoch: 1, noise: 0.01}\n"
                           "training: {epochs: " +
                           std::getenv(epochs_variable) +
                           ", batch_size: 4, validate_every: 2, threads: 1, checkpoint_minutes: 1e-9}\n";
  TrainConfig config;
  read_config_text(text, "test", config);
  try {
    train(config);
  } catch (const Interrupted& interrupted) {
    std::_Exit(static_cast<int>(interrupted.code()));
  }
  std::_Exit(0);
}

class Child {
 public:
  Child(const fs::path& folder, int epochs) {
    ::setenv(folder_variable, folder.c_str(), 1);
    ::setenv(epochs_variable, std::to_string(epochs).c_str(), 1);
    const std::string program = fs::read_symlink("/proc/self/exe");
    const char* arguments[] = {program.c_str(), "--gtest_filter=TrainingChild.DISABLED_Trains",
                               "--gtest_also_run_disabled_tests", nullptr};
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    if (::posix_spawn(&process_, program.c_str(), &actions, nullptr, const_cast<char**>(arguments), environ) != 0)
      ADD_FAILURE() << "cannot start " << program;
    ::posix_spawn_file_actions_destroy(&actions);
  }
  /// Exit code, or minus the signal that ended it.
  int wait() {
    int status = 0;
    ::waitpid(process_, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }
  void send(int signal_number) const { ::kill(process_, signal_number); }

 private:
  pid_t process_ = 0;
};

double seconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

void check_equal(const fs::path& unbroken, const fs::path& broken) {
  for (const char* file : {"run/metrics.csv", "run/events.out.tfevents.eddyline"})
    EXPECT_EQ(read_file(unbroken / file), read_file(broken / file)) << file;
  const CheckpointStore a(unbroken / "run/checkpoints"), b(broken / "run/checkpoints");
  ASSERT_EQ(a.newest()->filename(), b.newest()->filename());
  EXPECT_EQ(a.best()->filename(), b.best()->filename());
  for (const char* file : {"model", "average", "optimizer", "normaliser"})
    EXPECT_EQ(read_file(*a.newest() / (std::string(file) + ".safetensors")),
              read_file(*b.newest() / (std::string(file) + ".safetensors")))
        << file;
  EXPECT_EQ(read_file(*a.newest() / "state.json"), read_file(*b.newest() / "state.json"));
}

/// Ends the training `times` times within its run time, then lets it finish.
void end_and_compare(int signal_number, int times, int epochs) {
  const fs::path unbroken = fresh_folder("unbroken"), broken = fresh_folder("broken");
  static_cast<void>(sine_file(unbroken));
  static_cast<void>(sine_file(broken));
  auto start = std::chrono::steady_clock::now();
  ASSERT_EQ(Child(unbroken, epochs).wait(), 0);
  const double duration = seconds_since(start);
  RandomStream random(derived_seed(static_cast<std::uint64_t>(::getpid()), "kills"), "kill times");
  int ended = 0;
  for (int n = 0; n < 4 * times && ended < times; ++n) {
    Child child(broken, epochs);
    // From the start of the process: loading, resuming, some steps.
    std::this_thread::sleep_for(std::chrono::duration<double>(random.uniform(0, duration)));
    child.send(signal_number);
    const int code = child.wait();
    if (code == 0) {  // it was done before: begin anew
      check_equal(unbroken, broken);
      fs::remove_all(broken / "run");
      continue;
    }
    // Before the handlers are installed the signal kills.
    const bool stopped = code == -signal_number || (signal_number != SIGKILL && code == 128 + signal_number);
    ASSERT_TRUE(stopped) << code;
    ++ended;
  }
  EXPECT_GE(ended, times);
  ASSERT_EQ(Child(broken, epochs).wait(), 0);
  check_equal(unbroken, broken);
}

TEST(KilledTraining, ResumesToTheSameBytes) { end_and_compare(SIGKILL, 5, 4); }
TEST(InterruptedTraining, ResumesToTheSameBytes) { end_and_compare(SIGTERM, 3, 4); }
TEST(SlowKilledTraining, HundredKills) { end_and_compare(SIGKILL, 100, 12); }
TEST(SlowInterruptedTraining, FiftySignals) { end_and_compare(SIGTERM, 50, 12); }

}  // namespace
}  // namespace eddyline::test
