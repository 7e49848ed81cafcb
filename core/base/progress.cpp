#include "core/base/progress.hpp"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "core/base/log.hpp"
#include "core/base/numbers.hpp"

namespace eddyline {

bool stderr_is_terminal() { return ::isatty(STDERR_FILENO) == 1; }

Progress::Progress(std::string label, std::int64_t total, std::int64_t done)
    : label_(std::move(label)), total_(std::max<std::int64_t>(total, 1)), done_(done), first_(done) {}

Progress::~Progress() {
  const std::scoped_lock lock(mutex_);
  if (shown_) print(true);
}

void Progress::advance(std::int64_t steps, const std::string& note) {
  const std::scoped_lock lock(mutex_);
  move_to(done_ + steps, note);
}

void Progress::update(std::int64_t done, const std::string& note) {
  const std::scoped_lock lock(mutex_);
  move_to(done, note);
}

void Progress::move_to(std::int64_t done, const std::string& note) {
  done_ = done;
  if (!note.empty()) note_ = note;
  const auto now = Clock::now();
  const auto interval = stderr_is_terminal() ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10000);
  if (now - printed_ < interval) return;
  printed_ = now;
  shown_ = true;
  print(false);
}

void Progress::print(bool last) {
  const double elapsed = std::chrono::duration<double>(Clock::now() - start_).count();
  const double fraction = std::clamp(static_cast<double>(done_) / static_cast<double>(total_), 0.0, 1.0);
  const auto steps = done_ - first_;
  const double remaining = steps > 0 ? elapsed / static_cast<double>(steps) * static_cast<double>(total_ - done_) : -1;
  std::string text = label_ + " " + std::to_string(done_) + "/" + std::to_string(total_);
  text += " (" + std::to_string(static_cast<int>(fraction * 100)) + " %)";
  if (last) {
    text += " in " + format_duration(elapsed);
  } else if (remaining >= 0) {
    text += ", " + format_duration(remaining) + " left";
  }
  if (!note_.empty()) text += ", " + note_;
  if (!stderr_is_terminal() || last) {
    log_info(text);
    return;
  }
  constexpr int width = 24;
  const int filled = static_cast<int>(fraction * width);
  const std::string line = "\r\033[K[" + std::string(filled, '#') + std::string(width - filled, '.') + "] " + text;
  if (::write(STDERR_FILENO, line.data(), line.size()) < 0) return;  // the terminal went away: keep running
}

}  // namespace eddyline
