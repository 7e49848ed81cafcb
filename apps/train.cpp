#include <iostream>

#include "apps/command.hpp"
#include "core/base/numbers.hpp"
#include "core/config/config_reader.hpp"
#include "core/training/field_fitting.hpp"
#include "core/training/training_run.hpp"

namespace eddyline::apps {
namespace {

class Train final : public Command {
 public:
  explicit Train(const EmptyConfig&) {}
  std::string example() const override { return "eddyline train configs/cylinder/quick.yaml --set training.epochs=5"; }
  void arguments(Arguments& arguments) override {
    arguments.positional("config", config_, "YAML file, or one with a section `train`");
    arguments.overrides(overrides_);
    arguments.flag("--check", check_,
                   "check that the operator is alive (gradients, inputs, symmetries); write nothing");
    arguments.flag("--dry-run", dry_run_, "check, measure two steps, estimate; write nothing");
  }
  ExitCode run() override {
    if (is_field_config(config_)) return run_field();
    TrainConfig config;
    const YamlNode root = read_command_config(config_, "train", overrides_, config);
    if (check_) {
      LivenessReport report;
      at_its_place(root, [&] { report = training_check(config); });
      std::cout << report.text() << "\n";
      return report.passes() ? ExitCode::ok : ExitCode::check_failed;
    }
    if (dry_run_) {
      at_its_place(root, [&] { std::cout << training_plan(config) << "\n"; });
      return ExitCode::ok;
    }
    TrainingResult result;
    at_its_place(root, [&] { result = train(config); });
    std::cout << "trained " << result.epochs << " epochs, " << result.steps << " steps; best validation error "
              << format_number(result.best_selection, 4) << " at step " << result.best_step << "; run " << config.run
              << "\n";
    return ExitCode::ok;
  }

 private:
  ExitCode run_field() {
    FieldFittingConfig config;
    read_command_config(config_, "train", overrides_, config);
    if (dry_run_) {
      std::cout << field_training_plan(config);
      return ExitCode::ok;
    }
    const TrainingResult result = train_field(config);
    std::cout << "trained " << result.epochs << " epochs, " << result.steps << " steps; best validation error "
              << format_number(result.best_selection, 4) << " at step " << result.best_step << "; run " << config.run
              << "\n";
    return ExitCode::ok;
  }

  std::string config_;
  std::vector<std::string> overrides_;
  bool check_ = false, dry_run_ = false;
};

const CommandRegistration<Train> registration{"train", "train an operator; resumes by itself"};

}  // namespace
}  // namespace eddyline::apps
