// Steady flow through a porous medium (Darcy's law with conservation of mass), or any Poisson equation with a variable
// coefficient: -div(permeability grad pressure) = f, where f is the forcing of `pressure`.

#include "core/config/config.hpp"
#include "core/field/equation.hpp"

namespace eddyline {
namespace {

class Darcy final : public Equation {
 public:
  explicit Darcy(const EmptyConfig&) {}
  [[nodiscard]] std::string name() const override { return "darcy"; }
  [[nodiscard]] std::vector<Channel> channels(int) const override {
    return {{"permeability", "1", ChannelKind::scalar}, {"pressure", "1", ChannelKind::scalar}};
  }
  [[nodiscard]] std::vector<Parameter> parameters() const override { return {}; }
  [[nodiscard]] std::vector<std::string> positive() const override { return {"permeability"}; }
};

const EquationRegistry::Registration<Darcy, EmptyConfig> registration{
    "darcy", "-div(permeability grad pressure) = f, steady, the coefficient may jump"};

}  // namespace
}  // namespace eddyline
