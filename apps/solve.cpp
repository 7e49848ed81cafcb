#include <iostream>

#include "apps/command.hpp"
#include "core/config/config_reader.hpp"
#include "core/rollout/simulation.hpp"

namespace eddyline::apps {
namespace {

class Solve final : public Command {
 public:
  explicit Solve(const EmptyConfig&) {}
  std::string example() const override { return "eddyline solve configs/cylinder/solve.yaml --set time.end=20"; }
  void arguments(Arguments& arguments) override {
    arguments.positional("config", config_, "YAML file of the simulation");
    arguments.overrides(overrides_);
    arguments.flag("--dry-run", dry_run_, "check and estimate, write nothing");
    arguments.flag("--restart", restart_, "continue the run in output.folder from its restart file");
  }
  ExitCode run() override {
    SimulationConfig config;
    const YamlNode root = read_command_config(config_, "solve", overrides_, config);
    at_its_place(root, [&] {
      if (dry_run_) {
        std::cout << simulation_plan(config);
      } else {
        simulate(config, restart_);
      }
    });
    return ExitCode::ok;
  }

 private:
  std::string config_;
  std::vector<std::string> overrides_;
  bool dry_run_ = false, restart_ = false;
};

const CommandRegistration<Solve> registration{"solve", "run a reference solver: fields, probes, forces, restart"};

}  // namespace
}  // namespace eddyline::apps
