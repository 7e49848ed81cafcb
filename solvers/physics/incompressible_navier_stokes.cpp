// Incompressible Navier-Stokes with constant density, alone or with a scalar that the flow carries:
//   du/dt + (u . grad) u = -grad p / rho + nu lap u + B s e,   div u = 0,   ds/dt + u . grad s = D lap s,
// with e along the last axis. `pressure` is the kinematic pressure p / rho. Boussinesq: the density differs in the
// buoyancy alone, B = g beta for a temperature (Tritton, Physical Fluid Dynamics, 2nd ed. (1988), ch. 14).

#include "core/base/error.hpp"
#include "core/config/config.hpp"
#include "solvers/physics/incompressible_equation.hpp"

namespace eddyline {

std::vector<Channel> IncompressibleEquation::channels(int dimension) const {
  std::vector<Channel> channels = {{"velocity_x", "m/s", ChannelKind::vector_x}};
  if (dimension > 1) channels.push_back({"velocity_y", "m/s", ChannelKind::vector_y});
  if (dimension > 2) channels.push_back({"velocity_z", "m/s", ChannelKind::vector_z});
  channels.push_back({"pressure", "m^2/s^2", ChannelKind::scalar});
  if (const auto carried = scalar_channel()) channels.push_back(*carried);
  return channels;
}

const IncompressibleEquation& incompressible_equation(const Equation& equation, const std::string& solver) {
  const auto* const found = dynamic_cast<const IncompressibleEquation*>(&equation);
  if (found != nullptr) return *found;
  std::string known;
  for (const auto& name : EquationRegistry::instance().names()) {
    const auto other = EquationRegistry::instance().create(name, EmptyConfig{});
    if (dynamic_cast<const IncompressibleEquation*>(other.get()) == nullptr) continue;
    known += (known.empty() ? "" : ", ") + name;
  }
  throw ConfigError("equation: the solver '" + solver + "' does not solve '" + equation.name() + "'; it solves " +
                    known);
}

namespace {

class IncompressibleNavierStokes final : public IncompressibleEquation {
 public:
  explicit IncompressibleNavierStokes(const EmptyConfig&) {}
  [[nodiscard]] std::string name() const override { return "incompressible_navier_stokes"; }
  [[nodiscard]] std::vector<Parameter> parameters() const override { return {{"viscosity", "m^2/s"}}; }
  [[nodiscard]] std::vector<std::string> positive_parameters() const override { return {"viscosity"}; }
  [[nodiscard]] std::vector<std::string> conserved() const override { return {"mass", "momentum_x", "momentum_y"}; }
};

class IncompressibleTracer final : public IncompressibleEquation {
 public:
  explicit IncompressibleTracer(const EmptyConfig&) {}
  [[nodiscard]] std::string name() const override { return "incompressible_tracer"; }
  [[nodiscard]] std::vector<Parameter> parameters() const override {
    return {{"viscosity", "m^2/s"}, {"diffusivity", "m^2/s"}};
  }
  [[nodiscard]] std::vector<std::string> positive_parameters() const override { return {"viscosity"}; }
  [[nodiscard]] std::vector<std::string> conserved() const override {
    return {"mass", "momentum_x", "momentum_y", "tracer"};
  }
  [[nodiscard]] std::optional<TransportedScalar> scalar() const override {
    return TransportedScalar{"tracer", "diffusivity", "", false};
  }

 protected:
  [[nodiscard]] std::optional<Channel> scalar_channel() const override {
    return Channel{"tracer", "1", ChannelKind::scalar};
  }
};

class Boussinesq final : public IncompressibleEquation {
 public:
  explicit Boussinesq(const EmptyConfig&) {}
  [[nodiscard]] std::string name() const override { return "boussinesq"; }
  [[nodiscard]] std::vector<Parameter> parameters() const override {
    return {{"viscosity", "m^2/s"}, {"diffusivity", "m^2/s"}, {"buoyancy", "m/s^2/K"}};
  }
  [[nodiscard]] std::vector<std::string> positive_parameters() const override { return {"viscosity", "diffusivity"}; }
  [[nodiscard]] std::vector<std::string> conserved() const override { return {"mass", "temperature"}; }
  [[nodiscard]] std::optional<TransportedScalar> scalar() const override {
    return TransportedScalar{"temperature", "diffusivity", "buoyancy", false};
  }

 protected:
  [[nodiscard]] std::optional<Channel> scalar_channel() const override {
    return Channel{"temperature", "K", ChannelKind::scalar};
  }
};

class BuoyantSmoke final : public IncompressibleEquation {
 public:
  explicit BuoyantSmoke(const EmptyConfig&) {}
  [[nodiscard]] std::string name() const override { return "buoyant_smoke"; }
  [[nodiscard]] std::vector<Parameter> parameters() const override {
    return {{"viscosity", "m^2/s"}, {"diffusivity", "m^2/s"}, {"buoyancy", "m/s^2"}};
  }
  [[nodiscard]] std::vector<std::string> positive_parameters() const override { return {"viscosity"}; }
  [[nodiscard]] std::vector<std::string> conserved() const override { return {"mass", "smoke"}; }
  [[nodiscard]] std::optional<TransportedScalar> scalar() const override {
    return TransportedScalar{"smoke", "diffusivity", "buoyancy", true};
  }

 protected:
  [[nodiscard]] std::optional<Channel> scalar_channel() const override {
    return Channel{"smoke", "1", ChannelKind::scalar};
  }
};

const EquationRegistry::Registration<IncompressibleNavierStokes, EmptyConfig> navier_stokes{
    "incompressible_navier_stokes", "velocity and kinematic pressure of a flow of constant density"};
const EquationRegistry::Registration<IncompressibleTracer, EmptyConfig> tracer{
    "incompressible_tracer", "incompressible flow that carries a passive tracer"};
const EquationRegistry::Registration<Boussinesq, EmptyConfig> boussinesq{
    "boussinesq", "incompressible flow driven by its temperature, which it carries"};
const EquationRegistry::Registration<BuoyantSmoke, EmptyConfig> buoyant_smoke{
    "buoyant_smoke", "incompressible flow driven by the smoke that it carries"};

}  // namespace
}  // namespace eddyline
