#include "core/training/verify.hpp"

#include <iostream>

#include "apps/command.hpp"

namespace eddyline::apps {
namespace {

class Verify final : public Command {
 public:
  explicit Verify(const EmptyConfig&) {}
  std::string example() const override { return "eddyline verify tests/data/parity/fno_2d_default.h5"; }
  void arguments(Arguments& arguments) override {
    arguments.positionals("files", files_,
                          "parity files: weights, inputs, outputs and gradients of an original implementation");
  }
  ExitCode run() override {
    ExitCode code = ExitCode::ok;
    for (const auto& file : files_) {  // one bad file must not hide the verdict on the others
      try {
        const ParityReport report = verify_file(file);
        std::cout << to_line(report) << std::endl;
        if (!report.passes() && code == ExitCode::ok) code = ExitCode::check_failed;
      } catch (const Error& error) {
        std::cout << file << "  not verified: " << error.what() << std::endl;
        code = error.code();
      }
    }
    return code;
  }

 private:
  std::vector<std::string> files_;
};

const CommandRegistration<Verify> registration{"verify",
                                               "run operators on parity files of their authors' implementations"};

}  // namespace
}  // namespace eddyline::apps
