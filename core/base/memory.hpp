#pragma once
// Memory of this machine and of this process.

#include <string>

namespace eddyline {

/// What this process may use: the machine's memory, or the limit of its address space when that is smaller.
[[nodiscard]] double memory_limit_bytes();
/// The most that this process has held so far.
[[nodiscard]] double peak_memory_bytes();
/// @param needed_bytes  a lower bound of what the work takes.
/// @throws ResourceError "WORK needs about N, this machine has M; ADVICE" when it cannot fit.
void require_memory(double needed_bytes, const std::string& work, const std::string& advice);

/// Big tensors are freed and made again at every step: keeps their memory in the process instead of giving it back to
/// the kernel and faulting it in anew. Call first in main.
void keep_freed_memory();

}  // namespace eddyline
