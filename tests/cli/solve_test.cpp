#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>

#include "core/io/atomic_file.hpp"
#include "core/io/csv.hpp"
#include "tests/cli/program.hpp"

namespace eddyline::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// A small cylinder wake; `more` is appended at the top level.
std::string simulation(const std::string& folder, const std::string& more = "",
                       const std::string& obstacle = "{center: [2, 1], radius: 0.25}",
                       const std::string& viscosity = "0.01") {
  return "problem:\n  name: wake\n  grid: [{to: 6, cells: 48}, {to: 2, cells: 24}]\n  parameters: {viscosity: " +
         viscosity +
         "}\n  boundaries: {x_low: {type: inflow, velocity: [1, 0]}, x_high: {type: outflow}, y_low: {type: "
         "free_slip}, y_high: {type: free_slip}}\n"
         "  obstacles: [" +
         obstacle +
         "]\n  initial: {type: uniform, velocity: [1, 0], perturbation: 0.2}\n  length_scale: 0.5\n"
         "time: {end: 1, frame_interval: 0.1}\noutput: {folder: " +
         folder + ", probes: [{name: wake, at: [3, 1]}]}\nthreads: 1\n" + more;
}

TEST(CommandLine, HelpListAndSchemaAnswer) {
  EXPECT_EQ(run_program({"--help"}).exit_code, 0);
  for (const char* command : {"solve", "generate", "train", "evaluate", "predict", "compare", "inspect", "verify",
                              "list", "schema", "doctor", "plot", "completion", "man"}) {
    const auto help = run_program({command, "--help"});
    EXPECT_EQ(help.exit_code, 0) << command;
    EXPECT_THAT(help.output, HasSubstr("Example: eddyline " + std::string(command))) << command;
  }
  EXPECT_THAT(run_program({"list", "operators"}).output, AllOf(HasSubstr("fno"), HasSubstr("hidden_channels")));
  EXPECT_THAT(run_program({"schema", "solve"}).output, HasSubstr("\"frame_interval\""));
  EXPECT_EQ(run_program({"doctor"}).exit_code, 0);
}

TEST(CommandLine, MistakesAreNamedWithTheNearestName) {
  const auto command = run_program({"slove", "x.yaml"});
  EXPECT_EQ(command.exit_code, 2);
  EXPECT_THAT(command.output, HasSubstr("did you mean 'solve'?"));
  EXPECT_EQ(run_program({"solve"}).exit_code, 2);
  EXPECT_EQ(run_program({}).exit_code, 2);
  const auto kind = run_program({"list", "opperators"});
  EXPECT_EQ(kind.exit_code, 2);
  EXPECT_THAT(kind.output, HasSubstr("did you mean 'operators'?"));
}

TEST(Solve, WritesFieldsProbesAndForces) {
  const TemporaryFolder folder;
  const auto result = run_program({"solve", folder.file("run.yaml", simulation(folder.path("out")))});
  ASSERT_EQ(result.exit_code, 0) << result.output;
  EXPECT_TRUE(std::filesystem::exists(folder.path("out/wake.pvd")));
  EXPECT_TRUE(std::filesystem::exists(folder.path("out/wake_000010.vti")));
  const CsvTable history = read_csv(folder.path("out/history.csv")), probes = read_csv(folder.path("out/probes.csv"));
  EXPECT_EQ(history.rows.size(), 40u);
  EXPECT_GT(history.column("drag_coefficient").back(), 0.5);
  EXPECT_LT(history.column("divergence").back(), 1e-10);
  EXPECT_EQ(probes.rows.size(), 40u);
}

TEST(Solve, ARestartEqualsTheUninterruptedRun) {
  const TemporaryFolder folder;
  const std::string whole = folder.file("whole.yaml", simulation(folder.path("whole"))),
                    half = folder.file("half.yaml", simulation(folder.path("half")));
  ASSERT_EQ(run_program({"solve", whole}).exit_code, 0);
  ASSERT_EQ(run_program({"solve", half, "--set", "time.end=0.5"}).exit_code, 0);
  ASSERT_EQ(run_program({"solve", half, "--restart"}).exit_code, 0);
  EXPECT_EQ(read_file(folder.path("whole/history.csv")), read_file(folder.path("half/history.csv")));
  EXPECT_EQ(read_file(folder.path("whole/wake_000010.vti")), read_file(folder.path("half/wake_000010.vti")));
  const auto again = run_program({"solve", whole});
  EXPECT_EQ(again.exit_code, 5);
  EXPECT_THAT(again.output, HasSubstr("--restart"));
}

TEST(Solve, DryRunTouchesNothing) {
  const TemporaryFolder folder;
  const auto result = run_program({"solve", folder.file("run.yaml", simulation(folder.path("out"))), "--dry-run"});
  EXPECT_EQ(result.exit_code, 0);
  EXPECT_THAT(result.output, AllOf(HasSubstr("1152"), HasSubstr("steps")));
  EXPECT_FALSE(std::filesystem::exists(folder.path("out")));
}

TEST(Solve, SignalsLeaveAUsableResult) {
  const TemporaryFolder folder;
  const std::string config = folder.file("run.yaml", simulation(folder.path("out")));
  ProgramOptions interrupt;
  interrupt.signals = {{50, SIGINT}};
  interrupt.signal_when_exists = folder.path("out/restart.safetensors");
  const auto result = run_program({"solve", config, "--set", "time.end=1000"}, interrupt);
  EXPECT_EQ(result.exit_code, 130) << result.output;
  EXPECT_TRUE(std::filesystem::exists(folder.path("out/restart.safetensors")));
  EXPECT_EQ(run_program({"inspect", folder.path("out/restart.safetensors")}).exit_code, 0);
  std::filesystem::remove(folder.path("out/wake.pvd"));  // the second run shows by it that it is under way
  interrupt.signals = {{50, SIGTERM}};
  interrupt.signal_when_exists = folder.path("out/wake.pvd");
  EXPECT_EQ(run_program({"solve", config, "--set", "time.end=1000", "--restart"}, interrupt).exit_code, 143);
}

struct Mistake {
  const char* name;
  std::vector<std::string> set;
  int exit_code;
  const char* message;
};

class SolveMistakes : public testing::TestWithParam<Mistake> {};

TEST_P(SolveMistakes, OneClearParagraphAndTheRightExitCode) {
  const TemporaryFolder folder;
  std::vector<std::string> arguments = {"solve", folder.file("run.yaml", simulation(folder.path("out")))};
  for (const auto& assignment : GetParam().set) arguments.insert(arguments.end(), {"--set", assignment});
  const auto result = run_program(arguments);
  EXPECT_EQ(result.exit_code, GetParam().exit_code) << result.output;
  EXPECT_THAT(result.output, HasSubstr(GetParam().message));
  EXPECT_THAT(result.output, Not(HasSubstr("terminate called")));
}

INSTANTIATE_TEST_SUITE_P(
    All, SolveMistakes,
    testing::Values(Mistake{"typo", {"time.edn=3"}, 2, "did you mean 'end'?"},
                    Mistake{"negative_viscosity", {"problem.parameters.viscosity=-0.1"}, 2, "'viscosity' must be > 0"},
                    Mistake{"outside", {"problem.obstacles.0.center=[20, 1]"}, 2, "outside the domain"},
                    Mistake{"closing", {"problem.obstacles.0.radius=1.5"}, 2, "close the channel"},
                    Mistake{"solver", {"solver.name=incompresible"}, 2, "did you mean 'incompressible'?"},
                    Mistake{"type", {"time.end=soon"}, 2, "expected a number"},
                    Mistake{"probe", {"output.probes.0.at=[99, 1]"}, 2, "lies outside"},
                    Mistake{"read_only", {"output.folder=/proc/nowhere"}, 5, "/proc/nowhere"}),
    [](const auto& mistake) { return std::string(mistake.param.name); });

TEST(Solve, AMissingConfigIsAnInputOutputError) {
  const auto result = run_program({"solve", "no_such_file.yaml"});
  EXPECT_EQ(result.exit_code, 5);
  EXPECT_THAT(result.output, HasSubstr("no_such_file.yaml"));
}

TEST(Verify, AnswersWithItsExitCode) {
  const std::string good = std::string(EDDYLINE_TEST_DATA) + "/parity/fno_1d_default.h5";
  EXPECT_EQ(run_program({"verify", good}).exit_code, 0);
  const TemporaryFolder folder;
  const std::string bytes = read_file(good);
  const auto cut = run_program({"verify", folder.file("cut.h5", bytes.substr(0, bytes.size() / 2))});
  EXPECT_EQ(cut.exit_code, 3);
  EXPECT_THAT(cut.output, HasSubstr("truncated"));
}

}  // namespace
}  // namespace eddyline::test
