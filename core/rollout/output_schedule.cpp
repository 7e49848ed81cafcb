#include "core/rollout/output_schedule.hpp"

#include <cmath>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"

namespace eddyline {

OutputSchedule::OutputSchedule(const TimeConfig& config, const Case& problem) {
  const double scale = config.convective ? problem.time_scale() : 1;
  for (const double time : config.frames) times_.push_back(time * scale);
  interval_ = config.frame_interval * scale;
  frames_ = times_.empty() ? static_cast<std::int64_t>(std::llround(config.end / config.frame_interval))
                           : static_cast<std::int64_t>(times_.size());
}

double OutputSchedule::interval(std::int64_t frame) const {
  return is_even() ? interval_ : time_of(frame) - time_of(frame - 1);
}

double OutputSchedule::time_of(std::int64_t frame) const {
  if (is_even()) return static_cast<double>(frame) * interval_;
  return frame == 0 ? 0 : times_.at(static_cast<std::size_t>(frame - 1));
}

std::int64_t OutputSchedule::frame_at(double time) const {
  if (is_even()) return static_cast<std::int64_t>(std::llround(time / interval_));
  for (std::int64_t frame = 0; frame <= frames_; ++frame)
    if (std::abs(time_of(frame) - time) <= 1e-9 * end()) return frame;
  throw DataError("the restart file is of t = " + format_number(time, 10) + ", which time.frames does not have");
}

}  // namespace eddyline
