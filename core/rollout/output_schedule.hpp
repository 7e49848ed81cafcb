#pragma once
// The times at which a run writes.

#include <cstdint>
#include <vector>

#include "core/rollout/simulation_config.hpp"

namespace eddyline {

/// Frame 0 is the initial state. At equal intervals every interval has the same bits.
class OutputSchedule {
 public:
  OutputSchedule(const TimeConfig& config, const Case& problem);
  /// Frames after the initial state.
  [[nodiscard]] std::int64_t frames() const { return frames_; }
  /// Time from frame - 1 to frame, in time units.
  [[nodiscard]] double interval(std::int64_t frame) const;
  /// Of the last frame.
  [[nodiscard]] double end() const { return time_of(frames_); }
  [[nodiscard]] double time_of(std::int64_t frame) const;
  /// The frame of a restarted state. @throws DataError when no frame has this time.
  [[nodiscard]] std::int64_t frame_at(double time) const;
  [[nodiscard]] bool is_even() const { return times_.empty(); }

 private:
  std::vector<double> times_;  // of frames 1..; empty: equal intervals
  double interval_ = 0;
  std::int64_t frames_ = 0;
};

}  // namespace eddyline
