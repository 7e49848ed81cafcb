#include "solvers/physics/linear_advection.hpp"

#include "core/config/config.hpp"
#include "solvers/grid/grid_model.hpp"

namespace eddyline {
namespace {

class LinearAdvectionEquation final : public Equation {
 public:
  explicit LinearAdvectionEquation(const EmptyConfig&) {}
  [[nodiscard]] std::string name() const override { return "linear_advection"; }
  [[nodiscard]] std::vector<Channel> channels(int) const override { return {{"u", "1", ChannelKind::scalar}}; }
  [[nodiscard]] std::vector<Parameter> parameters() const override {
    return {{"velocity_x", "m/s"}, {"velocity_y", "m/s"}, {"velocity_z", "m/s"}, {"diffusivity", "m^2/s"}};
  }
  [[nodiscard]] std::vector<std::string> conserved() const override { return {"u"}; }
};

EquationRows rows(const Case& problem) {
  const std::array<double, 3> velocity = {problem.parameter("velocity_x"), problem.parameter("velocity_y"),
                                          problem.parameter("velocity_z")};
  const double diffusivity = problem.parameter("diffusivity");
  if (diffusivity < 0) throw ConfigError("parameters: 'diffusivity' must be >= 0");
  return rows_in_dimension(problem.grid().dimension(), [&]<int Dimension>() {
    return LinearAdvection<Dimension>{velocity, diffusivity};
  });
}

const EquationRegistry::Registration<LinearAdvectionEquation, EmptyConfig> equation{
    "linear_advection", "a scalar carried by a constant velocity, with diffusion"};
const GridModels::Registration model{"linear_advection", {rows, "rusanov", nullptr}};
const CommonFluxes<LinearAdvection<1>, LinearAdvection<2>, LinearAdvection<3>> fluxes{};

}  // namespace
}  // namespace eddyline
