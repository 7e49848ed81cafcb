#include "core/field/point_formula.hpp"

namespace eddyline {
namespace {

std::vector<std::string> names_in(const Case& problem) {
  std::vector<std::string> names = {"x", "y", "z"};
  for (const auto& [name, value] : problem.config().parameters) names.push_back(name);
  return names;
}

}  // namespace

PointFormula::PointFormula(const Case& problem, const std::string& text, const std::string& where)
    : formula_(text, names_in(problem), where), values_(3) {
  for (const auto& [name, value] : problem.config().parameters) values_.push_back(value);
}

double PointFormula::operator()(double x, double y, double z) {
  values_[0] = x;
  values_[1] = y;
  values_[2] = z;
  return formula_(values_);
}

}  // namespace eddyline
