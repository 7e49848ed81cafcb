#pragma once
// How many threads the loops of this process use.

#include <cstdint>

namespace eddyline {

/// Sets OpenMP (our loops) and LibTorch (its kernels) to the same count; 0 is all cores. Returns the count in force.
/// @throws ConfigError outside 0..4096.
int use_threads(std::int64_t threads);

}  // namespace eddyline
