#include <iostream>

#include "apps/command.hpp"
#include "apps/top_level_configs.hpp"
#include "core/config/config_reader.hpp"

namespace eddyline::apps {
namespace {

class Schema final : public Command {
 public:
  explicit Schema(const EmptyConfig&) {}
  std::string example() const override { return "eddyline schema train > train.schema.json"; }
  void arguments(Arguments& arguments) override {
    std::vector<std::string> names;
    for (const auto& [name, make] : top_level_configs()) names.push_back(name);
    arguments.choice("command", command_, names, "whose config");
  }
  ExitCode run() override {
    std::vector<std::string> names;
    for (const auto& [name, make] : top_level_configs()) {
      names.push_back(name);
      if (name != command_) continue;
      std::cout << json_schema(*make(), "eddyline " + name) << "\n";
      return ExitCode::ok;
    }
    throw ConfigError("no command '" + printable(command_) + "' reads a config" + suggestion(command_, names));
  }

 private:
  std::string command_;
};

const CommandRegistration<Schema> registration{"schema", "JSON schema of a command's config, for editors"};

}  // namespace
}  // namespace eddyline::apps
