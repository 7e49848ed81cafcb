#pragma once
// The project's errors. Every message says what was wrong, where, and what to do; the command line maps the type to
// the exit code and prints the message as one paragraph.

#include <stdexcept>
#include <string>

namespace eddyline {

/// Exit codes of the program.
enum class ExitCode : int {
  ok = 0,
  check_failed = 1,  // the check ran and its answer is no
  usage = 2,         // wrong command line or config
  data = 3,          // unreadable or inconsistent data
  numerical = 4,     // a solver or a training diverged
  io = 5,            // the file system refused
  resources = 6,     // memory or device missing
  interrupted = 130,
  terminated = 143,
};

/// Base of everything the project throws.
class Error : public std::runtime_error {
 public:
  Error(ExitCode code, const std::string& message) : std::runtime_error(message), code_(code) {}
  [[nodiscard]] ExitCode code() const { return code_; }

 private:
  ExitCode code_;
};

/// A config or command line that cannot be run as written.
struct ConfigError : Error {
  explicit ConfigError(const std::string& message) : Error(ExitCode::usage, message) {}
};
/// A file whose content is damaged, inconsistent or of another kind than needed.
struct DataError : Error {
  explicit DataError(const std::string& message) : Error(ExitCode::data, message) {}
};
/// Tensors or grids that do not fit together; the message holds both shapes.
struct ShapeError : DataError {
  using DataError::DataError;
};
/// A computation that left its domain of validity: divergence, a non-finite state, non-convergence.
struct NumericalError : Error {
  explicit NumericalError(const std::string& message) : Error(ExitCode::numerical, message) {}
};
/// The file system refused: missing file, no permission, disk full.
struct IoError : Error {
  explicit IoError(const std::string& message) : Error(ExitCode::io, message) {}
};
/// Not enough memory, or a device that is not there.
struct ResourceError : Error {
  explicit ResourceError(const std::string& message) : Error(ExitCode::resources, message) {}
};
/// A signal asked the program to stop; thrown at a point where everything on disk is whole.
struct Interrupted : Error {
  explicit Interrupted(int signal_number)
      : Error(signal_number == 15 ? ExitCode::terminated : ExitCode::interrupted,
              signal_number == 15 ? "terminated by SIGTERM" : "interrupted by SIGINT") {}
};

}  // namespace eddyline
