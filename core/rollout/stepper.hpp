#pragma once
// The key interface: whatever carries a state forward in time. Rollout, metrics and writers cannot tell a solver from a
// trained operator, so each is written once and every comparison is fair.

#include <span>
#include <string>
#include <vector>

#include "core/field/state.hpp"

namespace eddyline {

class Stepper {
 public:
  virtual ~Stepper() = default;
  /// The next `frames` states, `dt` apart, after `past` (oldest first, `history()` of them, `dt` apart).
  /// Pure: `past` is left untouched and nothing is remembered between calls.
  /// @throws NumericalError when the state leaves the domain of validity; ConfigError when this dt was not trained.
  [[nodiscard]] virtual std::vector<State> advance(std::span<const State> past, double dt, int frames) const = 0;
  /// How many past states `advance` needs.
  [[nodiscard]] virtual int history() const { return 1; }
  /// How many frames one call makes at no extra cost (temporal bundling).
  [[nodiscard]] virtual int bundle() const { return 1; }
};

}  // namespace eddyline
