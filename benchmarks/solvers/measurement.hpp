#pragma once
// Repeated timing of one piece of work.

#include <ctime>
#include <functional>

namespace eddyline::benchmarks {

/// Seconds of the repeats.
struct Timing {
  double least, median;
};

/// One warm-up call, then `repeats` timed ones. CLOCK_PROCESS_CPUTIME_ID, the CPU time of the process over all threads,
/// survives a busy machine; CLOCK_MONOTONIC, wall time, is for threads on an idle one.
/// @throws ResourceError when the system has no such clock.
[[nodiscard]] Timing timed(int repeats, const std::function<void()>& work, clockid_t clock = CLOCK_PROCESS_CPUTIME_ID);

}  // namespace eddyline::benchmarks
