#include <algorithm>
#include <iostream>

#include "apps/command.hpp"
#include "core/config/config_reader.hpp"

namespace eddyline::apps {
namespace {

class List final : public Command {
 public:
  explicit List(const EmptyConfig&) {}
  std::string example() const override { return "eddyline list operators"; }
  void arguments(Arguments& arguments) override {
    arguments.positional("kind", kind_, "operators, solvers, datasets, ...; everything when left out", false);
    arguments.positional("plug-in", name_, "one plug-in: its settings with defaults and units", false);
  }
  ExitCode run() override {
    std::vector<std::string> kinds;
    for (const RegistryBase* registry : RegistryBase::all()) kinds.push_back(registry->kind());
    if (!kind_.empty() && std::find(kinds.begin(), kinds.end(), kind_) == kinds.end())
      throw ConfigError("nothing is called '" + printable(kind_) + "'" + suggestion(kind_, kinds));
    for (const RegistryBase* registry : RegistryBase::all()) {
      if (!kind_.empty() && registry->kind() != kind_) continue;
      std::cout << registry->kind() << "\n";
      for (const auto& name : registry->names()) {
        if (!name_.empty() && name != name_) continue;
        std::cout << "  " << name << "  " << registry->help(name) << "\n";
        if (kind_.empty()) continue;
        const auto config = registry->make_config(name);
        for (const auto& row : field_rows(*config))
          std::cout << "      " << row.path << ": " << row.type << " = " << row.default_value
                    << (row.unit.empty() ? "" : " [" + row.unit + "]") << (row.rule.empty() ? "" : ", " + row.rule)
                    << "; " << row.help << "\n";
      }
      if (!name_.empty()) static_cast<void>(registry->make_config(name_));
    }
    return ExitCode::ok;
  }

 private:
  std::string kind_, name_;
};

const CommandRegistration<List> registration{"list", "what can be named in a config, with defaults and units"};

}  // namespace
}  // namespace eddyline::apps
