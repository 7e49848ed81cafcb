#pragma once
// LAPACK and BLAS give other bits on other numbers of threads; set-up code that must not runs through here.

#include <exception>

/// Of the MKL inside LibTorch, where there is one: threads of this thread's calls, 0 for the global number; returns
/// what held before.
extern "C" [[gnu::weak]] int MKL_Set_Num_Threads_Local(int count);

namespace eddyline {

/// While it lives, MKL calls of this thread use one thread. A parallel region alone is not enough: the plan of a
/// Fourier transform, and with it the last bit, depends on how many threads MKL could use elsewhere.
class OneThreadOfMkl {
 public:
  OneThreadOfMkl() : before_(MKL_Set_Num_Threads_Local != nullptr ? MKL_Set_Num_Threads_Local(1) : 0) {}
  ~OneThreadOfMkl() {
    if (MKL_Set_Num_Threads_Local != nullptr) MKL_Set_Num_Threads_Local(before_);
  }
  OneThreadOfMkl(const OneThreadOfMkl&) = delete;
  OneThreadOfMkl& operator=(const OneThreadOfMkl&) = delete;

 private:
  int before_;
};

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
