// What `eddyline solve` leaves behind: lines, statistics, spectra, frames at listed times, forces; restarted too.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "core/io/atomic_file.hpp"
#include "core/io/csv.hpp"
#include "tests/cli/program.hpp"

namespace eddyline::test {
namespace {

using testing::HasSubstr;

/// Burgers on a periodic line, frames at listed times.
std::string burgers(const std::string& folder) {
  return "problem:\n  name: line\n  equation: burgers\n  parameters: {viscosity: 0.01}\n  grid: [{cells: 64}]\n"
         "  boundaries: {x_low: {type: periodic}, x_high: {type: periodic}}\n"
         "  initial: {type: random, seed: 5, random: {u: {peak_wavenumber: 12, normalised: true}}}\n"
         "solver: {name: finite_volume}\ntime: {frames: [0.02, 0.05, 0.1], history_per_frame: 2}\n"
         "output: {folder: " +
         folder +
         ", statistics_every: 1, spectra_every: 1, lines: [{name: all, from: [0], to: [1], points: 5}]}\nthreads: 1\n";
}

TEST(SolveOutput, LinesStatisticsSpectraAndFramesAtListedTimes) {
  const TemporaryFolder folder;
  const auto result =
      run_program({"solve", folder.file("run.yaml", burgers(folder.path("out"))), "--set", "output.log_every=1"});
  ASSERT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("frame 2: t 0.05, residual "));
  const std::string collection = read_file(folder.path("out/line.pvd"));
  for (const char* time : {"timestep=\"0\"", "timestep=\"0.02\"", "timestep=\"0.05\"", "timestep=\"0.1\""})
    EXPECT_THAT(collection, HasSubstr(time));
  const CsvTable statistics = read_csv(folder.path("out/statistics.csv"));
  ASSERT_EQ(statistics.rows.size(), 4u);
  EXPECT_NEAR(statistics.column("u.variance").front(), 1, 0.02);  // of cell averages
  EXPECT_NEAR(statistics.column("u.mean").back(), statistics.column("u.mean").front(), 1e-12);
  EXPECT_LT(statistics.column("u.variance").back(), statistics.column("u.variance").front());
  const CsvTable spectrum = read_csv(folder.path("out/spectra/spectrum_000000.csv"));
  double energy = 0;
  for (const double part : spectrum.column("energy")) energy += part;
  EXPECT_NEAR(energy, 0.5 * statistics.column("u.variance").front(), 1e-6);
  const CsvTable line = read_csv(folder.path("out/lines/all_000003.csv"));
  EXPECT_EQ(line.columns, (std::vector<std::string>{"distance", "x", "u", "time"}));
  EXPECT_EQ(line.column("x"), (std::vector<double>{0, 0.25, 0.5, 0.75, 1}));
  EXPECT_NEAR(line.column("time").front(), 0.1, 1e-12);
  EXPECT_EQ(read_csv(folder.path("out/history.csv")).rows.size(), 6u);
  EXPECT_FALSE(std::filesystem::exists(folder.path("out/forces.csv")));
  EXPECT_EQ(run_program({"plot", folder.path("out"), "--output", folder.path("plots")}).exit_code, 0);
}

TEST(SolveOutput, ARestartLeavesTheSameTables) {
  const TemporaryFolder folder;
  const std::string whole = folder.file("whole.yaml", burgers(folder.path("whole"))),
                    half = folder.file("half.yaml", burgers(folder.path("half")));
  ASSERT_EQ(run_program({"solve", whole}).exit_code, 0);
  ASSERT_EQ(run_program({"solve", half, "--set", "time.frames=[0.02, 0.05]"}).exit_code, 0);
  ASSERT_EQ(run_program({"solve", half, "--restart"}).exit_code, 0);
  for (const char* file : {"history.csv", "statistics.csv", "lines/all_000003.csv", "spectra/spectrum_000003.csv",
                           "line.pvd", "line_000003.vti"})
    EXPECT_EQ(read_file(folder.path("whole/") + file), read_file(folder.path("half/") + file)) << file;
  const auto other = run_program({"solve", half, "--restart", "--set", "time.frames=[0.03, 0.2]"});
  EXPECT_EQ(other.exit_code, 3);
  EXPECT_THAT(other.output, HasSubstr("which time.frames does not have"));
}

TEST(SolveOutput, ForcesAreSummedUpAtTheEnd) {
  const TemporaryFolder folder;
  const std::string config =
      "problem:\n  name: wake\n  grid: [{to: 6, cells: 48}, {to: 2, cells: 24}]\n  parameters: {viscosity: 0.01}\n"
      "  boundaries: {x_low: {type: inflow, velocity: [1, 0]}, x_high: {type: outflow}, y_low: {type: free_slip}, "
      "y_high: {type: free_slip}}\n  obstacles: [{center: [2, 1], radius: 0.25}]\n"
      "  initial: {type: uniform, velocity: [1, 0]}\n  length_scale: 0.5\n"
      "time: {end: 1, frame_interval: 0.25}\noutput: {vtk: false, folder: " +
      folder.path("out") + "}\nthreads: 1\n";
  const auto result = run_program({"solve", folder.file("run.yaml", config)});
  ASSERT_EQ(result.exit_code, 0) << result.output;
  EXPECT_THAT(result.output, HasSubstr("forces from t = 0.5 to 1: drag_coefficient"));
  const CsvTable forces = read_csv(folder.path("out/forces.csv")), history = read_csv(folder.path("out/history.csv"));
  double mean = 0;
  const auto drag = history.column("drag_coefficient");
  for (std::size_t n = 7; n < 16; ++n) mean += drag[n] / 9;
  EXPECT_NEAR(forces.column("drag_coefficient.mean").front(), mean, 1e-12);
  EXPECT_EQ(run_program({"plot", folder.path("out"), "--output", folder.path("plots")}).exit_code, 0);
}

TEST(SolveOutput, MistakesNameTheKey) {
  const TemporaryFolder folder;
  const std::string config = folder.file("run.yaml", burgers(folder.path("out")));
  const auto refused = [&](const std::string& assignment, const std::string& message) {
    const auto result = run_program({"solve", config, "--dry-run", "--set", assignment});
    EXPECT_EQ(result.exit_code, 2) << assignment;
    EXPECT_THAT(result.output, HasSubstr(message)) << assignment;
  };
  refused("time.frames=[0.02, 0.01]", "0.01 comes after 0.02");
  refused("time.frame=[0.02]", "did you mean 'frames'?");
  refused("output.lines.0.to=[1.5]", "output.lines.0.to: x = 1.5 lies outside [0, 1]");
  refused("output.lines.0.to=[0]", "is the same point as from");
  refused("output.lines.0.from=[0, 1]", "output.lines.0.from: expected one coordinate [x]");
  refused("output.lines.0.name=a/b", "output.lines.0.name");
  refused("problem.boundaries={x_low: {type: outflow}, x_high: {type: outflow}}",
          "output.spectra_every: an energy spectrum needs a box with periodic sides");
  refused("problem.initial.random.u.peak_wavenumber=0", "spectrum peak needs one");
  refused("problem.initial.random={v: {peak_wavenumber: 3}}", "no channel is called 'v'");
  refused("problem.initial.type=formula", "is for type random, not formula");
}

TEST(SolveOutput, RandomVelocitiesStartIncompressibleFlow) {
  const TemporaryFolder folder;
  const std::string config =
      "problem:\n  name: turbulence\n  grid: [{to: 6.283185307179586, cells: 32}, {to: 6.283185307179586, cells: 32}]\n"
      "  parameters: {viscosity: 0.01}\n"
      "  boundaries: {x_low: {type: periodic}, x_high: {type: periodic}, y_low: {type: periodic}, y_high: {type: "
      "periodic}}\n"
      "  initial: {type: random, seed: 2, random: {velocity: {peak_wavenumber: 3, normalised: true}}}\n"
      "time: {end: 0.02, frame_interval: 0.02}\noutput: {vtk: false, statistics_every: 1, spectra_every: 1, folder: " +
      folder.path("out") + "}\nthreads: 1\n";
  const auto result = run_program({"solve", folder.file("run.yaml", config)});
  ASSERT_EQ(result.exit_code, 0) << result.output;
  const CsvTable statistics = read_csv(folder.path("out/statistics.csv")),
                 spectrum = read_csv(folder.path("out/spectra/spectrum_000000.csv"));
  EXPECT_NEAR(statistics.column("velocity_x.variance").front() + statistics.column("velocity_y.variance").front(), 1,
              0.1);  // velocities at cell centres are means of those on faces
  const auto energy = spectrum.column("energy");
  double near_peak = 0, total = 0;
  for (std::size_t k = 0; k < energy.size(); ++k) {
    total += energy[k];
    if (k >= 1 && k <= 6) near_peak += energy[k];
  }
  EXPECT_GT(near_peak, 0.95 * total);
  EXPECT_LT(energy[0], 1e-6 * total);
}

}  // namespace
}  // namespace eddyline::test
