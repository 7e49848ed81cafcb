#pragma once
// Questions to the file system before a long run starts.

#include <filesystem>

namespace eddyline {

/// The folder itself, or the nearest folder above it that exists.
[[nodiscard]] std::filesystem::path existing_folder(const std::filesystem::path& folder);
/// Makes nothing. @throws IoError when files cannot be written into the folder, or the folder cannot be made.
void check_can_write(const std::filesystem::path& folder);
/// Logs a warning when less than `needed_bytes` is free where the folder is or will be.
void warn_if_disk_is_small(const std::filesystem::path& folder, double needed_bytes);

}  // namespace eddyline
