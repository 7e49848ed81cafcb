#include "core/training/compare.hpp"

#include <iostream>

#include "apps/command.hpp"
#include "core/config/config_reader.hpp"

namespace eddyline::apps {
namespace {

class Compare final : public Command {
 public:
  explicit Compare(const EmptyConfig&) {}
  std::string example() const override { return "eddyline compare configs/cylinder/quick.yaml --set frames=40"; }
  void arguments(Arguments& arguments) override {
    arguments.positional("config", config_, "YAML file, or one with a section `compare`");
    arguments.overrides(overrides_);
    arguments.flag("--dry-run", dry_run_, "check, measure a few frames, estimate; write nothing");
  }
  ExitCode run() override {
    CompareConfig config;
    const YamlNode root = read_command_config(config_, "compare", overrides_, config);
    at_its_place(root, [&] { std::cout << (dry_run_ ? comparison_plan(config) : compare(config).table()); });
    return ExitCode::ok;
  }

 private:
  std::string config_;
  std::vector<std::string> overrides_;
  bool dry_run_ = false;
};

const CommandRegistration<Compare> registration{"compare",
                                                "error against cost: a surrogate and a ladder of solver resolutions"};

}  // namespace
}  // namespace eddyline::apps
