#include "solvers/physics/shallow_water.hpp"

#include "core/config/config.hpp"
#include "solvers/grid/grid_model.hpp"

namespace eddyline {
namespace {

class ShallowWaterEquation final : public Equation {
 public:
  explicit ShallowWaterEquation(const EmptyConfig&) {}
  [[nodiscard]] std::string name() const override { return "shallow_water"; }
  [[nodiscard]] std::vector<Channel> channels(int dimension) const override {
    std::vector<Channel> channels = {{"depth", "m", ChannelKind::density},
                                     {"velocity_x", "m/s", ChannelKind::vector_x}};
    if (dimension > 1) channels.push_back({"velocity_y", "m/s", ChannelKind::vector_y});
    return channels;
  }
  [[nodiscard]] std::vector<Parameter> parameters() const override { return {{"gravity", "m/s^2"}}; }
  [[nodiscard]] std::vector<std::string> positive_parameters() const override { return {"gravity"}; }
  [[nodiscard]] std::vector<std::string> conserved() const override { return {"mass"}; }
  [[nodiscard]] std::vector<std::string> positive() const override { return {"depth"}; }
};

EquationRows rows(const Case& problem) {
  const double gravity = problem.parameter("gravity");
  if (problem.grid().dimension() == 1) return rows_of(ShallowWater<1>{gravity});
  if (problem.grid().dimension() == 2) return rows_of(ShallowWater<2>{gravity});
  throw ConfigError("the shallow-water equations are one- or two-dimensional; the grid has three axes");
}

const EquationRegistry::Registration<ShallowWaterEquation, EmptyConfig> equation{
    "shallow_water", "depth and velocity of shallow water over a bed"};
const GridModels::Registration model{"shallow_water", {rows, "hll", nullptr}};
const CommonFluxes<ShallowWater<1>, ShallowWater<2>> fluxes{};

}  // namespace
}  // namespace eddyline
