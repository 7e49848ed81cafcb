#pragma once
// Names that come from configs and data files, made fit for file names, XML and arrays of other programs.

#include <cstdint>
#include <string>
#include <string_view>

namespace eddyline {

/// A single path component: separators, control characters and a leading dot or dash become '_'; never empty, at most
/// 120 bytes, so that no name from a file leaves the output folder. Other UTF-8 is kept.
[[nodiscard]] std::string safe_file_name(std::string_view name);

/// Control characters and < > & " ' become '_': VTK 9.1 writes array names into XML as they are.
[[nodiscard]] std::string safe_array_name(std::string_view name);

/// Text for XML content and attributes; characters that XML 1.0 cannot hold appear as \xNN.
[[nodiscard]] std::string xml_escaped(std::string_view text);

/// "000012": the number of a frame in a file name, so that names sort as frames do.
[[nodiscard]] std::string numbered(std::int64_t number, std::size_t digits = 6);

}  // namespace eddyline
