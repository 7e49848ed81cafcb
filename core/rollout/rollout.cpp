#include "core/rollout/rollout.hpp"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/signals.hpp"

namespace eddyline {
namespace {

void check_finite(const State& state, std::int64_t frame) {
  for (const auto& [name, field] : state.fields)
    if (!at::isfinite(field.values).all().item<bool>())
      throw NumericalError("frame " + std::to_string(frame) + " (t = " + format_number(state.time, 6) + "): '" + name +
                           "' is not finite; the frames before it are whole");
}

}  // namespace

void rollout(const Stepper& stepper, std::span<const State> past, double dt, std::int64_t steps,
             const std::vector<std::shared_ptr<Sink>>& sinks, const std::function<void(const Frame&)>& observe) {
  const auto history = static_cast<std::size_t>(stepper.history());
  if (past.size() < history)
    throw DataError("the model needs " + std::to_string(history) + " past frames, the input has " +
                    std::to_string(past.size()));
  std::vector<State> window(past.end() - static_cast<std::ptrdiff_t>(history), past.end());
  std::int64_t done = 0;
  while (done < steps) {
    stop_if_interrupted();
    const int wanted = static_cast<int>(std::min<std::int64_t>(stepper.bundle(), steps - done));
    for (State& state : stepper.advance(window, dt, wanted)) {
      check_finite(state, done + 1);
      const Frame frame{&state, ++done, 0, 0};
      for (const auto& sink : sinks) sink->write(frame);
      if (observe) observe(frame);
      window.push_back(std::move(state));
    }
    window.erase(window.begin(), window.end() - static_cast<std::ptrdiff_t>(history));
  }
}

}  // namespace eddyline
