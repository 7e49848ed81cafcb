#pragma once
// One process at a time in a folder that is being written.

#include <filesystem>

namespace eddyline {

/// Holds `FOLDER/.lock` (flock: the kernel lets go of it when the process ends, however it ends).
class RunLock {
 public:
  /// @throws ResourceError naming the process, its host and since when, when another one holds it; IoError.
  explicit RunLock(const std::filesystem::path& folder);
  ~RunLock();
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;

 private:
  int descriptor_ = -1;
};

}  // namespace eddyline
