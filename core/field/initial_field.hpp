#pragma once
// The value of a channel at t = 0 as a function of position.

#include <optional>
#include <string>
#include <vector>

#include "core/field/point_formula.hpp"
#include "core/field/random_field.hpp"

namespace eddyline {

/// Which of the `known` channels the case gives a formula (`initial.values`) or a random field (`initial.random`, where
/// `velocity` stands for all components).
/// @throws ConfigError with the nearest name when it names another channel, or `velocity` where `known` has none.
[[nodiscard]] std::vector<std::string> initial_channels(const Case& problem, const std::vector<std::string>& known);

/// The channel's formula plus its random field; zero without either. Not thread-safe: copy it.
class InitialField {
 public:
  /// @throws ConfigError as PointFormula and RandomField do.
  InitialField(const Case& problem, const std::string& channel);
  [[nodiscard]] double operator()(double x, double y = 0, double z = 0);

 private:
  std::optional<PointFormula> formula_;
  std::vector<RandomField> random_;
};

}  // namespace eddyline
