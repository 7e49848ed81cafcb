#pragma once
// Progress of anything over two seconds: a bar with the remaining time on a terminal, a plain line every ten seconds
// in a log.

#include <chrono>
#include <cstdint>
#include <mutex>
#include <string>

namespace eddyline {

[[nodiscard]] bool stderr_is_terminal();

/// Thread-safe. `advance` and `update` are cheap: they print at most ten times a second.
class Progress {
 public:
  /// @param label  what is counted, e.g. "train"; @param total steps in all; @param done steps of an earlier run.
  Progress(std::string label, std::int64_t total, std::int64_t done = 0);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(std::int64_t steps = 1, const std::string& note = "");
  /// Sets the absolute position. `note` is shown behind the bar ("loss 0.012").
  void update(std::int64_t done, const std::string& note = "");

 private:
  using Clock = std::chrono::steady_clock;
  void move_to(std::int64_t done, const std::string& note);
  void print(bool last);

  std::string label_, note_;
  std::int64_t total_, done_, first_;
  Clock::time_point start_ = Clock::now(), printed_ = Clock::now();
  bool shown_ = false;
  std::mutex mutex_;
};

}  // namespace eddyline
