#include "core/diagnosis/doctor.hpp"

#include <iostream>

#include "apps/command.hpp"

namespace eddyline::apps {
namespace {

class Doctor final : public Command {
 public:
  explicit Doctor(const EmptyConfig&) {}
  std::string example() const override { return "eddyline doctor"; }
  void arguments(Arguments& arguments) override {
    arguments.positional("folder", folder_, "where runs will write; this folder when left out", false);
  }
  ExitCode run() override {
    const DoctorReport report = examine(folder_);
    std::cout << report.text();
    return report.healthy() ? ExitCode::ok : ExitCode::check_failed;
  }

 private:
  std::string folder_ = ".";
};

const CommandRegistration<Doctor> registration{"doctor", "what this build and machine have, and whether they work"};

}  // namespace
}  // namespace eddyline::apps
