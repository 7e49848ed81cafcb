// The spectral solver: exact solutions, order in time, what it keeps, statistics of a chaotic state.

#include <ATen/Parallel.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <omp.h>

#include <cmath>

#include "core/base/error.hpp"
#include "tests/validation/grid_cases.hpp"
#include "tests/validation/verification.hpp"

namespace eddyline::test {
namespace {

std::unique_ptr<Solver> spectral(const std::string& case_yaml, const std::string& settings = "{}") {
  const auto config = SolverRegistry::instance().make_config("spectral");
  read_config_text(settings, "solver", *config);
  return SolverRegistry::instance().create("spectral", *config, Case::from_yaml(case_yaml, "test"));
}

std::string line(const std::string& equation, const std::string& parameters, double length, int cells,
                 const std::string& initial) {
  return "equation: " + equation + "\nparameters: {" + parameters + "}\ngrid: [" + axis(0, length, cells) + "]\n" +
         sides(1, "periodic") + "initial: {type: formula, values: {u: \"" + initial + "\"}}\n";
}

double diagnostic(const Solver& solver, const State& state, const std::string& name) {
  for (const auto& [key, value] : solver.diagnostics(state))
    if (key == name) return value;
  throw DataError("no diagnostic " + name);
}

/// u_t + 6 u u_x + u_xxx = 0: u = c/2 sech^2(sqrt(c)/2 (x - c t)) (Korteweg & de Vries 1895), c = 1.5, on a line so
/// long that its tails meet below round-off.
std::string soliton(int cells) {
  return line("korteweg_de_vries", "convection: 6, dispersion: 1", 60, cells, "0.75/cosh(0.5*sqrt(1.5)*(x-30))^2");
}

double soliton_error(const Solver& solver, double time) {
  const std::vector<double> u = values(run_to(solver, time), "u");
  double largest = 0;
  for (std::size_t i = 0; i < u.size(); ++i) {
    const double x = (static_cast<double>(i) + 0.5) * 60 / static_cast<double>(u.size());
    const double shifted = std::remainder(x - 30 - 1.5 * time, 60);
    largest = std::max(largest, std::abs(u[i] - 0.75 / std::pow(std::cosh(0.5 * std::sqrt(1.5) * shifted), 2)));
  }
  return largest;
}

TEST(Spectral, SolitonOfKortewegAndDeVriesOrderAndLevel) {
  const auto error = [](double step) {
    return soliton_error(*spectral(soliton(256), "{cfl: 2, largest_step: " + format_number(step) + "}"), 4);
  };
  const double coarse = error(0.02), fine = error(0.01);
  const std::string physics = "Equations on a line", problem = "soliton of Korteweg-de Vries, t = 4";
  expect_order({physics, problem, "256, dt 0.02, 0.01", "order in time", "exact"}, observed_order(coarse, fine), 3.8);
  expect_error_below({physics, problem, "256, dt 0.01", "largest error", "exact"}, fine, 1e-6);
}

TEST(Spectral, HeatIsExactInOneStep) {
  const auto solver = spectral(line("heat", "diffusivity: 0.3", 2, 33, "1+sin(pi*x)+0.2*cos(4*pi*x)"));
  const std::vector<double> u = values(run_to(*solver, 0.7), "u");
  double largest = 0;
  for (std::size_t i = 0; i < u.size(); ++i) {
    const double x = (static_cast<double>(i) + 0.5) * 2 / 33;
    const double exact = 1 + std::exp(-0.3 * M_PI * M_PI * 0.7) * std::sin(M_PI * x) +
                         0.2 * std::exp(-0.3 * 16 * M_PI * M_PI * 0.7) * std::cos(4 * M_PI * x);
    largest = std::max(largest, std::abs(u[i] - exact));
  }
  expect_error_below({"Equations on a line", "heat, one step to t = 0.7", "33", "largest error", "exact"}, largest,
                     1e-13);
}

TEST(Spectral, SmallWavesOfKuramotoAndSivashinskyGrowAsTheLinearTheorySays) {
  // exp((k^2 - nu k^4) t) with k = 2 pi 3 / 22.
  const auto solver =
      spectral(line("kuramoto_sivashinsky", "viscosity: 0.8", 22, 64, "1e-8*cos(6*pi*x/22)"), "{largest_step: 0.1}");
  const double k = 6 * M_PI / 22, rate = k * k - 0.8 * k * k * k * k;
  const std::vector<double> u = values(run_to(*solver, 5), "u"), start = values(solver->initial_state(), "u");
  expect_near_reference(
      {"Equations on a line", "Kuramoto-Sivashinsky, small waves, t = 5", "64", "growth of a wave", "linear theory"},
      u[0] / start[0], std::exp(5 * rate), 1e-6);
}

TEST(Spectral, KeepsTheMeanAndTheEnergyOfKortewegAndDeVries) {
  const auto solver = spectral(soliton(256), "{largest_step: 0.005}");
  const State start = solver->initial_state(), end = advanced(*solver, start, 5);
  EXPECT_NEAR(diagnostic(*solver, end, "total_u") / diagnostic(*solver, start, "total_u"), 1, 1e-12);
  EXPECT_NEAR(diagnostic(*solver, end, "mean_square") / diagnostic(*solver, start, "mean_square"), 1, 1e-9);
}

std::string chaos(int cells = 64) {
  return line("kuramoto_sivashinsky", "viscosity: 1", 22, cells, "cos(2*pi*x/22)*(1+sin(2*pi*x/22))");
}

TEST(Spectral, TheSameBitsForAnyNumberOfThreadsAndAcrossARestart) {
  const auto solver = spectral(chaos());
  const State start = solver->initial_state();
  const auto whole = solver->advance(std::span(&start, 1), 2, 6);
  const State again = solver->advance(std::span(&whole[2], 1), 2, 3).back();
  EXPECT_TRUE(at::equal(again.fields.at("u").values, whole.back().fields.at("u").values));
  const int threads = omp_get_max_threads();
  for (const int count : {1, 2, 3, 4}) {
    omp_set_num_threads(count);
    at::set_num_threads(count);
    const auto other = solver->advance(std::span(&start, 1), 2, 6);
    EXPECT_TRUE(at::equal(other.back().fields.at("u").values, whole.back().fields.at("u").values)) << count;
  }
  omp_set_num_threads(threads);
  at::set_num_threads(threads);
}

TEST(Spectral, TheResidualOfATransitionVanishesWithTheStep) {
  const auto solver = spectral(soliton(128));
  const State start = solver->initial_state();
  const auto residual = [&](double dt) {
    return solver->residual(start, advanced(*solver, start, dt)).abs().max().item<double>();
  };
  EXPECT_GT(std::log2(residual(0.02) / residual(0.01)), 1.8);
}

TEST(Spectral, WhatDoesNotFitIsNamed) {
  const auto message = [](const std::string& yaml) -> std::string {
    try {
      static_cast<void>(spectral(yaml));
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "no error";
  };
  std::string walls = chaos();
  for (int side = 0; side < 2; ++side) walls.replace(walls.find("periodic"), 8, "outflow");
  EXPECT_THAT(message(walls), testing::HasSubstr("needs periodic sides, not outflow"));
  EXPECT_THAT(message(chaos() + "forcing: {values: {u: \"1\"}}\n"), testing::HasSubstr("forcing: nothing acts"));
  EXPECT_THAT(message("equation: burgers\nparameters: {viscosity: 0.1}\ngrid: [" + axis(0, 1, 8) + "]\n" +
                      sides(1, "periodic")),
              testing::HasSubstr("spectral solves heat, korteweg_de_vries, kuramoto_sivashinsky, not burgers"));
}

/// reference/kuramoto_sivashinsky.yaml, L = 22: mean of u^2 and of u_x^2 within 2 %.
TEST(SlowSpectral, StatisticsOfKuramotoAndSivashinsky) {
  const auto solver = spectral(chaos(), "{largest_step: 0.1}");
  State state = advanced(*solver, solver->initial_state(), 500);
  double square = 0, gradient = 0;
  constexpr int samples = 20000;
  for (int n = 0; n < samples; ++n) {
    state = advanced(*solver, state, 1);
    square += diagnostic(*solver, state, "mean_square") / samples;
    gradient += diagnostic(*solver, state, "mean_square_gradient") / samples;
  }
  const std::string physics = "Equations on a line", problem = "Kuramoto-Sivashinsky, L = 22, mean over 20000",
                    source = "ETDRK4, own reference run";
  expect_within_part({physics, problem, "64", "mean of u^2", source}, square, 1.408, 0.02);
  expect_within_part({physics, problem, "64", "mean of u_x^2", source}, gradient, 0.916, 0.02);
}

}  // namespace
}  // namespace eddyline::test
