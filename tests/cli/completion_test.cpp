// Completions, the manual page and the check-up of the installed program.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "core/io/atomic_file.hpp"
#include "tests/cli/program.hpp"

namespace eddyline::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

/// What bash offers for the last of these words.
std::string offered(const TemporaryFolder& folder, const std::vector<std::string>& words) {
  const std::string script = folder.path("completion.bash");
  std::string list;
  for (const auto& word : words) list += " '" + word + "'";
  const std::string log = folder.path("log");
  const std::string command = "bash -c \"source '" + script + "'; COMP_WORDS=(" + list +
                              "); COMP_CWORD=" + std::to_string(words.size() - 1) +
                              "; _eddyline; printf '%s ' \\\"\\${COMPREPLY[@]}\\\"\" >'" + log + "' 2>&1";
  EXPECT_EQ(std::system(command.c_str()), 0) << command;
  return " " + read_file(log);
}

TEST(Completion, BashOffersCommandsOptionsKeysAndPlugins) {
  const TemporaryFolder folder;
  static_cast<void>(folder.file("completion.bash", run_program({"completion", "bash"}).output));
  EXPECT_EQ(offered(folder, {"eddyline", "tr"}), " train ");
  EXPECT_THAT(offered(folder, {"eddyline", ""}),
              AllOf(HasSubstr(" solve "), HasSubstr(" plot "), HasSubstr(" --version ")));
  EXPECT_THAT(offered(folder, {"eddyline", "--quiet", "pre"}), HasSubstr(" predict "));
  EXPECT_EQ(offered(folder, {"eddyline", "solve", "--dr"}), " --dry-run ");
  EXPECT_EQ(offered(folder, {"eddyline", "plot", "--show", "diff"}), " difference ");
  EXPECT_EQ(offered(folder, {"eddyline", "predict", "--checkpoint", ""}), " best last ");
  EXPECT_EQ(offered(folder, {"eddyline", "solve", "c.yaml", "--set", "time.frame_"}), " time.frame_interval= ");
  EXPECT_THAT(offered(folder, {"eddyline", "train", "c.yaml", "--set", "operator.n_"}),
              HasSubstr(" operator.n_modes= "));
  EXPECT_EQ(offered(folder, {"eddyline", "list", "oper"}), " operators ");
  EXPECT_THAT(offered(folder, {"eddyline", "list", "operators", ""}), HasSubstr(" fno "));
  EXPECT_THAT(offered(folder, {"eddyline", "schema", ""}), AllOf(HasSubstr(" train "), Not(HasSubstr(" plot "))));
  EXPECT_EQ(offered(folder, {"eddyline", "completion", "z"}), " zsh ");
}

TEST(Completion, OtherShellsKnowTheSame) {
  for (const char* shell : {"zsh", "fish"})
    EXPECT_THAT(run_program({"completion", shell}).output,
                AllOf(HasSubstr("time.frame_interval="), HasSubstr("dry-run"), HasSubstr("operators")))
        << shell;
  const auto unknown = run_program({"completion", "bsh"});
  EXPECT_EQ(unknown.exit_code, 2);
  EXPECT_THAT(unknown.output, HasSubstr("did you mean 'bash'?"));
}

TEST(ManualPage, IsWholeAndWellFormed) {
  const auto page = run_program({"man"});
  EXPECT_EQ(page.exit_code, 0);
  EXPECT_THAT(page.output, AllOf(HasSubstr(".TH EDDYLINE 1"), HasSubstr(".SS plot"), HasSubstr("frame_interval"),
                                 HasSubstr("operators: fno"), HasSubstr(".SH EXIT STATUS")));
  if (std::system("command -v groff >/dev/null 2>&1") != 0) GTEST_SKIP() << "groff is not installed";
  const TemporaryFolder folder;
  const std::string file = folder.file("eddyline.1", page.output), log = folder.path("log");
  ASSERT_EQ(
      std::system(
          ("groff -man -Tascii -ww -W break '" + file + "' 2>'" + log + "' >'" + folder.path("text") + "'").c_str()),
      0);
  EXPECT_EQ(read_file(log), "");
  EXPECT_THAT(read_file(folder.path("text")), HasSubstr("Stopped by a signal; what is written is whole."));
}

TEST(Doctor, ExaminesTheFolderAndSaysWhatIsWrong) {
  const TemporaryFolder folder;
  const auto good = run_program({"doctor", folder.path()});
  EXPECT_EQ(good.exit_code, 0) << good.output;
  EXPECT_THAT(good.output, AllOf(HasSubstr("FFT"), HasSubstr("HDF5"), HasSubstr("operators"), Not(HasSubstr("BAD"))));
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  const auto bad = run_program({"doctor", "/proc"});
  EXPECT_EQ(bad.exit_code, 1) << bad.output;
  EXPECT_THAT(bad.output, HasSubstr("BAD"));
}

}  // namespace
}  // namespace eddyline::test
