// Samples of a run: lines, statistics, the schedule of frames, the summary of forces.

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/base/error.hpp"
#include "core/config/config_reader.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/csv.hpp"
#include "core/rollout/force_summary.hpp"
#include "core/rollout/line_sink.hpp"
#include "core/rollout/output_schedule.hpp"
#include "core/rollout/statistics_sink.hpp"
#include "tests/output/output_fixture.hpp"

namespace eddyline::test {
namespace {

std::shared_ptr<const Case> box() {
  return Case::from_yaml(
      "equation: continuity\nlength_scale: 2\nvelocity_scale: 4\ngrid: [{to: 4, cells: 8}, {to: 2, cells: 6, "
      "stretching: 0.5}]\nboundaries: {x_low: {type: periodic}, x_high: {type: periodic}, y_low: {type: no_slip}, "
      "y_high: {type: no_slip}}\n",
      "test");
}

/// density = 1 + 2 x - 3 y.
State linear(const std::shared_ptr<const Case>& problem) {
  const at::Tensor x = at::tensor(problem->grid().centers(0), at::kDouble),
                   y = at::tensor(problem->grid().centers(1), at::kDouble).unsqueeze(1);
  return cell_state(problem, 0.25, {"density"}, (1 + 2 * x - 3 * y).unsqueeze(0));
}

TEST(LineSink, IsExactOnALinearField) {
  const output_test::ScratchFolder folder;
  const auto problem = box();
  LineConfig line;
  line.name = "slanted";
  line.from = {0.5, 0.4};
  line.to = {3.5, 1.6};
  line.points = 7;
  line.every = 2;
  LineSink sink(folder / "lines", line);
  sink.open(problem, {{"density", "1", ChannelKind::density}});
  const State state = linear(problem);
  sink.write({&state, 3});
  sink.write({&state, 4});
  EXPECT_FALSE(std::filesystem::exists(folder / "lines/slanted_000003.csv"));
  const CsvTable table = read_csv(folder / "lines/slanted_000004.csv");
  const auto x = table.column("x"), y = table.column("y"), density = table.column("density");
  ASSERT_EQ(x.size(), 7u);
  for (std::size_t n = 0; n < x.size(); ++n) EXPECT_NEAR(density[n], 1 + 2 * x[n] - 3 * y[n], 1e-13) << n;
  EXPECT_NEAR(table.column("distance").back(), std::hypot(3, 1.2), 1e-14);
}

TEST(FieldStatistics, WeighsCellsWithTheirVolumesAndLeavesSolidsOut) {
  const at::Tensor values = at::tensor({1.0, 3.0, 100.0}), weight = at::tensor({3.0, 1.0, 0.0});
  const FieldStatistics statistics = field_statistics(values, weight);
  EXPECT_DOUBLE_EQ(statistics.mean, 1.5);
  EXPECT_DOUBLE_EQ(statistics.variance, 0.75);
  EXPECT_EQ(statistics.least, 1);
  EXPECT_EQ(statistics.largest, 3);
  EXPECT_THROW(static_cast<void>(field_statistics(values, at::zeros({3}))), ShapeError);
}

TEST(OutputSchedule, ListsAndIntervalsInConvectiveTimes) {
  TimeConfig time;
  time.convective = true;  // D / U = 0.5
  time.frames = {1, 2.5};
  const OutputSchedule listed(time, *box());
  EXPECT_EQ(listed.frames(), 2);
  EXPECT_DOUBLE_EQ(listed.interval(2), 0.75);
  EXPECT_DOUBLE_EQ(listed.end(), 1.25);
  EXPECT_EQ(listed.frame_at(0.5 + 1e-12), 1);
  EXPECT_THROW(static_cast<void>(listed.frame_at(0.7)), DataError);
  time.frames = {};
  const OutputSchedule even(time, *box());
  EXPECT_EQ(even.frames(), 10);
  EXPECT_EQ(even.interval(3), 0.05);
  EXPECT_EQ(even.frame_at(0.3), 6);
}

TEST(ForceSummary, FindsTheStrouhalNumber) {
  const output_test::ScratchFolder folder;
  std::string table = "time,residual,drag_coefficient,lift_coefficient\n";
  for (int n = 1; n <= 400; ++n) {
    const double t = 0.1 * n;
    table += csv_line({t, 0, 1.3 + 0.1 * std::sin(2 * M_PI * 0.66 * t), 0.5 * std::sin(2 * M_PI * 0.33 * t)});
  }
  write_atomically(folder / "history.csv", table);
  SimulationConfig config;
  config.problem.length_scale = 0.5;
  const std::string text = write_force_summary(folder.path(), config);
  EXPECT_THAT(text, testing::HasSubstr("Strouhal number 0.165 from 6."));
  const CsvTable forces = read_csv(folder / "forces.csv");
  EXPECT_NEAR(forces.column("strouhal").front(), 0.165, 1e-4);
  EXPECT_NEAR(forces.column("drag_coefficient.mean").front(), 1.3, 0.01);
  EXPECT_NEAR(forces.column("lift_coefficient.largest").front(), 0.5, 0.01);
}

}  // namespace
}  // namespace eddyline::test
