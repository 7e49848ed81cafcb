#include "core/training/sweep.hpp"

#include <iostream>

#include "apps/command.hpp"

namespace eddyline::apps {
namespace {

class SweepCommand final : public Command {
 public:
  explicit SweepCommand(const EmptyConfig&) {}
  std::string example() const override { return "eddyline sweep configs/cylinder/sweep.yaml --set parallel=2"; }
  void arguments(Arguments& arguments) override {
    arguments.positional("config", config_, "YAML file, or one with a section `sweep`");
    arguments.overrides(overrides_);
    arguments.flag("--dry-run", dry_run_, "check every run, list them; start nothing");
  }
  ExitCode run() override {
    const SweepConfig config = read_sweep(config_, overrides_);
    if (dry_run_) {
      std::cout << sweep_plan(config);
      return ExitCode::ok;
    }
    const SweepResult result = sweep(config);
    std::cout << result.text << "written to " << config.folder << "\n";
    return static_cast<ExitCode>(result.exit_code);
  }

 private:
  std::string config_;
  std::vector<std::string> overrides_;
  bool dry_run_ = false;
};

const CommandRegistration<SweepCommand> registration{"sweep", "many trainings over a grid or random choices of keys"};

}  // namespace
}  // namespace eddyline::apps
