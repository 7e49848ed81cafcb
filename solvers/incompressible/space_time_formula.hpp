#pragma once
// A formula of place, time and a case's parameters: what sides prescribe, what forces act.

#include <string>
#include <vector>

#include "core/config/formula.hpp"
#include "core/field/case.hpp"

namespace eddyline {

/// Knows x, y, z, t and the parameters of the case by name. Not thread-safe: copy it.
class SpaceTimeFormula {
 public:
  /// @param where  dotted path in the config that errors start with. @throws ConfigError as Formula does.
  SpaceTimeFormula(const Case& problem, const std::string& text, const std::string& where);
  [[nodiscard]] double operator()(double x, double y, double z, double time) const;
  /// The text names t.
  [[nodiscard]] bool depends_on_time() const { return depends_on_time_; }

 private:
  Formula formula_;
  mutable std::vector<double> values_;
  bool depends_on_time_;
};

}  // namespace eddyline
