// `cmake --install`, the installed program, a project that embeds the library, and the way back.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "core/io/atomic_file.hpp"
#include "core/io/vtk_reader.hpp"
#include "tests/cli/program.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

const fs::path source_folder = EDDYLINE_SOURCE_DIR;
const fs::path build_folder = fs::path(EDDYLINE_PROGRAM).parent_path().parent_path();

/// What a shell command prints, and whether it succeeded.
ProgramResult shell(const TemporaryFolder& folder, const std::string& command) {
  const std::string log = folder.path("log");
  const int status = std::system(("(" + command + ") >'" + log + "' 2>&1").c_str());
  return {status == 0 ? 0 : 1, read_file(log)};
}

/// Installs into FOLDER/prefix. The manifest in the build folder is shared by all tests, hence the lock and the copy.
void install(const TemporaryFolder& folder) {
  const auto result =
      shell(folder, "flock '" + (build_folder / "install.lock").string() + "' sh -c \"cmake --install '" +
                        build_folder.string() + "' --prefix '" + folder.path("prefix") + "' && cp '" +
                        (build_folder / "install_manifest.txt").string() + "' '" + folder.path("manifest") + "'\"");
  ASSERT_EQ(result.exit_code, 0) << result.output;
}

TEST(Install, EverythingIsThereRunsAndGoesAgain) {
  const TemporaryFolder folder;
  install(folder);
  for (const char* file :
       {"bin/eddyline", "lib/libeddyline.so", "include/eddyline/core/training/surrogate.hpp",
        "lib/cmake/Eddyline/EddylineConfig.cmake", "lib/cmake/Eddyline/EddylineConfigVersion.cmake",
        "lib/cmake/Eddyline/EddylineTargets.cmake", "share/man/man1/eddyline.1",
        "share/bash-completion/completions/eddyline", "share/zsh/site-functions/_eddyline",
        "share/fish/vendor_completions.d/eddyline.fish", "share/eddyline/configs/cylinder/quick.yaml"})
    EXPECT_TRUE(fs::exists(folder.path("prefix/" + std::string(file)))) << file;

  const std::string program = "'" + folder.path("prefix/bin/eddyline") + "'";
  EXPECT_THAT(shell(folder, "cd / && " + program + " --version").output, HasSubstr("eddyline 0."));
  // It uses the library that was installed with it, not the build's, and no folder of another machine.
  const auto libraries = shell(folder, "ldd " + program);
  EXPECT_THAT(libraries.output, AllOf(HasSubstr(folder.path("prefix")), Not(HasSubstr("not found"))));
  EXPECT_THAT(shell(folder, "readelf -d " + program).output,
              AllOf(HasSubstr("$ORIGIN/../lib"), Not(HasSubstr("intel64"))));
  EXPECT_THAT(shell(folder, "readelf -d " + program).output, Not(HasSubstr(build_folder.string() + "/lib")));

  const std::string targets = read_file(folder.path("prefix/lib/cmake/Eddyline/EddylineTargets.cmake"));
  EXPECT_THAT(targets, AllOf(HasSubstr("Eddyline::eddyline"), Not(HasSubstr(source_folder.string() + "/core"))));

  const auto removal =
      shell(folder, "'" + (source_folder / "scripts/uninstall.sh").string() + "' '" + folder.path("manifest") + "'");
  EXPECT_EQ(removal.exit_code, 0) << removal.output;
  for (const auto& entry : fs::recursive_directory_iterator(folder.path("prefix"))) {
    EXPECT_TRUE(entry.is_directory()) << entry.path();
    EXPECT_NE(entry.path().filename(), "eddyline");
  }
}

TEST(Install, InstalledHeadersNeedNothingThatIsNotInstalled) {
  for (const auto& entry : fs::recursive_directory_iterator(source_folder / "core")) {
    if (entry.path().extension() != ".hpp") continue;
    const std::string text = read_file(entry.path());
    for (const char* layer : {"apps/", "operators/", "solvers/", "datasets/", "tests/"})
      EXPECT_THAT(text, Not(HasSubstr("#include \"" + std::string(layer)))) << entry.path();
  }
}

TEST(SlowInstall, AProjectLoadsAnOperatorAdvancesAndWrites) {
  const TemporaryFolder folder;
  install(folder);
  const std::string program = "'" + folder.path("prefix/bin/eddyline") + "'";
  const std::string config = folder.file(
      "tiny.yaml",
      "generate:\n  name: tiny\n  folder: " + folder.path("data") +
          "\n  splits: {train: 2, valid: 1, test: 1}\n  problem:\n    grid: [{to: 4, cells: 24}, {to: 2, cells: 12}]\n"
          "    parameters: {viscosity: 0.01}\n    boundaries: {x_low: {type: inflow, velocity: [1, 0]}, x_high: {type: "
          "outflow}, y_low: {type: free_slip}, y_high: {type: free_slip}}\n"
          "    obstacles: [{center: [1, 1], radius: 0.25}]\n    initial: {type: uniform, velocity: [1, 0]}\n"
          "  draw: {speed: {from: 0.8, to: 1.2}}\n  derive: {boundaries.x_low.velocity.0: speed}\n"
          "  parameters: [{name: speed, unit: m/s, value: speed}]\n  frame_interval: 0.25\n  frames: 6\n"
          "train:\n  run: " +
          folder.path("run") + "\n  data: {path: " + folder.path("data") +
          "}\n  operator: {name: fno, n_modes: [4, 4], hidden_channels: 4, n_layers: 1}\n"
          "  task: {name: next_step, bundle: 2, pushforward: 0, rollout_frames: 3}\n  training: {epochs: 1, "
          "batch_size: 4, threads: 1}\n");
  const auto training = shell(folder, program + " generate '" + config + "' && " + program + " train '" + config + "'");
  ASSERT_EQ(training.exit_code, 0) << training.output;

  const std::string build = folder.path("build"), output = folder.path("last.vti");
  const auto configured = shell(folder, "cmake -S '" + (source_folder / "tests/consumer").string() + "' -B '" + build +
                                            "' -DCMAKE_PREFIX_PATH='" + folder.path("prefix") + "'");
  ASSERT_EQ(configured.exit_code, 0) << configured.output;
  const auto built = shell(folder, "cmake --build '" + build + "'");
  ASSERT_EQ(built.exit_code, 0) << built.output;
  const auto ran = shell(folder, "'" + build + "/forecast' '" + folder.path("run") + "' 3 '" + output + "'");
  ASSERT_EQ(ran.exit_code, 0) << ran.output;
  const VtkGridFile file = read_vtk(output);
  EXPECT_EQ(file.grid->cell_shape(), (std::vector<std::int64_t>{12, 24}));
  EXPECT_EQ(file.arrays.size(), 2U);  // velocity and pressure
  EXPECT_EQ(shell(folder, "'" + build + "/forecast' /nowhere 3 '" + output + "'").exit_code, 1);
}

}  // namespace
}  // namespace eddyline::test
