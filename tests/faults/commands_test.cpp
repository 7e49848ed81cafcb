// Bad input and bad surroundings of every command: one clear paragraph, the right exit code, nothing written is lost.

#include <ATen/ATen.h>
#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>
#include <limits>
#include <thread>

#include "core/io/atomic_file.hpp"
#include "core/io/hdf5.hpp"
#include "core/io/safetensors.hpp"
#include "core/training/checkpoint.hpp"
#include "tests/faults/small_run.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(EveryCommand, NamesAMissingFile) {
  for (const char* command : {"solve", "generate", "train", "compare"})
    expect_refusal(run_program({command, "no/such.yaml"}), 5, "no/such.yaml");
  for (const char* command : {"evaluate", "predict", "inspect"})
    expect_refusal(run_program({command, "no/such"}), 5, "no/such");
}

TEST(EveryCommand, NamesWhatIsWrongWithADatasetARunOrAnOption) {
  const SmallRun small;
  const std::string data = small.path("data"), run = small.path("run"), output = small.path("out");
  const std::string test_file = data + "/data/test/tiny.hdf5", bytes = read_file(test_file);

  // A dataset that is missing, cut, or holds a NaN.
  expect_refusal(run_program({"train", small.config(), "--set", "run=" + small.path("other"), "--set",
                              "data.path=" + small.path("nowhere")}),
                 5, "nowhere");
  fs::create_directories(small.path("cut"));
  fs::copy(data, small.path("cut"), fs::copy_options::recursive | fs::copy_options::overwrite_existing);
  write_atomically(small.path("cut/data/test/tiny.hdf5"), bytes.substr(0, bytes.size() / 2));
  write_atomically(small.path("cut/data/train/tiny.hdf5"), bytes.substr(0, bytes.size() / 2));
  const std::string cut = small.path("cut");
  expect_refusal(run_program({"evaluate", run, cut, "--output", output}), 3, "cut/data/t");
  expect_refusal(run_program({"predict", run, "--input", cut + "#test/0", "--output", output}), 3, "cut/data/t");
  expect_refusal(run_program({"compare", small.config(), "--set", "data=" + cut}), 3, "truncated");
  expect_refusal(
      run_program({"train", small.config(), "--set", "run=" + small.path("other"), "--set", "data.path=" + cut}), 3,
      "truncated");

  // A run that is no run, and a checkpoint that is damaged.
  expect_refusal(run_program({"predict", data, "--output", output}), 5, "no whole checkpoint");
  const CheckpointStore store(fs::path(run) / "checkpoints");
  const fs::path newest = *store.newest();
  fs::copy(newest, small.path("step-000001"), fs::copy_options::recursive);
  for (const char* file :
       {"model.safetensors", "average.safetensors", "normaliser.safetensors", "model.json", "state.json"}) {
    const std::string whole = read_file(newest / file);
    for (const std::string& damaged : {std::string(), whole.substr(0, whole.size() / 2), std::string(500, '\x7f')}) {
      write_atomically(small.path("step-000001/") + file, damaged);
      expect_refusal(
          run_program({"predict", small.path("step-000001"), "--input", data + "#test/0", "--output", output}), 3,
          "step-000001");
    }
    write_atomically(small.path("step-000001/") + file, whole);
  }
  EXPECT_FALSE(fs::exists(output));

  // Options beyond their range.
  for (const auto& [option, value] : std::vector<std::pair<std::string, std::string>>{{"--steps", "-1"},
                                                                                      {"--steps", "100000000000"},
                                                                                      {"--threads", "-1"},
                                                                                      {"--threads", "99999999999"},
                                                                                      {"--pictures-every", "0"},
                                                                                      {"--checkpoint", "newest"},
                                                                                      {"--input", data + "#test/9"},
                                                                                      {"--input", data + "#test/-1"},
                                                                                      {"--input", data + "#test/0@7"},
                                                                                      {"--input", data + "#test"}})
    expect_refusal(run_program({"predict", run, option, value, "--output", output}), 2, "");
  expect_refusal(run_program({"evaluate", run, "--frames", "-1"}), 2, "-1");
  expect_refusal(run_program({"evaluate", run, "--cases", "-2"}), 2, "-2");
}

/// The test split with a NaN in frame 4, velocity_y, cell (3, 5): copied value by value, as a foreign program would.
void plant_nan(const std::string& from, const std::string& to) {
  const auto source = hdf5::File::open(from);
  auto target = hdf5::File::create(to);
  const auto copy_attributes = [&](const std::string& object) {
    for (const auto& name : source.attributes(object)) {
      if (const auto texts = source.string_attribute(object, name))
        texts->size() == 1 && name != "field_names" && name != "spatial_dims" && name != "simulation_parameters"
            ? target.set_attribute(object, name, texts->front())
            : target.set_attribute(object, name, *texts);
      else if (const auto numbers = source.number_attribute(object, name); numbers && name == "dim_varying")
        target.set_attribute(object, name, std::vector<bool>(numbers->begin(), numbers->end()));
      else if (numbers && numbers->size() == 1)
        target.set_attribute(object, name, numbers->front());
    }
  };
  copy_attributes("/");
  for (const auto& group : source.links("/")) {
    target.make_group(group);
    copy_attributes(group);
    if (group == "boundary_conditions") continue;
    for (const auto& name : source.links(group)) {
      const std::string path = group + "/" + name;
      if (path == "eddyline/cases") {
        target.write_strings(path, source.read_strings(path));
        continue;
      }
      at::Tensor values = source.read(path).clone();
      if (path == "t1_fields/velocity") values[0][4][3][5][1] = std::numeric_limits<float>::quiet_NaN();
      target.write(path, values);
      copy_attributes(path);
    }
  }
  target.commit();
}

TEST(EveryCommand, NamesTheNotANumberInADataset) {
  const SmallRun small;
  fs::copy(small.path("data"), small.path("bad"), fs::copy_options::recursive);
  plant_nan(small.path("data/data/test/tiny.hdf5"), small.path("bad/data/test/tiny.hdf5"));
  plant_nan(small.path("data/data/test/tiny.hdf5"), small.path("bad/data/train/tiny.hdf5"));
  const std::string bad = small.path("bad"), place = "frame 4, channel velocity_y, cell (3, 5)";
  for (const auto& command : std::vector<std::vector<std::string>>{
           {"train", small.config(), "--set", "run=" + small.path("other"), "--set", "data.path=" + bad},
           {"evaluate", small.path("run"), bad, "--output", small.path("out")},
           {"predict", small.path("run"), "--input", bad + "#test/0", "--output", small.path("out")},
           {"compare", small.config(), "--set", "data=" + bad}}) {
    const auto result = run_program(command);
    expect_refusal(result, 3, "tiny.hdf5': trajectory 0");
    EXPECT_THAT(result.output, HasSubstr(place));
  }
  const auto check = run_program({"inspect", bad, "--check"});
  EXPECT_EQ(check.exit_code, 1);
  EXPECT_THAT(check.output, HasSubstr(place));
}

TEST(EveryCommand, RefusesAnOutputFolderThatCannotBeWrittenBeforeItComputes) {
  const SmallRun small;
  const std::string run = small.path("run"), config = small.config();
  const std::string simulation = small.file("solve.yaml", small_simulation(small.path("solved")));
  const auto commands = [&](const std::string& folder) {
    return std::vector<std::vector<std::string>>{{"solve", simulation, "--set", "output.folder=" + folder},
                                                 {"generate", config, "--set", "folder=" + folder},
                                                 {"train", config, "--set", "run=" + folder},
                                                 {"compare", config, "--set", "folder=" + folder},
                                                 {"evaluate", run, "--output", folder},
                                                 {"predict", run, "--output", folder}};
  };
  const std::string file = small.file("a_file", "");
  // /proc refuses even root; a file is no folder; a name beyond 255 bytes exists nowhere.
  for (const std::string& folder : {std::string("/proc/nowhere"), file, file + "/below", std::string(300, 'x')})
    for (const auto& command : commands(folder)) {
      const auto result = run_program(command);
      expect_refusal(result, 5, folder.size() > 200 ? "too long" : folder.substr(0, folder.find("/below")));
    }
  // A folder without write permission, as an ordinary user meets it.
  fs::create_directory(small.path("read_only"));
  fs::permissions(small.path("read_only"),
                  fs::perms::owner_read | fs::perms::owner_exec | fs::perms::others_read | fs::perms::others_exec);
  fs::permissions(small.path(), fs::perms::all);
  ProgramOptions nobody;
  if (is_root())
    nobody.in_child = [] {
      if (::setgid(65534) != 0 || ::setuid(65534) != 0) _exit(99);
    };
  for (const auto& command : commands(small.path("read_only"))) {
    const auto result = run_program(command, nobody);
    if (result.exit_code == 127) GTEST_SKIP() << "the program lies where an ordinary user may not run it";
    expect_refusal(result, 5, "read_only");
    EXPECT_THAT(result.output, HasSubstr("Permission denied"));
  }
  EXPECT_TRUE(fs::is_empty(small.path("read_only")));
}

TEST(EveryCommand, ASecondProcessInTheFolderIsRefusedWithItsOwner) {
  const SmallRun small(false);
  const std::string simulation = small.file("solve.yaml", small_simulation(small.path("solved")));
  const auto collide = [&](const std::vector<std::string>& first, const std::vector<std::string>& second,
                           const std::string& lock) {
    std::error_code missing;
    fs::remove(lock, missing);
    const pid_t child = ::fork();
    if (child == 0) {
      const int nothing = ::open("/dev/null", O_RDWR);
      ::dup2(nothing, STDOUT_FILENO);
      ::dup2(nothing, STDERR_FILENO);
      std::vector<char*> arguments = {const_cast<char*>(EDDYLINE_PROGRAM)};
      for (const auto& argument : first) arguments.push_back(const_cast<char*>(argument.c_str()));
      arguments.push_back(nullptr);
      ::execv(EDDYLINE_PROGRAM, arguments.data());
      _exit(127);
    }
    std::string owner;  // the second starts while the first holds the folder
    for (int n = 0; n < 3000 && owner.empty(); ++n) {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      if (fs::exists(lock)) owner = read_file(lock);
    }
    const auto result = run_program(second);
    ::kill(child, SIGKILL);
    int status = 0;
    ::waitpid(child, &status, 0);
    expect_refusal(result, 6, "in use by process " + std::to_string(child) + " on ");
    EXPECT_THAT(result.output, HasSubstr(" since 2"));
    EXPECT_THAT(owner, HasSubstr("process " + std::to_string(child)));
  };
  collide({"solve", simulation, "--set", "time.end=1000"}, {"solve", simulation}, small.path("solved/.lock"));
  const std::vector<std::string> long_data = {"generate", small.config(),       "--set", "folder=" + small.path("more"),
                                              "--set",    "splits.train=100000"};
  collide(long_data, long_data, small.path("more/.lock"));
  // The lock went with its owner.
  EXPECT_EQ(run_program({"generate", small.config()}).exit_code, 0);
  const std::vector<std::string> long_training = {"train", small.config(), "--set", "training.epochs=100000"};
  collide(long_training, long_training, small.path("run/.lock"));
}

TEST(EveryCommand, CtrlCAtRandomMomentsLeavesWholeFiles) {
  const SmallRun small;
  const std::string simulation = small.file("solve.yaml", small_simulation(small.path("solved")));
  const auto interrupted = [&](const std::vector<std::string>& command, int after_ms, int signal,
                               const std::string& when_exists = "") {
    ProgramOptions options;
    options.signals = {{after_ms, signal}};
    options.signal_when_exists = when_exists;
    const int code = run_program(command, options).exit_code;
    // Done before, stopped by us, or killed before the handler stood.
    EXPECT_TRUE(code == 0 || code == 128 + signal) << command[0] << ": " << code;
    return code;
  };
  for (int n = 0; n < 3; ++n) {
    interrupted({"predict", small.path("run"), "--steps", "400", "--output", small.path("out")}, 150 + 300 * n, SIGINT);
    check_vtk_files(small.path("out"));
    interrupted({"compare", small.config(), "--set", "frames=3"}, 100 + 100 * n, SIGTERM);
    interrupted(with({"solve", simulation, "--set", "time.end=1000"},
                     fs::exists(small.path("solved/restart.safetensors")) ? std::vector<std::string>{"--restart"}
                                                                          : std::vector<std::string>{}),
                100 + 200 * n, n % 2 == 0 ? SIGINT : SIGTERM, small.path("solved/history.csv"));
    check_vtk_files(small.path("solved"));
  }
  EXPECT_EQ(run_program({"inspect", small.path("solved/restart.safetensors")}).exit_code, 0);
  EXPECT_EQ(run_program({"inspect", small.path("run"), "--check"}).exit_code, 0);
  if (fs::exists(small.path("out/test_0.h5"))) {
    EXPECT_EQ(run_program({"inspect", small.path("out/test_0.h5"), "--check"}).exit_code, 0);
  }
}

}  // namespace
}  // namespace eddyline::test
