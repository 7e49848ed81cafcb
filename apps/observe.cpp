#include <iostream>

#include "apps/command.hpp"
#include "core/config/config_reader.hpp"
#include "core/training/observation_sampling.hpp"

namespace eddyline::apps {
namespace {

class Observe final : public Command {
 public:
  explicit Observe(const EmptyConfig&) {}
  std::string example() const override { return "eddyline observe configs/lagrangian_flow/rotating_gaussians.yaml"; }
  void arguments(Arguments& arguments) override {
    arguments.positional("config", config_, "YAML file, or one with a section `observe`");
    arguments.overrides(overrides_);
  }
  ExitCode run() override {
    ObserveConfig config;
    read_command_config(config_, "observe", overrides_, config);
    observe(config);
    std::cout << "wrote " << config.points << " observations to " << config.output << "\n";
    return ExitCode::ok;
  }

 private:
  std::string config_;
  std::vector<std::string> overrides_;
};

const CommandRegistration<Observe> registration{"observe", "draw scattered observations of a field given by formulas"};

}  // namespace
}  // namespace eddyline::apps
