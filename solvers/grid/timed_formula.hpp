#pragma once
// A formula of place, time and a case's parameters: sides and forcing.

#include <array>
#include <string>
#include <vector>

#include "core/config/formula.hpp"
#include "core/field/case.hpp"

namespace eddyline {

/// Knows x, y, z, t and the parameters of the case by name. Not thread-safe.
class TimedFormula {
 public:
  /// @param where  dotted path in the config that errors start with. @throws ConfigError as Formula does.
  TimedFormula(const Case& problem, const std::string& text, const std::string& where);
  [[nodiscard]] double operator()(const std::array<double, 3>& place, double time) const;
  [[nodiscard]] bool depends_on_time() const { return depends_on_time_; }

 private:
  Formula formula_;
  mutable std::vector<double> values_;  // of the variables, as the formula takes them
  bool depends_on_time_;
};

}  // namespace eddyline
