#pragma once
// Event files for TensorBoard: scalars and pictures, a record each.
//
// A record is framed as in TFRecord: length (8 bytes), its masked CRC-32C, content, its masked CRC-32C; the content is
// the protocol buffer `Event` (tensorflow/core/util/event.proto, summary.proto), little-endian throughout.

#include <cstdint>
#include <filesystem>
#include <limits>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/io/append_file.hpp"
#include "core/io/picture.hpp"

namespace eddyline {

/// CRC-32C (Castagnoli), polynomial 0x1EDC6F41, reflected: RFC 3720, appendix B.4.
[[nodiscard]] std::uint32_t crc32c(std::string_view bytes);

/// Appends whole records. Equal runs give equal files: the wall time of a record is its step, in seconds.
class TensorboardWriter {
 public:
  /// Continues the file, or starts it. Kept are the whole records before the first that is torn, damaged or of step
  /// `keep_below` or later; what is cut because of damage is warned of. @throws IoError.
  explicit TensorboardWriter(const std::filesystem::path& path,
                             std::int64_t keep_below = std::numeric_limits<std::int64_t>::max());
  /// One record with all of them; what is nan is left out.
  void add_scalars(std::int64_t step, const std::vector<std::pair<std::string, double>>& values);
  void add_picture(std::int64_t step, const std::string& tag, const Canvas& picture);

 private:
  std::unique_ptr<AppendFile> file_;
};

/// Where a run keeps it.
[[nodiscard]] std::filesystem::path event_file(const std::filesystem::path& run);

}  // namespace eddyline
