#include <gif_lib.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <memory>

#include "core/io/atomic_file.hpp"
#include "tests/cli/program.hpp"

namespace eddyline::test {
namespace {

using testing::HasSubstr;

/// The output folder of a small simulation, made once.
class Plot : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_ = std::make_unique<TemporaryFolder>();
    const std::string config = folder_->file(
        "run.yaml",
        "problem:\n  name: wake\n  grid: [{to: 6, cells: 48}, {to: 2, cells: 24}]\n  parameters: {viscosity: 0.01}\n"
        "  boundaries: {x_low: {type: inflow, velocity: [1, 0]}, x_high: {type: outflow}, y_low: {type: free_slip}, "
        "y_high: {type: free_slip}}\n  obstacles: [{center: [2, 1], radius: 0.25}]\n  initial: {type: uniform, "
        "velocity: [1, 0], perturbation: 0.2}\n  length_scale: 0.5\ntime: {end: 1, frame_interval: 0.1}\noutput: "
        "{folder: " +
            folder_->path("out") + ", probes: [{name: wake, at: [3, 1]}]}\nthreads: 1\n");
    const auto result = run_program({"solve", config});
    ASSERT_EQ(result.exit_code, 0) << result.output;
  }
  static void TearDownTestSuite() { folder_.reset(); }
  static std::string path(const std::string& name) { return folder_->path(name); }
  static std::unique_ptr<TemporaryFolder> folder_;
};
std::unique_ptr<TemporaryFolder> Plot::folder_;

TEST_F(Plot, APathAloneGivesFieldAndCurves) {
  const auto result = run_program({"plot", path("out")});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  for (const char* name : {"wake_vorticity_000010.png", "forces.svg", "residuals.png", "probes_velocity.svg"}) {
    EXPECT_THAT(result.output, HasSubstr(name));
    EXPECT_TRUE(std::filesystem::exists(path("out/plots/" + std::string(name)))) << name;
  }
}

TEST_F(Plot, AnAnimationHasEveryNthFrame) {
  const auto result = run_program({"plot", path("out"), "--field", "speed", "--every", "2", "--fps", "5", "--range",
                                   "-0.5", "-0.1", "--width", "400", "--output", path("a.gif")});
  ASSERT_EQ(result.exit_code, 0) << result.output;
  int error = 0;
  GifFileType* gif = DGifOpenFileName(path("a.gif").c_str(), &error);
  ASSERT_NE(gif, nullptr);
  EXPECT_EQ(DGifSlurp(gif), GIF_OK);
  EXPECT_EQ(gif->ImageCount, 6);
  EXPECT_EQ(DGifCloseFile(gif, &error), GIF_OK);
  EXPECT_EQ(run_program({"plot", path("out"), "--every", "5", "--output", path("a.ogv")}).exit_code, 0);
  EXPECT_TRUE(read_file(path("a.ogv")).starts_with("OggS"));
}

TEST_F(Plot, ColumnsAreFoundInTheFolder) {
  const auto result = run_program({"plot", path("out"), "--x", "time", "--y", "drag_coefficient,lift_coefficient",
                                   "--range", "-1", "3", "--output", path("forces.svg")});
  EXPECT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(read_file(path("forces.svg")), HasSubstr("drag coefficient"));
}

TEST_F(Plot, MistakesHaveTheirExitCode) {
  const auto field = run_program({"plot", path("out"), "--field", "sped"});
  EXPECT_EQ(field.exit_code, 2);
  EXPECT_THAT(field.output, HasSubstr("did you mean 'speed'?"));
  const auto column = run_program({"plot", path("out"), "--y", "drag"});
  EXPECT_EQ(column.exit_code, 2);
  const auto missing = run_program({"plot", path("nothing")});
  EXPECT_EQ(missing.exit_code, 5);
  EXPECT_THAT(missing.output, HasSubstr("nothing"));
  const std::string whole = read_file(path("out/wake_000010.vti"));
  const auto cut = run_program({"plot", folder_->file("cut.vti", whole.substr(0, whole.size() / 2))});
  EXPECT_EQ(cut.exit_code, 3);
  EXPECT_THAT(cut.output, HasSubstr("cut.vti"));
  EXPECT_EQ(run_program({"plot", path("out"), "--output", path("a.webm")}).exit_code, 2);
  EXPECT_EQ(run_program({"plot", path("out"), "--output", "/proc/nowhere/a.png"}).exit_code, 5);
}

}  // namespace
}  // namespace eddyline::test
