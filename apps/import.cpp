#include <iostream>

#include "apps/command.hpp"
#include "core/config/config_reader.hpp"
#include "core/training/weight_exchange.hpp"

namespace eddyline::apps {
namespace {

class Import final : public Command {
 public:
  explicit Import(const EmptyConfig&) {}
  std::string example() const override {
    return "eddyline import fno.safetensors --operator fno --set operator.n_modes=[16,16] --set 'channels=[{name: "
           "vorticity}]' --set 'grid=[{cells: 64}, {cells: 64}]' --output runs/imported";
  }
  void arguments(Arguments& arguments) override {
    arguments.positional("weights", weights_, ".safetensors, or a .pt archive of plain tensors");
    arguments.option("--operator", operator_, "the operator that they are for (see eddyline list operators)");
    arguments.option("--options", options_, "YAML file with the settings that --set can give");
    arguments.overrides(overrides_);
    arguments.option("--output", output_, "run directory to make (default runs/imported)");
  }
  ExitCode run() override {
    ImportConfig config;
    std::vector<std::string> all;
    if (!operator_.empty()) all.push_back("operator.name=" + operator_);
    all.insert(all.end(), overrides_.begin(), overrides_.end());
    if (options_.empty()) {
      YamlNode root;
      root.kind = YamlNode::Kind::map;
      for (const auto& assignment : all) apply_override(root, assignment);
      read_config(root, config);
    } else {
      read_config_file(options_, all, config);
    }
    const auto count = import_weights(weights_, config, output_);
    std::cout << "imported " << count << " tensors into " << output_ << "\n";
    return ExitCode::ok;
  }

 private:
  std::string weights_, operator_, options_, output_ = "runs/imported";
  std::vector<std::string> overrides_;
};

const CommandRegistration<Import> registration{"import", "weights of a Python model to a checkpoint"};

}  // namespace
}  // namespace eddyline::apps
