// Every flux and reconstruction of the nonlinear equations on a smooth exact solution: a simple wave before it breaks.
// w = w0(x - w t) solves Burgers' equation; so do the right-running waves w = u + c of gases and shallow water whose
// other invariant is constant (Toro, Riemann Solvers, 3rd ed. (2009), section 3.1; LeVeque (2002), section 13.8).

#include <functional>
#include <numbers>

#include "tests/validation/grid_cases.hpp"
#include "tests/validation/verification.hpp"

namespace eddyline::test {
namespace {

struct SimpleWave {
  const char* equation;
  std::string parameters, initial;
  double mean, amplitude, time;
  std::vector<std::string> fluxes;
  std::function<std::vector<double>(double)> conserved;  // of w
};

const SimpleWave& simple_wave(const std::string& equation) {
  static const std::vector<SimpleWave> all = {{"burgers",
                                               "viscosity: 0",
                                               "u: \"1\"",
                                               0.5,
                                               0.5,
                                               0.15,
                                               {"rusanov", "hll"},
                                               [](double w) { return std::vector<double>{w}; }},
                                              {"shallow_water",
                                               "gravity: 9.81",
                                               "depth: \"1\"",
                                               std::sqrt(9.81),
                                               0.5,
                                               0.15,
                                               {"rusanov", "hll"},
                                               [](double w) {
                                                 const double c = (w + 2 * std::sqrt(9.81)) / 3, h = c * c / 9.81;
                                                 return std::vector<double>{h, h * (w - c)};
                                               }},
                                              {"compressible_euler",
                                               "gamma: 1.4",
                                               "density: \"1\", pressure: \"1\"",
                                               std::sqrt(1.4),
                                               0.5,
                                               0.15,
                                               {"rusanov", "hll", "hllc", "roe"},
                                               [](double w) {
                                                 const double c = 0.4 / 2.4 * (w + 5 * std::sqrt(1.4)),
                                                              rho = std::pow(c * c / 1.4, 2.5), u = w - c,
                                                              p = std::pow(rho, 1.4);
                                                 return std::vector<double>{rho, rho * u, p / 0.4 + 0.5 * rho * u * u};
                                               }}};
  for (const auto& one : all)
    if (one.equation == equation) return one;
  throw std::logic_error("no simple wave of " + equation);
}

/// Averages by four Gauss points a cell.
at::Tensor averages(const SimpleWave& wave, int cells, double time) {
  constexpr std::array<double, 4> points = {-0.8611363115940526, -0.3399810435848563, 0.3399810435848563,
                                            0.8611363115940526};
  constexpr std::array<double, 4> weights = {0.3478548451374538, 0.6521451548625461, 0.6521451548625461,
                                             0.3478548451374538};
  const double k = 2 * std::numbers::pi;
  const auto components = static_cast<std::int64_t>(wave.conserved(wave.mean).size());
  at::Tensor out = at::zeros({components, cells}, at::kDouble);
  auto at = out.accessor<double, 2>();
  for (int i = 0; i < cells; ++i)
    for (std::size_t n = 0; n < 4; ++n) {
      const double x = (i + 0.5 + 0.5 * points[n]) / cells;
      double foot = x;
      for (int step = 0; step < 50; ++step)
        foot -= (foot + time * (wave.mean + wave.amplitude * std::sin(k * foot)) - x) /
                (1 + time * wave.amplitude * k * std::cos(k * foot));
      const auto u = wave.conserved(wave.mean + wave.amplitude * std::sin(k * foot));
      for (std::int64_t c = 0; c < components; ++c) at[c][i] += 0.5 * weights[n] * u[static_cast<std::size_t>(c)];
    }
  return out;
}

double simple_wave_error(const SimpleWave& wave, int cells, const std::string& settings) {
  const auto solver = finite_volume(std::string("equation: ") + wave.equation + "\nparameters: {" + wave.parameters +
                                        "}\ngrid: [" + axis(0, 1, cells) + "]\n" + sides(1, "periodic") +
                                        "initial: {type: formula, values: {" + wave.initial + "}}\n",
                                    settings);
  State state = solver->initial_state();
  state.auxiliary["conserved"] = averages(wave, cells, 0);
  const at::Tensor end = advanced(*solver, state, wave.time).auxiliary.at("conserved");
  return (end - averages(wave, cells, wave.time)).abs()[0].mean().item<double>();
}

struct SchemeLevel {
  const char* equation;
  const char* reconstruction;
  double least, level;  // order from 64 to 128 cells, mean |error| of the first component at 128, the worst flux
};
class SimpleWaves : public testing::TestWithParam<SchemeLevel> {};

TEST_P(SimpleWaves, OrderAndLevelOfEveryFlux) {
  const auto& [equation, reconstruction, least, level] = GetParam();
  const SimpleWave& wave = simple_wave(equation);
  for (const auto& flux : wave.fluxes) {
    const std::string settings = "{cfl: 0.2, flux: " + flux + ", reconstruction: " + std::string(reconstruction) + "}";
    const double coarse = simple_wave_error(wave, 64, settings), fine = simple_wave_error(wave, 128, settings);
    const std::string scheme = std::string("simple wave, ") + reconstruction + ", " + flux;
    expect_order({equation, scheme, "64, 128", "order", "exact"}, observed_order(coarse, fine), least);
    expect_error_below({equation, scheme, "128", "mean absolute error", "exact"}, fine, level);
  }
}
INSTANTIATE_TEST_SUITE_P(Schemes, SimpleWaves,
                         testing::Values(SchemeLevel{"burgers", "piecewise_constant", 0.95, 5.7e-3},
                                         SchemeLevel{"burgers", "minmod", 1.85, 2.9e-4},
                                         SchemeLevel{"burgers", "van_leer", 2, 1.2e-4},
                                         SchemeLevel{"burgers", "monotonized_central", 1.9, 8.9e-5},
                                         SchemeLevel{"burgers", "weno5z", 4.8, 4.3e-8},
                                         SchemeLevel{"shallow_water", "piecewise_constant", 0.9, 5.9e-3},
                                         SchemeLevel{"shallow_water", "minmod", 1.75, 3.7e-4},
                                         SchemeLevel{"shallow_water", "van_leer", 2, 1.5e-4},
                                         SchemeLevel{"shallow_water", "monotonized_central", 1.95, 1.02e-4},
                                         SchemeLevel{"shallow_water", "weno5z", 2, 3.2e-6},
                                         SchemeLevel{"compressible_euler", "piecewise_constant", 0.92, 9.6e-3},
                                         SchemeLevel{"compressible_euler", "minmod", 1.8, 5.8e-4},
                                         SchemeLevel{"compressible_euler", "van_leer", 1.95, 2.5e-4},
                                         SchemeLevel{"compressible_euler", "monotonized_central", 1.93, 1.7e-4},
                                         SchemeLevel{"compressible_euler", "weno5z", 1.95, 1.75e-5},
                                         SchemeLevel{"compressible_euler", "weno5z_characteristic", 1.95, 1.8e-5}),
                         [](const auto& one) {
                           return std::string(one.param.equation) + "_" + one.param.reconstruction;
                         });

}  // namespace
}  // namespace eddyline::test
