#include "core/field/initial_field.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace eddyline {
namespace {

std::vector<std::string> velocity_names(const Case& problem) {
  std::vector<std::string> names;
  for (int axis = 0; axis < problem.grid().dimension(); ++axis) names.push_back(std::string("velocity_") + "xyz"[axis]);
  return names;
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::vector<std::string> initial_channels(const Case& problem, const std::vector<std::string>& known) {
  const InitialConfig& initial = problem.config().initial;
  const auto velocity = velocity_names(problem);
  const bool has_velocity =
      std::all_of(velocity.begin(), velocity.end(), [&](const auto& name) { return contains(known, name); });
  for (const auto& [channel, formula] : initial.values)
    if (!contains(known, channel))
      throw ConfigError("initial.values: no channel is called '" + printable(channel) + "'" +
                        suggestion(channel, known));
  auto random = known;
  if (has_velocity) random.push_back("velocity");
  for (const auto& [channel, config] : initial.random)
    if (!contains(random, channel))
      throw ConfigError("initial.random: no channel is called '" + printable(channel) + "'" +
                        suggestion(channel, random));
  std::vector<std::string> given;
  for (const auto& channel : known)
    if (initial.values.contains(channel) || initial.random.contains(channel) ||
        (initial.random.contains("velocity") && contains(velocity, channel)))
      given.push_back(channel);
  return given;
}

InitialField::InitialField(const Case& problem, const std::string& channel) {
  const InitialConfig& initial = problem.config().initial;
  if (const auto found = initial.values.find(channel); found != initial.values.end())
    formula_.emplace(problem, found->second, "initial.values." + channel);
  if (const auto found = initial.random.find(channel); found != initial.random.end())
    random_.emplace_back(problem, found->second, channel);
  const auto velocity = velocity_names(problem);
  const auto component = std::find(velocity.begin(), velocity.end(), channel);
  if (const auto found = initial.random.find("velocity"); found != initial.random.end() && component != velocity.end())
    random_.push_back(RandomField::velocity(problem, found->second, static_cast<int>(component - velocity.begin())));
}

double InitialField::operator()(double x, double y, double z) {
  double value = formula_ ? (*formula_)(x, y, z) : 0;
  for (auto& field : random_) value += field(x, y, z);
  return value;
}

}  // namespace eddyline
