#include "solvers/spectral/semilinear.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace eddyline {

std::map<std::string, SemilinearEquations::Make>& SemilinearEquations::all() {
  static std::map<std::string, Make> makers;
  return makers;
}

SemilinearEquations::Registration::Registration(const std::string& equation, Make make) {
  all()[equation] = std::move(make);
}

Semilinear SemilinearEquations::of(const Case& problem) {
  const auto found = all().find(problem.equation().name());
  if (found != all().end()) return found->second(problem);
  std::vector<std::string> names;
  for (const auto& [name, make] : all()) names.push_back(name);
  throw ConfigError("solver: spectral solves " + join(names, ", ") + ", not " + problem.equation().name());
}

}  // namespace eddyline
