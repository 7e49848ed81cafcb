#pragma once
// Another process of this machine, started and watched.

#include <sys/types.h>

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace eddyline {

/// Runs in a process group of its own: a signal that the terminal sends to this program does not reach it. Gets SIGTERM
/// when this program ends in any way.
class ChildProcess {
 public:
  /// @param output  file that standard output and error are appended to. @param environment  added to that of this
  /// process. @throws IoError when the file cannot be written; ResourceError when no process can be started.
  ChildProcess(const std::filesystem::path& program, const std::vector<std::string>& arguments,
               const std::filesystem::path& output, const std::map<std::string, std::string>& environment = {});
  /// Ends a child that still runs (SIGTERM) and waits for it.
  ~ChildProcess();
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;

  void send(int signal_number) const;
  /// Its exit code, 128 + number when a signal ended it; nothing while it runs.
  [[nodiscard]] std::optional<int> ended();
  /// Waits for the end.
  int wait();

 private:
  pid_t process_ = -1;
  std::optional<int> code_;
};

/// The file of this program.
[[nodiscard]] std::filesystem::path own_program();

}  // namespace eddyline
