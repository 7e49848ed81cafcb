#pragma once
// What is solved, without saying how.

#include <string>
#include <vector>

#include "core/base/registry.hpp"
#include "core/field/channel.hpp"

namespace eddyline {

/// A system of partial differential equations. Registered by name; solvers and cases refer to it.
class Equation {
 public:
  static constexpr const char* registry_kind = "equations";
  virtual ~Equation() = default;
  [[nodiscard]] virtual std::string name() const = 0;
  /// Cell channels of a state in `dimension` space dimensions, in the order operators see them.
  [[nodiscard]] virtual std::vector<Channel> channels(int dimension) const = 0;
  [[nodiscard]] virtual std::vector<Parameter> parameters() const = 0;
  /// Parameters that must be > 0.
  [[nodiscard]] virtual std::vector<std::string> positive_parameters() const { return {}; }
  /// Integrals that the exact solution keeps in a closed box: "mass", "momentum_x", "energy".
  [[nodiscard]] virtual std::vector<std::string> conserved() const { return {}; }
  /// Channels that stay positive.
  [[nodiscard]] virtual std::vector<std::string> positive() const { return {}; }
};

using EquationRegistry = Registry<Equation>;

}  // namespace eddyline
