#pragma once
// What the incompressible solvers need to know of an equation: which scalar the flow carries, and whether it pushes
// back.

#include <optional>
#include <string>

#include "core/field/equation.hpp"

namespace eddyline {

/// A scalar s carried by the flow: ds/dt + div(u s) = div(D grad s).
struct TransportedScalar {
  std::string channel;      // "temperature"
  std::string diffusivity;  // name of the parameter D, which may be zero
  std::string buoyancy;     // name of the parameter B of the acceleration B s along the last axis; empty: passive
  bool stays_bounded;       // leaves its initial range by no overshoot: the default flux is a limited one
  [[nodiscard]] bool is_buoyant() const { return !buoyancy.empty(); }
};

/// du/dt + (u . grad) u = -grad p + nu lap u + B s e_last, div u = 0, with at most one transported scalar s.
class IncompressibleEquation : public Equation {
 public:
  /// velocity_x[, velocity_y[, velocity_z]], pressure (kinematic: over the density)[, the scalar].
  [[nodiscard]] std::vector<Channel> channels(int dimension) const override;
  [[nodiscard]] virtual std::optional<TransportedScalar> scalar() const { return std::nullopt; }

 protected:
  /// The scalar's channel, when there is one.
  [[nodiscard]] virtual std::optional<Channel> scalar_channel() const { return std::nullopt; }
};

/// The incompressible equation of a case. @throws ConfigError naming `solver` when the case has another equation.
[[nodiscard]] const IncompressibleEquation& incompressible_equation(const Equation& equation,
                                                                    const std::string& solver);

}  // namespace eddyline
