#include "solvers/physics/burgers.hpp"

#include <cmath>

#include "core/config/config.hpp"
#include "solvers/grid/grid_model.hpp"

namespace eddyline {
namespace {

class BurgersEquation : public Equation {
 public:
  explicit BurgersEquation(const EmptyConfig&) {}
  [[nodiscard]] std::string name() const override { return "burgers"; }
  [[nodiscard]] std::vector<Channel> channels(int) const override { return {{"u", "m/s", ChannelKind::scalar}}; }
  [[nodiscard]] std::vector<Parameter> parameters() const override { return {{"viscosity", "m^2/s"}}; }
  [[nodiscard]] std::vector<std::string> conserved() const override { return {"u"}; }
};

/// The family E1-E3: alpha (here the coefficient of u du/dx), beta, gamma, and the ranges of the random waves.
class ForcedBurgersEquation final : public BurgersEquation {
 public:
  using BurgersEquation::BurgersEquation;
  [[nodiscard]] std::string name() const override { return "forced_burgers"; }
  [[nodiscard]] std::vector<Parameter> parameters() const override {
    return {{"alpha", "1"},         {"beta", "m^2/s"},      {"gamma", "m^3/s"},         {"waves", "1"},
            {"amplitude", "m/s^2"}, {"frequency", "rad/s"}, {"largest_wavenumber", "1"}};
  }
  [[nodiscard]] std::vector<std::string> conserved() const override { return {}; }
};

EquationRows rows_with(const Case& problem, double convection, const std::string& viscosity_name, double dispersion) {
  const double viscosity = problem.parameter(viscosity_name);
  if (viscosity < 0) throw ConfigError("parameters: '" + viscosity_name + "' must be >= 0");
  return rows_in_dimension(problem.grid().dimension(), [&]<int Dimension>() {
    return BurgersFlux<Dimension>{convection, viscosity, dispersion};
  });
}

EquationRows burgers_rows(const Case& problem) { return rows_with(problem, 1, "viscosity", 0); }
EquationRows forced_rows(const Case& problem) {
  if (problem.grid().dimension() != 1) throw ConfigError("grid: forced_burgers is one-dimensional");
  return rows_with(problem, problem.parameter("alpha"), "beta", problem.parameter("gamma"));
}

RandomWaves random_waves(const Case& problem, const std::vector<double>& x) {
  const auto whole = [&](const std::string& name) {
    const double value = problem.parameter(name);
    if (!(value >= 1 && value <= 1000) || value != std::floor(value))
      throw ConfigError("parameters: '" + name + "' must be a whole number from 1 to 1000, got " +
                        std::to_string(value));
    return static_cast<std::int64_t>(value);
  };
  const RandomWavesRanges ranges{whole("waves"), problem.parameter("amplitude"), problem.parameter("frequency"),
                                 whole("largest_wavenumber")};
  return RandomWaves(ranges, static_cast<std::uint64_t>(problem.config().initial.seed),
                     problem.grid().high(0) - problem.grid().low(0), x);
}

const EquationRegistry::Registration<BurgersEquation, EmptyConfig> equation{"burgers",
                                                                            "Burgers' equation, with viscosity"};
const EquationRegistry::Registration<ForcedBurgersEquation, EmptyConfig> forced_equation{
    "forced_burgers", "Burgers' equation with dispersion and random forcing: E1-E3 of MP-PDE"};
const GridModels::Registration model{"burgers", {burgers_rows, "rusanov", nullptr}};
const GridModels::Registration forced_model{"forced_burgers", {forced_rows, "rusanov", random_waves}};
const CommonFluxes<BurgersFlux<1>, BurgersFlux<2>, BurgersFlux<3>> fluxes{};

}  // namespace
}  // namespace eddyline
