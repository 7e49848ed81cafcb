#pragma once
// How many threads the loops of this process use.

namespace eddyline {

/// Sets OpenMP (our loops) and LibTorch (its kernels) to the same count; 0 is all cores. Returns the count in force.
int use_threads(int threads);

}  // namespace eddyline
