#include <gtest/gtest.h>

#include <filesystem>

#include "core/io/csv.hpp"
#include "tests/cli/program.hpp"

namespace eddyline::test {
namespace {

/// A config and what makes a few steps of it: fewer cells, two short frames.
struct Shipped {
  const char* name;
  double frame;
  std::vector<std::string> set;
};

class FiniteVolumeConfigs : public testing::TestWithParam<Shipped> {};

TEST_P(FiniteVolumeConfigs, RunAFewSteps) {
  const TemporaryFolder folder;
  const std::string frame = std::to_string(GetParam().frame), end = std::to_string(2 * GetParam().frame);
  std::vector<std::string> arguments = {
      "solve", std::string(EDDYLINE_SOURCE_DIR) + "/configs/" + GetParam().name + "/solve.yaml",
      "--set", "output.folder=" + folder.path("out"),
      "--set", "time.frame_interval=" + frame,
      "--set", "time.end=" + end,
      "--set", "threads=1"};
  for (const auto& assignment : GetParam().set) arguments.insert(arguments.end(), {"--set", assignment});
  const auto result = run_program(arguments);
  ASSERT_EQ(result.exit_code, 0) << result.output;
  EXPECT_FALSE(read_csv(folder.path("out/history.csv")).rows.empty());
}

INSTANTIATE_TEST_SUITE_P(
    All, FiniteVolumeConfigs,
    testing::Values(
        Shipped{"sod", 0.01, {}}, Shipped{"toro", 0.0005, {}},
        Shipped{"isentropic_vortex", 0.1, {"problem.grid.0.cells=32", "problem.grid.1.cells=32"}},
        Shipped{"kelvin_helmholtz", 0.01, {"problem.grid.0.cells=32", "problem.grid.1.cells=32"}},
        Shipped{"riemann_2d", 0.01, {"problem.grid.0.cells=32", "problem.grid.1.cells=32"}},
        Shipped{"double_mach", 0.005, {"problem.grid.0.cells=80", "problem.grid.1.cells=20"}},
        Shipped{"blast", 0.005, {"problem.grid.0.cells=16", "problem.grid.1.cells=16", "problem.grid.2.cells=16"}},
        Shipped{"dam_break", 0.02, {"problem.grid.0.cells=40", "problem.grid.1.cells=40"}},
        Shipped{"burgers", 0.01, {}}, Shipped{"mp_pde_e1", 0.016, {}}),
    [](const auto& shipped) { return std::string(shipped.param.name); });

}  // namespace
}  // namespace eddyline::test
