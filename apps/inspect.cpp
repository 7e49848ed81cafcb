#include "core/training/inspect.hpp"

#include <iostream>

#include "apps/command.hpp"

namespace eddyline::apps {
namespace {

class Inspect final : public Command {
 public:
  explicit Inspect(const EmptyConfig&) {}
  std::string example() const override { return "eddyline inspect data/cylinder_quick --check"; }
  void arguments(Arguments& arguments) override {
    arguments.positional("path", path_, "dataset, run, checkpoint, .safetensors or HDF5 file");
    arguments.flag("--json", json_, "print JSON");
    arguments.flag("--check", check_, "read everything; exit 1 when something is wrong");
  }
  ExitCode run() override {
    const InspectReport report = inspect(path_, check_);
    std::cout << (json_ ? report.json() : report.text());
    return check_ && !report.findings.empty() ? ExitCode::check_failed : ExitCode::ok;
  }

 private:
  std::string path_;
  bool json_ = false, check_ = false;
};

const CommandRegistration<Inspect> registration{"inspect", "what is in a dataset, run, checkpoint or tensor file"};

}  // namespace
}  // namespace eddyline::apps
