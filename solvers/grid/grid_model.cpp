#include "solvers/grid/grid_model.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace eddyline {

std::map<std::string, GridModel>& GridModels::all() {
  static std::map<std::string, GridModel> models;
  return models;
}

GridModels::Registration::Registration(const std::string& equation, GridModel model) {
  all().insert_or_assign(equation, std::move(model));
}

const GridModel& GridModels::find(const Case& problem) {
  const std::string name = problem.equation().name();
  const auto found = all().find(name);
  if (found != all().end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, model] : all()) names.push_back(known);
  throw ConfigError("case '" + printable(problem.name()) + "': the finite-volume solver does not know the equation '" +
                    name + "'; it solves " + join(names, ", "));
}

}  // namespace eddyline
