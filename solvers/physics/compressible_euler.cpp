#include "solvers/physics/compressible_euler.hpp"

#include "core/config/config.hpp"
#include "solvers/grid/grid_model.hpp"

namespace eddyline {
namespace {

class CompressibleEulerEquation final : public Equation {
 public:
  explicit CompressibleEulerEquation(const EmptyConfig&) {}
  [[nodiscard]] std::string name() const override { return "compressible_euler"; }
  [[nodiscard]] std::vector<Channel> channels(int dimension) const override {
    std::vector<Channel> channels = {{"density", "kg/m^3", ChannelKind::density},
                                     {"velocity_x", "m/s", ChannelKind::vector_x}};
    if (dimension > 1) channels.push_back({"velocity_y", "m/s", ChannelKind::vector_y});
    if (dimension > 2) channels.push_back({"velocity_z", "m/s", ChannelKind::vector_z});
    channels.push_back({"pressure", "Pa", ChannelKind::scalar});
    return channels;
  }
  [[nodiscard]] std::vector<Parameter> parameters() const override { return {{"gamma", "1"}}; }
  [[nodiscard]] std::vector<std::string> positive_parameters() const override { return {"gamma"}; }
  [[nodiscard]] std::vector<std::string> conserved() const override {
    return {"mass", "momentum_x", "momentum_y", "momentum_z", "energy"};
  }
  [[nodiscard]] std::vector<std::string> positive() const override { return {"density", "pressure"}; }
};

EquationRows rows(const Case& problem) {
  const double gamma = problem.parameter("gamma");
  if (!(gamma > 1)) throw ConfigError("parameters: 'gamma' must be > 1, got " + std::to_string(gamma));
  return rows_in_dimension(problem.grid().dimension(),
                           [&]<int Dimension>() { return CompressibleEuler<Dimension>{gamma}; });
}

const EquationRegistry::Registration<CompressibleEulerEquation, EmptyConfig> equation{
    "compressible_euler", "density, velocity and pressure of an ideal gas without friction"};
const GridModels::Registration model{"compressible_euler", {rows, "hllc", nullptr}};
const CommonFluxes<CompressibleEuler<1>, CompressibleEuler<2>, CompressibleEuler<3>> fluxes{};

}  // namespace
}  // namespace eddyline
