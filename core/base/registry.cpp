#include "core/base/registry.hpp"

#include <algorithm>

#include "core/config/config.hpp"

namespace eddyline {
namespace {

std::vector<const RegistryBase*>& catalogue() {
  static std::vector<const RegistryBase*> registries;
  return registries;
}

}  // namespace

RegistryBase::RegistryBase(std::string kind) : kind_(std::move(kind)) { catalogue().push_back(this); }
RegistryBase::~RegistryBase() { std::erase(catalogue(), this); }

const std::vector<const RegistryBase*>& RegistryBase::all() { return catalogue(); }

std::vector<std::string> RegistryBase::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

std::unique_ptr<Config> RegistryBase::make_config(const std::string& name) const { return entry(name).make_config(); }

void RegistryBase::add_entry(const std::string& name, Entry entry) {
  if (!entries_.emplace(name, std::move(entry)).second)
    throw std::logic_error("two plug-ins register '" + name + "' among the " + kind_);
}

const RegistryBase::Entry& RegistryBase::entry(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end())
    throw ConfigError("'" + printable(name) + "' is not among the " + kind_ + suggestion(name, names()));
  return found->second;
}

}  // namespace eddyline
