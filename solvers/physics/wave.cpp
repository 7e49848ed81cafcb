#include "solvers/physics/wave.hpp"

#include "core/config/config.hpp"
#include "solvers/grid/grid_model.hpp"

namespace eddyline {
namespace {

class WaveEquation final : public Equation {
 public:
  explicit WaveEquation(const EmptyConfig&) {}
  [[nodiscard]] std::string name() const override { return "wave"; }
  [[nodiscard]] std::vector<Channel> channels(int dimension) const override {
    std::vector<Channel> channels = {{"u", "1", ChannelKind::scalar}, {"velocity_x", "s/m", ChannelKind::vector_x}};
    if (dimension > 1) channels.push_back({"velocity_y", "s/m", ChannelKind::vector_y});
    if (dimension > 2) channels.push_back({"velocity_z", "s/m", ChannelKind::vector_z});
    return channels;
  }
  [[nodiscard]] std::vector<Parameter> parameters() const override { return {{"speed", "m/s"}}; }
  [[nodiscard]] std::vector<std::string> positive_parameters() const override { return {"speed"}; }
  [[nodiscard]] std::vector<std::string> conserved() const override { return {"u"}; }
};

EquationRows rows(const Case& problem) {
  const double speed = problem.parameter("speed");
  return rows_in_dimension(problem.grid().dimension(), [&]<int Dimension>() { return Wave<Dimension>{speed}; });
}

const EquationRegistry::Registration<WaveEquation, EmptyConfig> equation{
    "wave", "u_tt = speed^2 lap u, as u_t + speed^2 div v = 0, v_t + grad u = 0"};
const GridModels::Registration model{"wave", {rows, "rusanov", nullptr}};
const CommonFluxes<Wave<1>, Wave<2>, Wave<3>> fluxes{};

}  // namespace
}  // namespace eddyline
