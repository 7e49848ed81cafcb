#include "solvers/time/runge_kutta.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace eddyline {

std::map<std::string, RungeKutta>& RungeKuttaSchemes::all() {
  static std::map<std::string, RungeKutta> schemes;
  return schemes;
}

RungeKuttaSchemes::Registration::Registration(RungeKutta scheme) {
  const std::string name = scheme.name;
  all().insert_or_assign(name, std::move(scheme));
}

const RungeKutta& RungeKuttaSchemes::find(const std::string& name) {
  const auto found = all().find(name);
  if (found != all().end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, scheme] : all()) names.push_back(known);
  throw ConfigError("solver.time: no scheme is called '" + printable(name) + "'" + suggestion(name, names));
}

}  // namespace eddyline
