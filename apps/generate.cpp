#include "datasets/generation/generate.hpp"

#include <iostream>

#include "apps/command.hpp"
#include "core/config/config_reader.hpp"

namespace eddyline::apps {
namespace {

class Generate final : public Command {
 public:
  explicit Generate(const EmptyConfig&) {}
  std::string example() const override { return "eddyline generate configs/cylinder/quick.yaml --set splits.train=10"; }
  void arguments(Arguments& arguments) override {
    arguments.positional("config", config_, "YAML file, or one with a section `generate`");
    arguments.overrides(overrides_);
    arguments.flag("--dry-run", dry_run_, "check and estimate, write nothing");
  }
  ExitCode run() override {
    GenerateConfig config;
    const YamlNode root = read_command_config(config_, "generate", overrides_, config);
    at_its_place(root, [&] {
      if (dry_run_) {
        std::cout << generation_plan(config);
      } else {
        generate(config);
      }
    });
    return ExitCode::ok;
  }

 private:
  std::string config_;
  std::vector<std::string> overrides_;
  bool dry_run_ = false;
};

const CommandRegistration<Generate> registration{"generate", "run many cases of a solver into a dataset"};

}  // namespace
}  // namespace eddyline::apps
