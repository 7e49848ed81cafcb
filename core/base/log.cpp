#include "core/base/log.hpp"

#include <unistd.h>

#include <atomic>

#include "core/base/progress.hpp"

namespace eddyline {
namespace {

std::atomic<LogLevel> threshold{LogLevel::info};

void write_line(const std::string& line) {
  const std::string text = (stderr_is_terminal() ? "\r\033[K" : "") + line + "\n";
  if (::write(STDERR_FILENO, text.data(), text.size()) < 0) return;  // nobody is listening any more
}

}  // namespace

void set_log_level(LogLevel level) { threshold = level; }
void log_info(const std::string& line) {
  if (threshold.load() >= LogLevel::info) write_line(line);
}
void log_warning(const std::string& line) {
  if (threshold.load() >= LogLevel::warning) write_line("warning: " + line);
}

}  // namespace eddyline
