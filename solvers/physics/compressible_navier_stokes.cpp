#include "solvers/physics/compressible_navier_stokes.hpp"

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/config/config.hpp"
#include "solvers/grid/grid_model.hpp"
#include "solvers/reconstruction/weno5z.hpp"
#include "solvers/riemann/hllc.hpp"
#include "solvers/riemann/roe.hpp"

namespace eddyline {
namespace {

class CompressibleNavierStokesEquation : public Equation {
 public:
  explicit CompressibleNavierStokesEquation(const EmptyConfig&) {}
  [[nodiscard]] std::string name() const override { return "compressible_navier_stokes"; }
  [[nodiscard]] std::vector<Channel> channels(int dimension) const override {
    return EquationRegistry::instance().create("compressible_euler", EmptyConfig{})->channels(dimension);
  }
  [[nodiscard]] std::vector<Parameter> parameters() const override {
    return {{"gamma", "1"}, {"viscosity", "Pa s"}, {"prandtl", "1"}, {"gas_constant", "J/(kg K)"}};
  }
  [[nodiscard]] std::vector<std::string> positive_parameters() const override {
    return {"gamma", "viscosity", "prandtl", "gas_constant"};
  }
  [[nodiscard]] std::vector<std::string> conserved() const override {
    return {"mass", "momentum_x", "momentum_y", "momentum_z", "energy"};
  }
  [[nodiscard]] std::vector<std::string> positive() const override { return {"density", "pressure"}; }
};

class SutherlandEquation final : public CompressibleNavierStokesEquation {
 public:
  using CompressibleNavierStokesEquation::CompressibleNavierStokesEquation;
  [[nodiscard]] std::string name() const override { return "compressible_navier_stokes_sutherland"; }
  [[nodiscard]] std::vector<Parameter> parameters() const override {
    auto all = CompressibleNavierStokesEquation::parameters();
    all.push_back({"sutherland_temperature", "K"});
    all.push_back({"reference_temperature", "K"});
    return all;
  }
  [[nodiscard]] std::vector<std::string> positive_parameters() const override {
    auto all = CompressibleNavierStokesEquation::positive_parameters();
    all.push_back("sutherland_temperature");
    all.push_back("reference_temperature");
    return all;
  }
};

EquationRows rows_with(const Case& problem, double sutherland_temperature, double reference_temperature) {
  const double gamma = problem.parameter("gamma");
  if (!(gamma > 1)) throw ConfigError("parameters: 'gamma' must be > 1, got " + format_number(gamma));
  return rows_in_dimension(problem.grid().dimension(), [&]<int Dimension>() {
    CompressibleNavierStokes<Dimension> gas;
    gas.gamma = gamma;
    gas.viscosity = problem.parameter("viscosity");
    gas.prandtl = problem.parameter("prandtl");
    gas.gas_constant = problem.parameter("gas_constant");
    gas.sutherland_temperature = sutherland_temperature;
    gas.reference_temperature = reference_temperature;
    return gas;
  });
}
EquationRows rows(const Case& problem) { return rows_with(problem, 0, 1); }
EquationRows sutherland_rows(const Case& problem) {
  return rows_with(problem, problem.parameter("sutherland_temperature"), problem.parameter("reference_temperature"));
}

/// Everything that an ideal gas has.
template <int Dimension>
struct Schemes {
  using Gas = CompressibleNavierStokes<Dimension>;
  FluxTable::Registration<Gas, Hllc> hllc;
  FluxTable::Registration<Gas, Roe> roe;
  ReconstructionTable::CharacteristicRegistration<Gas, Weno5z> weno5z;
};

const EquationRegistry::Registration<CompressibleNavierStokesEquation, EmptyConfig> equation{
    "compressible_navier_stokes", "density, velocity and pressure of an ideal gas with friction and conduction"};
const EquationRegistry::Registration<SutherlandEquation, EmptyConfig> sutherland_equation{
    "compressible_navier_stokes_sutherland", "the same with Sutherland's viscosity"};
const GridModels::Registration model{"compressible_navier_stokes", {rows, "hllc", nullptr}};
const GridModels::Registration sutherland_model{"compressible_navier_stokes_sutherland",
                                                {sutherland_rows, "hllc", nullptr}};
const CommonFluxes<CompressibleNavierStokes<1>, CompressibleNavierStokes<2>, CompressibleNavierStokes<3>> fluxes{};
const Schemes<1> one_dimension{};
const Schemes<2> two_dimensions{};
const Schemes<3> three_dimensions{};

}  // namespace
}  // namespace eddyline
