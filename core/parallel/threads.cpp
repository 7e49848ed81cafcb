#include "core/parallel/threads.hpp"

#include <ATen/Parallel.h>
#include <omp.h>

#include <algorithm>
#include <string>
#include <thread>

#include "core/base/error.hpp"
#include "core/base/log.hpp"

namespace eddyline {

int use_threads(std::int64_t threads) {
  if (threads < 0 || threads > 4096)
    throw ConfigError("threads: expected 0 (all cores) to 4096, got " + std::to_string(threads));
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  const int count = threads > 0 ? static_cast<int>(threads) : cores;
  if (count > 4 * cores)
    log_warning(std::to_string(count) + " threads on " + std::to_string(cores) +
                " cores wait for each other; use fewer");
  omp_set_num_threads(count);
  at::set_num_threads(count);
  return count;
}

}  // namespace eddyline
