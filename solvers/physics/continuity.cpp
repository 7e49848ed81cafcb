// Conservation of a transported quantity: d rho/dt + div(rho v) = 0.

#include "core/config/config.hpp"
#include "core/field/equation.hpp"

namespace eddyline {
namespace {

class Continuity final : public Equation {
 public:
  explicit Continuity(const EmptyConfig&) {}
  [[nodiscard]] std::string name() const override { return "continuity"; }
  [[nodiscard]] std::vector<Channel> channels(int dimension) const override {
    std::vector<Channel> channels = {{"density", "kg/m^3", ChannelKind::density},
                                     {"velocity_x", "m/s", ChannelKind::vector_x}};
    if (dimension > 1) channels.push_back({"velocity_y", "m/s", ChannelKind::vector_y});
    if (dimension > 2) channels.push_back({"velocity_z", "m/s", ChannelKind::vector_z});
    return channels;
  }
  [[nodiscard]] std::vector<Parameter> parameters() const override { return {}; }
  [[nodiscard]] std::vector<std::string> conserved() const override { return {"mass"}; }
  [[nodiscard]] std::vector<std::string> positive() const override { return {"density"}; }
};

const EquationRegistry::Registration<Continuity, EmptyConfig> registration{
    "continuity", "density and velocity of a transported, conserved quantity"};

}  // namespace
}  // namespace eddyline
