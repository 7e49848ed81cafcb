#include "core/command_line/completion.hpp"

#include <iostream>

#include "apps/command.hpp"
#include "apps/program_description.hpp"

namespace eddyline::apps {
namespace {

class Completion final : public Command {
 public:
  explicit Completion(const EmptyConfig&) {}
  std::string example() const override {
    return "eddyline completion bash > ~/.local/share/bash-completion/completions/eddyline";
  }
  void arguments(Arguments& arguments) override {
    arguments.choice("shell", shell_, completed_shells(), "whose script is printed");
  }
  ExitCode run() override {
    std::cout << completion_script(describe_program(), shell_);
    return ExitCode::ok;
  }

 private:
  std::string shell_ = "bash";
};

const CommandRegistration<Completion> registration{"completion", "a script by which a shell completes this program"};

}  // namespace
}  // namespace eddyline::apps
