#pragma once
// A formula of place and of a case's parameters: initial states and beds.

#include <string>
#include <vector>

#include "core/config/formula.hpp"
#include "core/field/case.hpp"

namespace eddyline {

/// Knows x, y, z and the parameters of the case by name. Not thread-safe: copy it.
class PointFormula {
 public:
  /// @param where  dotted path in the config that errors start with. @throws ConfigError as Formula does.
  PointFormula(const Case& problem, const std::string& text, const std::string& where);
  [[nodiscard]] double operator()(double x, double y = 0, double z = 0);

 private:
  Formula formula_;
  std::vector<double> values_;
};

}  // namespace eddyline
