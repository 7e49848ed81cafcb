#include "core/training/head.hpp"

namespace eddyline {

void HeadConfig::fields(FieldVisitor& visit) {
  const auto& registry = HeadRegistry::instance();
  visit("name", choice.name, rule::one_of(registry.names()).required(), "which law; see eddyline list heads");
  if (registry.contains(choice.name)) {
    if (choice.config == nullptr) choice.config = registry.make_config(choice.name);
    choice.config->fields(visit);
    return;
  }
  // Documentation, or a name that is reported anyway: everything that any head could ask for.
  for (const auto& name : registry.names()) registry.make_config(name)->fields(visit);
}

void HeadConfig::check(ConfigProblems& problems) const {
  if (choice.config != nullptr) choice.config->check(problems);
}

void HeadListConfig::fields(FieldVisitor& visit) { visit("heads", heads, "laws that the predicted fields obey"); }

}  // namespace eddyline
