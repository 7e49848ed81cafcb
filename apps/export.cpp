#include <iostream>

#include "apps/command.hpp"
#include "core/training/weight_exchange.hpp"

namespace eddyline::apps {
namespace {

class Export final : public Command {
 public:
  explicit Export(const EmptyConfig&) {}
  std::string example() const override {
    return "eddyline export runs/cylinder_quick --output cylinder_fno.safetensors";
  }
  void arguments(Arguments& arguments) override {
    arguments.positional("run", run_, "run directory or checkpoint");
    arguments.option("--output", output_, "safetensors file (default RUN/weights.safetensors)");
    arguments.option("--checkpoint", checkpoint_, "best or last (default best)");
  }
  ExitCode run() override {
    const std::filesystem::path output =
        output_.empty() ? std::filesystem::path(run_) / "weights.safetensors" : std::filesystem::path(output_);
    const auto count = export_weights(run_, checkpoint_, output);
    std::cout << "exported " << count << " tensors under their authors' names to " << output.string() << "\n";
    return ExitCode::ok;
  }

 private:
  std::string run_, output_, checkpoint_ = "best";
};

const CommandRegistration<Export> registration{"export", "weights of a run under their authors' names, for Python"};

}  // namespace
}  // namespace eddyline::apps
