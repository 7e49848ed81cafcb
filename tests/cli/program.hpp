#pragma once
// Runs the built program as a user would.

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace eddyline::test {

struct ProgramResult {
  int exit_code = -1;     // 128 + number when a signal killed it
  std::string output;     // standard output and error together
  double peak_bytes = 0;  // of memory
};

struct ProgramOptions {
  std::vector<std::pair<int, int>> signals = {};  // milliseconds since the start or the signal before, signal
  std::string signal_after = {};                  // when set, the first signal waits for this text in the output
  std::string signal_when_exists = {};            // when set, the first signal waits for this file or folder
  std::function<void()> in_child = {};            // before the program starts: limits, environment, closed streams
};

[[nodiscard]] ProgramResult run_program(const std::vector<std::string>& arguments, const ProgramOptions& options);
/// @param kill_after_ms  sends `signal` after that time when it is positive.
[[nodiscard]] ProgramResult run_program(const std::vector<std::string>& arguments, int kill_after_ms = 0,
                                        int signal = 9);

/// Whether scripts/setup_test_python.sh has put its packages into .venv.
[[nodiscard]] bool has_test_packages();

/// A fresh folder that is removed with the object.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  [[nodiscard]] std::string path(const std::string& name = "") const;
  /// Writes a file into the folder and returns its path.
  [[nodiscard]] std::string file(const std::string& name, const std::string& content) const;

 private:
  std::string folder_;
};

}  // namespace eddyline::test
