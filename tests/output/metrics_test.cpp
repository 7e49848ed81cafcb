#include "core/rollout/metrics.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <nlohmann/json.hpp>
#include <numbers>

#include "core/base/error.hpp"
#include "core/rollout/spectrum.hpp"
#include "tests/output/output_fixture.hpp"

namespace eddyline {
namespace {

const std::vector<Channel> one_scalar = {{"c", "1", ChannelKind::scalar}};
const std::vector<Channel> flow = {{"velocity_x", "m/s", ChannelKind::vector_x},
                                   {"velocity_y", "m/s", ChannelKind::vector_y}};
constexpr double pi = std::numbers::pi;

TEST(Metrics, NumbersByHandOnAStretchedGridWithASolid) {
  // Cells of widths 1, 2, 3 and a solid one; errors 1, 1, 2; references 2, -1, 4.
  const Grid grid({{0, 1, 3, 6, 10}});
  const at::Tensor fluid = at::tensor({1, 1, 1, 0}, at::kInt).to(at::kBool);
  const double nan = std::nan("");
  RolloutMetrics metrics(grid, fluid, one_scalar);
  metrics.add(3, 0.3, at::tensor({3.0, 0.0, 2.0, nan}, at::kDouble).unsqueeze(0),
              at::tensor({2.0, -1.0, 4.0, nan}, at::kDouble).unsqueeze(0));
  const MetricsTable& table = metrics.table();
  // <e^2> = (1 + 2 + 12) / 6 = 2.5; <r^2> = (4 + 2 + 48) / 6 = 9.
  EXPECT_DOUBLE_EQ(table.column("nmse")[0], 2.5 / 9);
  EXPECT_DOUBLE_EQ(table.column("nrmse")[0], std::sqrt(2.5 / 9));
  EXPECT_DOUBLE_EQ(table.column("nrmse_c")[0], std::sqrt(2.5 / 9));
  EXPECT_DOUBLE_EQ(table.column("rmse_c")[0], std::sqrt(2.5));
  // <p> = 9/6, <r> = 12/6; <pr> = (6 + 0 + 24)/6, <p^2> = (9 + 12)/6: covariance 2, variances 1.25 and 5.
  EXPECT_NEAR(table.column("correlation_c")[0], 2 / std::sqrt(1.25 * 5), 1e-14);
  EXPECT_EQ(table.rows[0][0], 3);
  EXPECT_EQ(table.rows[0][1], 0.3);
  EXPECT_EQ(table.columns.size(), 7U);
}

TEST(Metrics, PerfectPredictionAndScaledPrediction) {
  const auto problem = output_test::example_case(32);
  const at::Tensor reference =
      cell_tensor(output_test::example_state(problem, 0.2), {"velocity_x", "velocity_y", "pressure"});
  RolloutMetrics metrics(*problem, output_test::channels());
  metrics.add(0, 0, reference, reference);
  metrics.add(1, 1, 1.5 * reference, reference);
  const MetricsTable& table = metrics.table();
  for (const std::string name : {"nrmse", "nmse", "rmse_pressure", "nrmse_velocity", "spectrum_log_distance"})
    EXPECT_EQ(table.column(name)[0], 0) << name;
  for (const std::string name : {"kinetic_energy_ratio", "spectrum_low_ratio", "spectrum_high_ratio"}) {
    EXPECT_DOUBLE_EQ(table.column(name)[0], 1) << name;
    EXPECT_NEAR(table.column(name)[1], 2.25, 1e-12) << name;
  }
  for (const std::string name : {"nrmse", "nrmse_velocity_x", "nrmse_velocity", "nrmse_pressure"})
    EXPECT_NEAR(table.column(name)[1], 0.5, 1e-14) << name;
  for (const std::string name : {"correlation_velocity_x", "vorticity_correlation"})
    EXPECT_NEAR(table.column(name)[1], 1, 1e-14) << name;
  EXPECT_NEAR(table.column("spectrum_log_distance")[1], std::log10(2.25), 1e-12);
  EXPECT_NEAR(table.column("divergence_max")[1], 1.5 * table.column("reference_divergence_max")[1], 1e-12);
  EXPECT_NEAR(table.column("divergence_rms")[1], 1.5 * table.column("divergence_rms")[0], 1e-12);
  EXPECT_EQ(table.time_above("nrmse", 0.4), 1);
  EXPECT_EQ(table.time_above("nrmse", 0.6), std::numeric_limits<double>::infinity());
  EXPECT_NEAR(table.mean("nrmse"), 0.25, 1e-14);
}

TEST(Metrics, DivergenceOfALinearFieldAndItsMask) {
  const Grid grid({{0, 1, 2, 4, 5, 6, 7}, {0, 1, 3, 4, 5, 6}});
  const at::Tensor x = at::tensor(grid.centers(0), at::kDouble).unsqueeze(0).expand({5, 6});
  const at::Tensor y = at::tensor(grid.centers(1), at::kDouble).unsqueeze(1).expand({5, 6});
  at::Tensor u = 0.25 * x, v = 0.5 * y;  // divergence 0.75
  at::Tensor fluid = at::ones({5, 6}, at::kBool);
  fluid[2][2] = false;
  u = u.clone();
  u[2][2] = 1e9;  // inside the body
  RolloutMetrics metrics(grid, fluid, flow);
  metrics.add(0, 0, at::stack({u, v}), at::stack({u, v}));
  EXPECT_NEAR(metrics.table().column("divergence_max")[0], 0.75, 1e-12);
  EXPECT_NEAR(metrics.table().column("reference_divergence_rms")[0], 0.75, 1e-12);
}

TEST(Metrics, RefusesWrongShapesAndEmptyMasks) {
  const Grid grid = Grid::uniform({0, 0}, {1, 1}, {4, 4});
  RolloutMetrics metrics(grid, {}, flow);
  EXPECT_THROW(metrics.add(0, 0, at::ones({1, 4, 4}), at::ones({2, 4, 4})), ShapeError);
  EXPECT_THROW(RolloutMetrics(grid, at::zeros({4, 4}, at::kBool), flow), DataError);
  EXPECT_THROW(RolloutMetrics(grid, at::ones({4, 5}, at::kBool), flow), ShapeError);
  EXPECT_THROW(static_cast<void>(metrics.table().column("nrsme")), DataError);
}

TEST(Metrics, HostileChannelNamesDoNotBreakTheTable) {
  const Grid grid = Grid::uniform({0}, {1}, {4});
  RolloutMetrics metrics(grid, {}, {{"a,b\n\x1b[2J\"", "1", ChannelKind::scalar}});
  metrics.add(0, 0, at::ones({1, 4}), at::ones({1, 4}));
  const std::string csv = metrics.table().csv();
  EXPECT_EQ(std::count(csv.begin(), csv.end(), '\n'), 2);
  EXPECT_EQ(std::count(csv.begin(), csv.end(), ','), 2 * 6);
  EXPECT_EQ(csv.find('\x1b'), std::string::npos);
}

TEST(MetricsTable, RendersAsTextCsvAndJson) {
  const MetricsTable table{{"frame", "lead_time", "nrmse"}, {{0, 0, 0.1}, {1, 0.5, std::nan("")}}};
  EXPECT_EQ(table.csv(), "frame,lead_time,nrmse\n0,0,0.1\n1,0.5,nan\n");
  EXPECT_EQ(table.text(), "frame  lead_time  nrmse\n    0          0    0.1\n    1        0.5    nan\n");
  EXPECT_EQ(table.text({"nrmse"}), "nrmse\n  0.1\n  nan\n");
  const auto document = nlohmann::json::parse(table.json());
  EXPECT_EQ(document["rows"][0][2], 0.1);
  EXPECT_TRUE(document["rows"][1][2].is_null());
  const MetricsTable other{table.columns, {{0, 0, 0.3}}};
  const std::vector<MetricsTable> tables = {table, other};
  EXPECT_DOUBLE_EQ(mean_of(tables).column("nrmse").at(0), 0.2);
  EXPECT_EQ(mean_of(tables).rows.size(), 1U);
}

TEST(Spectrum, ParsevalOnAPeriodicBox) {
  const Grid grid = Grid::uniform({0, 0}, {3, 2}, {24, 20});
  const at::Tensor velocity = at::randn({2, 20, 24}, at::kDouble);
  const EnergySpectrum spectrum = energy_spectrum(velocity, grid, {true, true});
  double sum = 0;
  for (const double energy : spectrum.energy) sum += energy;
  EXPECT_NEAR(sum, 0.5 * velocity.square().sum(0).mean().item<double>(), 1e-12);
  EXPECT_DOUBLE_EQ(spectrum.wave_numbers[1], pi);
}

TEST(Spectrum, MatchesADirectFourierSum) {
  const Grid grid = Grid::uniform({0, 0}, {1, 1}, {8, 8});
  const at::Tensor velocity = at::randn({2, 8, 8}, at::kDouble);
  const EnergySpectrum spectrum = energy_spectrum(velocity, grid, {true, true});
  std::vector<double> expected(spectrum.energy.size(), 0.0);
  for (int kx = -4; kx < 4; ++kx)
    for (int ky = -4; ky < 4; ++ky)
      for (int c = 0; c < 2; ++c) {
        std::complex<double> mode = 0;
        for (int j = 0; j < 8; ++j)
          for (int i = 0; i < 8; ++i)
            mode += velocity[c][j][i].item<double>() * std::polar(1.0, -2 * pi * (kx * i + ky * j) / 8.0) / 64.0;
        expected.at(static_cast<std::size_t>(std::lround(std::hypot(kx, ky)))) += 0.5 * std::norm(mode);
      }
  for (std::size_t k = 0; k < expected.size(); ++k) EXPECT_NEAR(spectrum.energy[k], expected[k], 1e-13) << k;
  EXPECT_EQ(spectrum.resolved, 4);  // shell 4 would need |k| up to 4.5
}

TEST(Spectrum, OneWaveSitsInItsShellAndWindowsKeepTheEnergy) {
  const Grid grid = Grid::uniform({0, 0}, {2 * pi, 2 * pi}, {64, 64});
  const at::Tensor x = at::tensor(grid.centers(0), at::kDouble).unsqueeze(0).expand({64, 64});
  const at::Tensor velocity = at::stack({at::zeros({64, 64}, at::kDouble), (6 * x).sin()});
  const EnergySpectrum periodic = energy_spectrum(velocity, grid, {true, true});
  for (std::size_t k = 0; k < periodic.energy.size(); ++k)
    EXPECT_NEAR(periodic.energy[k], k == 6 ? 0.25 : 0, 1e-15) << k;
  const EnergySpectrum open = energy_spectrum(velocity, grid);
  double near = 0, sum = 0;
  for (std::size_t k = 0; k < open.energy.size(); ++k) {
    sum += open.energy[k];
    if (k >= 4 && k <= 8) near += open.energy[k];
  }
  EXPECT_NEAR(sum, 0.25, 1e-3);
  EXPECT_GT(near, 0.99 * sum);
}

TEST(Spectrum, BandsShowASmoothedPrediction) {
  const Grid grid = Grid::uniform({0, 0}, {1, 1}, {64, 64});
  const at::Tensor reference = at::randn({2, 64, 64}, at::kDouble);
  // Without the modes from shell 16 on.
  at::Tensor modes = at::fft_fftn(reference, std::nullopt, at::IntArrayRef({1, 2}));
  const at::Tensor k = at::fft_fftfreq(64, 1.0 / 64, at::kDouble);
  modes = modes * ((k.unsqueeze(0).square() + k.unsqueeze(1).square()).sqrt() < 15.5);
  const at::Tensor prediction = at::real(at::fft_ifftn(modes, std::nullopt, at::IntArrayRef({1, 2})));
  const SpectrumError error =
      compare_spectra(energy_spectrum(prediction, grid, {true, true}), energy_spectrum(reference, grid, {true, true}));
  EXPECT_NEAR(error.low_ratio, 1, 1e-12);
  EXPECT_NEAR(error.middle_ratio, 1, 1e-12);
  EXPECT_GT(error.high_ratio, 0.05);
  EXPECT_LT(error.high_ratio, 0.5);
  EXPECT_GT(error.log_distance, 5);
}

TEST(Spectrum, StretchedGridsAreResampled) {
  std::vector<double> nodes;
  for (int i = 0; i <= 96; ++i) nodes.push_back(i / 96.0 + 0.03 * std::sin(2 * pi * i / 96.0) / pi);
  const Grid grid({nodes});
  const at::Tensor x = at::tensor(grid.centers(0), at::kDouble);
  const EnergySpectrum spectrum = energy_spectrum((2 * pi * 3 * x).sin().unsqueeze(0), grid, {true});
  EXPECT_NEAR(spectrum.energy[3], 0.25, 5e-3);
}

}  // namespace
}  // namespace eddyline
