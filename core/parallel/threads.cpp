#include "core/parallel/threads.hpp"

#include <ATen/Parallel.h>
#include <omp.h>

#include <algorithm>
#include <thread>

namespace eddyline {

int use_threads(int threads) {
  const int count = threads > 0 ? threads : std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  omp_set_num_threads(count);
  at::set_num_threads(count);
  return count;
}

}  // namespace eddyline
