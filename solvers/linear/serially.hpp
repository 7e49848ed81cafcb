#pragma once
// LAPACK and BLAS give other bits on other numbers of threads; set-up code that must not runs through here.

#include <exception>

namespace eddyline {

/// Runs `work` on one thread of a parallel region, where the mathematics library stays serial.
template <class Work>
void serially(Work work) {
  std::exception_ptr error;
#pragma omp parallel num_threads(2)
#pragma omp single
  {
    try {
      work();
    } catch (...) {
      error = std::current_exception();
    }
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace eddyline
