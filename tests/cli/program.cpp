#include "tests/cli/program.hpp"

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <stdexcept>
#include <thread>

namespace eddyline::test {

ProgramResult run_program(const std::vector<std::string>& arguments, const ProgramOptions& options) {
  int pipe_ends[2];
  if (pipe(pipe_ends) != 0) throw std::runtime_error("pipe failed");
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    dup2(pipe_ends[1], STDOUT_FILENO);
    dup2(pipe_ends[1], STDERR_FILENO);
    close(pipe_ends[0]);
    close(pipe_ends[1]);
    if (options.in_child) options.in_child();
    std::vector<char*> argv = {const_cast<char*>(EDDYLINE_PROGRAM)};
    for (const auto& argument : arguments) argv.push_back(const_cast<char*>(argument.c_str()));
    argv.push_back(nullptr);
    execv(EDDYLINE_PROGRAM, argv.data());
    _exit(127);
  }
  close(pipe_ends[1]);
  std::promise<void> ready;
  bool is_ready = options.signal_after.empty();
  if (is_ready) ready.set_value();
  std::jthread killer;
  if (!options.signals.empty())
    killer = std::jthread([child, &options, wait = ready.get_future()](const std::stop_token& stop) mutable {
      wait.wait();
      while (!options.signal_when_exists.empty() && !std::filesystem::exists(options.signal_when_exists) &&
             !stop.stop_requested())
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      for (const auto& [milliseconds, signal] : options.signals) {
        std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
        kill(child, signal);
      }
    });
  ProgramResult result;
  char buffer[4096];
  for (ssize_t count = 0; (count = read(pipe_ends[0], buffer, sizeof buffer)) > 0;) {
    result.output.append(buffer, static_cast<std::size_t>(count));
    if (!is_ready && result.output.find(options.signal_after) != std::string::npos) {
      is_ready = true;
      ready.set_value();
    }
  }
  if (!is_ready) ready.set_value();
  close(pipe_ends[0]);
  killer.request_stop();
  if (killer.joinable()) killer.join();  // before wait4 frees the number for another process
  int status = 0;
  rusage usage{};
  wait4(child, &status, 0, &usage);
  result.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  result.peak_bytes = 1024.0 * static_cast<double>(usage.ru_maxrss);
  return result;
}

ProgramResult run_program(const std::vector<std::string>& arguments, int kill_after_ms, int signal) {
  ProgramOptions options;
  if (kill_after_ms > 0) options.signals = {{kill_after_ms, signal}};
  return run_program(arguments, options);
}

bool has_test_packages() { return std::filesystem::exists(EDDYLINE_SOURCE_DIR "/.venv/.test-packages-3"); }

TemporaryFolder::TemporaryFolder() {
  std::string pattern = (std::filesystem::temp_directory_path() / "eddyline-XXXXXX").string();
  if (mkdtemp(pattern.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
  folder_ = pattern;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

std::string TemporaryFolder::path(const std::string& name) const {
  return name.empty() ? folder_ : folder_ + "/" + name;
}

std::string TemporaryFolder::file(const std::string& name, const std::string& content) const {
  std::ofstream(path(name), std::ios::binary) << content;
  return path(name);
}

}  // namespace eddyline::test
