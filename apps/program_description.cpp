#include "apps/program_description.hpp"

#include "apps/command.hpp"
#include "apps/top_level_configs.hpp"
#include "core/base/version.hpp"

namespace eddyline::apps {
namespace {

/// Writes down what a command asks for.
class ListedArguments final : public Arguments {
 public:
  std::vector<OptionDescription> options;
  void positional(const std::string& name, std::string&, const std::string& help, bool required) override {
    options.push_back({name, help, {}, 1, required, false});
  }
  void positionals(const std::string& name, std::vector<std::string>&, const std::string& help) override {
    options.push_back({name, help, {}, 1, true, true});
  }
  void option(const std::string& name, std::string&, const std::string& help) override {
    options.push_back({name, help, {}, 1, false, false});
  }
  void option(const std::string& name, std::int64_t&, const std::string& help) override {
    options.push_back({name, help, {}, 1, false, false});
  }
  void choice(const std::string& name, std::string&, const std::vector<std::string>& words,
              const std::string& help) override {
    options.push_back({name, help, words, 1, false, false});
  }
  void numbers(const std::string& name, std::vector<double>&, int count, const std::string& help) override {
    options.push_back({name, help, {}, count, false, false});
  }
  void flag(const std::string& name, bool&, const std::string& help) override {
    options.push_back({name, help, {}, 0, false, false});
  }
  void repeated(const std::string& name, std::vector<std::string>&, const std::string& help) override {
    options.push_back({name, help, {}, 1, false, true});
  }
};

}  // namespace

ProgramDescription describe_program() {
  ProgramDescription program{version(), {}, plugin_kinds()};
  const auto configs = top_level_configs();
  const auto& commands = CommandRegistry::instance();
  for (const std::string& name : commands.names()) {
    const auto command = commands.create(name, EmptyConfig{});
    ListedArguments arguments;
    command->arguments(arguments);
    CommandDescription description{name, commands.help(name), command->example(), arguments.options, {}, {}};
    if (const auto config = configs.find(name); config != configs.end()) {
      description.settings = field_rows(*config->second());
      description.keys = setting_keys(*config->second());
    }
    program.commands.push_back(std::move(description));
  }
  return program;
}

}  // namespace eddyline::apps
