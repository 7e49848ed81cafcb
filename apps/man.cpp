#include <iostream>

#include "apps/command.hpp"
#include "apps/program_description.hpp"
#include "core/command_line/manual_page.hpp"

namespace eddyline::apps {
namespace {

class Man final : public Command {
 public:
  explicit Man(const EmptyConfig&) {}
  std::string example() const override { return "eddyline man | man -l -"; }
  void arguments(Arguments&) override {}
  ExitCode run() override {
    std::cout << manual_page(describe_program());
    return ExitCode::ok;
  }
};

const CommandRegistration<Man> registration{"man", "the manual page: all commands, configs and plug-ins"};

}  // namespace
}  // namespace eddyline::apps
