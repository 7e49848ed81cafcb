#pragma once
// Autoregressive rollout: the one loop that drives solvers and operators alike.

#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "core/rollout/sink.hpp"
#include "core/rollout/stepper.hpp"

namespace eddyline {

/// Advances `steps` frames of `dt` after `past` and hands each to the sinks (and to `observe`) as it comes; memory does
/// not grow with the length. The sinks must be open; they are not closed here.
/// @throws Interrupted between frames when a signal is pending; NumericalError naming the frame when a state is not
/// finite.
void rollout(const Stepper& stepper, std::span<const State> past, double dt, std::int64_t steps,
             const std::vector<std::shared_ptr<Sink>>& sinks, const std::function<void(const Frame&)>& observe = {});

}  // namespace eddyline
