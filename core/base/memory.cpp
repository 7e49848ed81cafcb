#include "core/base/memory.hpp"

#include <malloc.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"

namespace eddyline {

double memory_limit_bytes() {
  double limit = static_cast<double>(::sysconf(_SC_PHYS_PAGES)) * static_cast<double>(::sysconf(_SC_PAGESIZE));
  rlimit space{};
  if (::getrlimit(RLIMIT_AS, &space) == 0 && space.rlim_cur != RLIM_INFINITY)
    limit = std::min(limit, static_cast<double>(space.rlim_cur));
  return limit;
}

double peak_memory_bytes() {
  rusage usage{};
  static_cast<void>(::getrusage(RUSAGE_SELF, &usage));  // cannot fail for this process
  return 1024.0 * static_cast<double>(usage.ru_maxrss);
}

void require_memory(double needed_bytes, const std::string& work, const std::string& advice) {
  const double limit = memory_limit_bytes();
  if (needed_bytes > limit)
    throw ResourceError(work + " needs about " + format_bytes(needed_bytes) + " of memory, " + format_bytes(limit) +
                        " are there; " + advice);
}

void keep_freed_memory() {
  mallopt(M_MMAP_THRESHOLD, 1 << 30);
  mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

}  // namespace eddyline
