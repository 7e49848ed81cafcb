#include "solvers/grid/timed_formula.hpp"

#include <algorithm>
#include <regex>

namespace eddyline {
namespace {

std::vector<std::string> names_in(const Case& problem) {
  std::vector<std::string> names = {"x", "y", "z", "t"};
  for (const auto& [name, value] : problem.config().parameters) names.push_back(name);
  return names;
}

}  // namespace

TimedFormula::TimedFormula(const Case& problem, const std::string& text, const std::string& where)
    : formula_(text, names_in(problem), where),
      values_(4),
      depends_on_time_(std::regex_search(text, std::regex("\\bt\\b"))) {
  for (const auto& [name, value] : problem.config().parameters) values_.push_back(value);
}

double TimedFormula::operator()(const std::array<double, 3>& place, double time) const {
  std::copy(place.begin(), place.end(), values_.begin());
  values_[3] = time;
  return formula_(values_);
}

}  // namespace eddyline
