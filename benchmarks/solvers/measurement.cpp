#include "benchmarks/solvers/measurement.hpp"

#include <algorithm>
#include <vector>

#include "core/base/error.hpp"

namespace eddyline::benchmarks {
namespace {

double seconds(clockid_t clock) {
  timespec now{};
  if (clock_gettime(clock, &now) != 0) throw ResourceError("this system has no such clock");
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

}  // namespace

Timing timed(int repeats, const std::function<void()>& work, clockid_t clock) {
  work();
  std::vector<double> times;
  for (int k = 0; k < repeats; ++k) {
    const double start = seconds(clock);
    work();
    times.push_back(seconds(clock) - start);
  }
  std::sort(times.begin(), times.end());
  return {times.front(), times[times.size() / 2]};
}

}  // namespace eddyline::benchmarks
