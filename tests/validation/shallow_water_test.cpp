#include <gtest/gtest.h>

#include <algorithm>

#include "core/io/csv.hpp"
#include "tests/validation/grid_cases.hpp"
#include "tests/validation/verification.hpp"

namespace eddyline::test {
namespace {

std::string channel_1d(int cells, double half_length, const std::string& values, const std::string& side = "outflow") {
  return "equation: shallow_water\nparameters: {gravity: 9.81}\ngrid: [" + axis(-half_length, half_length, cells) +
         "]\n" + sides(1, side) + "initial: {type: formula, values: {" + values + "}}\n";
}

double dam_break_error(const std::string& file, double right_depth, int cells) {
  const auto solver = finite_volume(channel_1d(cells, 50, "depth: \"x < 0 ? 1 : " + format_number(right_depth) + "\""),
                                    "{cfl: 0.45, time: ssp_rk2}");
  const auto depth = values(run_to(*solver, 4), "depth");
  const CsvTable table = read_csv(std::string(EDDYLINE_TEST_DATA) + "/reference/" + file);
  const auto exact = table.column("h"), x = table.column("x");
  double error = 0;
  for (std::size_t i = 0; i < depth.size(); ++i) {
    // Point values every quarter of a metre: the trapezoidal mean over the cell.
    const double width = 100.0 / cells, low = -50 + static_cast<double>(i) * width;
    double sum = 0, weights = 0;
    for (std::size_t k = 0; k < x.size(); ++k) {
      if (x[k] < low - 1e-9 || x[k] > low + width + 1e-9) continue;
      const bool is_end = x[k] < low + 1e-9 || x[k] > low + width - 1e-9;
      sum += (is_end ? 0.5 : 1) * exact[k];
      weights += is_end ? 0.5 : 1;
    }
    error += std::abs(depth[i] - sum / weights) / static_cast<double>(depth.size());
  }
  return error;
}

TEST(DamBreak, RitterOnADryBed) {
  for (const auto& [cells, level] : {std::pair{100, 3.8e-3}, {200, 1.8e-3}, {400, 8.8e-4}})
    expect_error_below(
        {"shallow water", "dam break on a dry bed", std::to_string(cells), "mean absolute depth error", "Ritter"},
        dam_break_error("shallow_ritter_dry.csv", 0, cells), 1.2 * level);
}
TEST(DamBreak, StokerOnAWetBed) {
  for (const auto& [cells, level] : {std::pair{100, 3.3e-3}, {200, 1.7e-3}, {400, 8.7e-4}})
    expect_error_below(
        {"shallow water", "dam break on a wet bed", std::to_string(cells), "mean absolute depth error", "Stoker"},
        dam_break_error("shallow_stoker_wet_mild.csv", 0.5, cells), 1.2 * level);
}

TEST(LakeAtRest, StaysAtRestOverAnyBedWithDryIslands) {
  for (const char* settings : {"{points: 1}", "{points: 1, reconstruction: weno5z}", "{points: 1, flux: rusanov}",
                               "{points: 1, reconstruction: monotonized_central}"}) {
    const std::string bed = "1.5*exp(-x^2/4)+0.3*sin(3*x)";
    const auto solver = finite_volume(
        channel_1d(100, 10, "bed: \"" + bed + "\", depth: \"max(0, 1-(" + bed + "))\"", "free_slip"), settings);
    const State start = solver->initial_state(), end = advanced(*solver, start, 2);
    EXPECT_LT(end.fields.at("velocity_x").values.abs().max().item<double>(), 1e-12) << settings;
    EXPECT_LT((end.fields.at("depth").values - start.fields.at("depth").values).abs().max().item<double>(), 1e-12)
        << settings;
  }
}

TEST(LakeAtRest, StaysAtRestInTwoDimensions) {
  const std::string bed = "1.4*exp(-(x-0.3)^2*4-(y+0.2)^2*3)+0.1*x";
  const auto solver =
      finite_volume("equation: shallow_water\nparameters: {gravity: 9.81}\ngrid: [" + axis(-2, 2, 40) + ", " +
                        axis(-2, 2, 30) + "]\n" + sides(2, "free_slip") + "initial: {type: formula, values: {bed: \"" +
                        bed + "\", depth: \"max(0, 1-(" + bed + "))\"}}\n",
                    "{points: 1}");
  const State start = solver->initial_state(), end = advanced(*solver, start, 1);
  EXPECT_LT(end.fields.at("velocity_x").values.abs().max().item<double>(), 1e-12);
  EXPECT_LT(end.fields.at("velocity_y").values.abs().max().item<double>(), 1e-12);
  EXPECT_LT((end.fields.at("depth").values - start.fields.at("depth").values).abs().max().item<double>(), 1e-12);
}

TEST(Thacker, PlanarSurfaceInAParabolicBowl) {
  // reference/shallow_water_extra.yaml: a = 3000, h0 = 10, B = 5, g = 9.81; one period.
  const double a = 3000, h0 = 10, b = 5, g = 9.81, w = std::sqrt(2 * g * h0) / a, period = 2 * std::acos(-1.0) / w;
  const std::string bed = "10*(x^2/9000000-1)",
                    level = format_number(-b * w / g) + "*x-" + format_number(b * b / (2 * g));
  const auto solver = finite_volume(
      channel_1d(200, 5000, "bed: \"" + bed + "\", depth: \"max(0, " + level + "-(" + bed + "))\""), "{cfl: 0.45}");
  State state = solver->initial_state();
  const double mass = state.fields.at("depth").values.sum().item<double>();
  state = advanced(*solver, state, period);
  const auto depth = values(state, "depth");
  const auto x = state.problem->grid().centers(0);
  double error = 0;
  std::size_t wet = 0;
  for (std::size_t i = 0; i < depth.size(); ++i) {
    const double ground = h0 * (x[i] * x[i] / (a * a) - 1), exact = -b * w / g * x[i] - b * b / (2 * g);
    if (exact <= ground) continue;
    error += std::abs(depth[i] + ground - exact);
    ++wet;
  }
  expect_error_below({"shallow water", "planar surface in a bowl, one period", "200", "mean absolute level error / h0",
                      "Thacker 1981"},
                     error / static_cast<double>(wet) / h0, 1.1e-3);
  EXPECT_GE(*std::min_element(depth.begin(), depth.end()), -1e-12);
  EXPECT_NEAR(state.fields.at("depth").values.sum().item<double>(), mass, 1e-9 * mass);
}

}  // namespace
}  // namespace eddyline::test
