#pragma once
// A file that grows by whole records (metrics.csv, event files): every record is flushed, and a resumed run cuts what
// is torn or newer than its checkpoint.

#include <cstdint>
#include <filesystem>
#include <string_view>

namespace eddyline {

class AppendFile {
 public:
  /// Opens for appending, creating the file; everything behind `keep_bytes` is cut (default: keep all).
  /// @throws IoError when it cannot be opened, DataError when it is shorter than `keep_bytes`.
  explicit AppendFile(std::filesystem::path path, std::int64_t keep_bytes = -1);
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;

  /// Appends one record in a single write. When it fails, the file is cut back to the last whole record. @throws
  /// IoError.
  void append(std::string_view record);
  /// Bytes of whole records so far; what a checkpoint remembers.
  [[nodiscard]] std::int64_t size() const { return size_; }

 private:
  std::filesystem::path path_;
  int descriptor_ = -1;
  std::int64_t size_ = 0;
};

}  // namespace eddyline
