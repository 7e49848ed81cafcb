// Incompressible Navier-Stokes with constant density:
//   du/dt + (u . grad) u = -grad p / rho + nu lap u,   div u = 0.
// `pressure` is the kinematic pressure p / rho.

#include "core/config/config.hpp"
#include "core/field/equation.hpp"

namespace eddyline {
namespace {

class IncompressibleNavierStokes final : public Equation {
 public:
  explicit IncompressibleNavierStokes(const EmptyConfig&) {}
  [[nodiscard]] std::string name() const override { return "incompressible_navier_stokes"; }
  [[nodiscard]] std::vector<Channel> channels(int dimension) const override {
    std::vector<Channel> channels = {{"velocity_x", "m/s", ChannelKind::vector_x}};
    if (dimension > 1) channels.push_back({"velocity_y", "m/s", ChannelKind::vector_y});
    if (dimension > 2) channels.push_back({"velocity_z", "m/s", ChannelKind::vector_z});
    channels.push_back({"pressure", "m^2/s^2", ChannelKind::scalar});
    return channels;
  }
  [[nodiscard]] std::vector<Parameter> parameters() const override { return {{"viscosity", "m^2/s"}}; }
  [[nodiscard]] std::vector<std::string> positive_parameters() const override { return {"viscosity"}; }
  [[nodiscard]] std::vector<std::string> conserved() const override { return {"mass", "momentum_x", "momentum_y"}; }
};

const EquationRegistry::Registration<IncompressibleNavierStokes, EmptyConfig> registration{
    "incompressible_navier_stokes", "velocity and kinematic pressure of a flow of constant density"};

}  // namespace
}  // namespace eddyline
