// Scalar equations on a periodic line with a stiff linear part.

#include "core/base/error.hpp"
#include "core/config/config.hpp"
#include "solvers/spectral/semilinear.hpp"

namespace eddyline {
namespace {

class LineEquation : public Equation {
 public:
  [[nodiscard]] std::vector<Channel> channels(int) const override { return {{"u", "1", ChannelKind::scalar}}; }
  [[nodiscard]] std::vector<std::string> conserved() const override { return {"u"}; }
};

struct KuramotoSivashinsky final : LineEquation {
  explicit KuramotoSivashinsky(const EmptyConfig&) {}
  [[nodiscard]] std::string name() const override { return "kuramoto_sivashinsky"; }
  [[nodiscard]] std::vector<Parameter> parameters() const override { return {{"viscosity", "1"}}; }
  [[nodiscard]] std::vector<std::string> positive_parameters() const override { return {"viscosity"}; }
};

struct KortewegDeVries final : LineEquation {
  explicit KortewegDeVries(const EmptyConfig&) {}
  [[nodiscard]] std::string name() const override { return "korteweg_de_vries"; }
  [[nodiscard]] std::vector<Parameter> parameters() const override {
    return {{"convection", "1"}, {"dispersion", "1"}};
  }
};

struct Heat final : LineEquation {
  explicit Heat(const EmptyConfig&) {}
  [[nodiscard]] std::string name() const override { return "heat"; }
  [[nodiscard]] std::vector<Parameter> parameters() const override { return {{"diffusivity", "m^2/s"}}; }
  [[nodiscard]] std::vector<std::string> positive_parameters() const override { return {"diffusivity"}; }
};

const EquationRegistry::Registration<KuramotoSivashinsky, EmptyConfig> kuramoto_sivashinsky{
    "kuramoto_sivashinsky", "u_t + u u_x + u_xx + viscosity u_xxxx = 0, chaotic on long lines"};
const EquationRegistry::Registration<KortewegDeVries, EmptyConfig> korteweg_de_vries{
    "korteweg_de_vries", "u_t + convection u u_x + dispersion u_xxx = 0, with solitons"};
const EquationRegistry::Registration<Heat, EmptyConfig> heat{"heat", "u_t = diffusivity u_xx"};

const SemilinearEquations::Registration kuramoto_sivashinsky_symbol{
    "kuramoto_sivashinsky", [](const Case& problem) {
      const double viscosity = problem.parameter("viscosity");
      return Semilinear{[viscosity](double k) { return std::complex<double>(k * k - viscosity * k * k * k * k); }, 1};
    }};
const SemilinearEquations::Registration korteweg_de_vries_symbol{
    "korteweg_de_vries", [](const Case& problem) {
      const double dispersion = problem.parameter("dispersion");
      return Semilinear{[dispersion](double k) { return std::complex<double>(0, dispersion * k * k * k); },
                        problem.parameter("convection")};
    }};
const SemilinearEquations::Registration heat_symbol{
    "heat", [](const Case& problem) {
      const double diffusivity = problem.parameter("diffusivity");
      return Semilinear{[diffusivity](double k) { return std::complex<double>(-diffusivity * k * k); }, 0};
    }};

}  // namespace
}  // namespace eddyline
