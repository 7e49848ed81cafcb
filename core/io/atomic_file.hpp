#pragma once
// The one way files are written whole: a temporary beside the target, flushed, renamed. A crash leaves the old file or
// the new one, never a part.

#include <filesystem>
#include <string>
#include <string_view>

namespace eddyline {

/// A file under construction. Unless `commit` succeeded, the temporary is removed and the target is untouched.
class AtomicFile {
 public:
  /// @throws IoError when the folder cannot be written to.
  explicit AtomicFile(std::filesystem::path target);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Where a library that wants a file name writes (HDF5, VTK).
  [[nodiscard]] const std::filesystem::path& temporary() const { return temporary_; }
  /// Flushes the temporary to disk and renames it to the target. @throws IoError with path, reason and free space.
  void commit();

 private:
  std::filesystem::path target_, temporary_;
  bool committed_ = false;
};

/// @throws IoError.
void write_atomically(const std::filesystem::path& target, std::string_view bytes);
/// The whole file. @throws IoError.
[[nodiscard]] std::string read_file(const std::filesystem::path& path);
/// Makes the folder and its parents, and checks that files can be written into it. @throws IoError.
void create_folder(const std::filesystem::path& folder);
/// IoError for a failed call: path, what was tried, the system's reason; when the disk is full, the free space and,
/// when it is known, what was needed.
[[noreturn]] void throw_io_error(const std::filesystem::path& path, const std::string& action, int error_number,
                                 double needed_bytes = 0);

/// For tests: the n-th file operation (write, flush, rename) from now on fails as if the disk were full; 0 switches
/// off.
class FailureInjection {
 public:
  explicit FailureInjection(int fail_at);
  ~FailureInjection();
  FailureInjection(const FailureInjection&) = delete;
  FailureInjection& operator=(const FailureInjection&) = delete;
  /// Operations seen since construction.
  [[nodiscard]] static int operations();
  /// Counts one operation; true when it must fail.
  [[nodiscard]] static bool strikes();
};

}  // namespace eddyline
