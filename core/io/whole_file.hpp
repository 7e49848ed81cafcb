#pragma once
// A file written in one go: after a crash the path holds the old content or the new one, never a part.

#include <filesystem>
#include <string_view>

namespace eddyline {

/// @throws IoError naming the path and the system's reason.
void write_whole_file(const std::filesystem::path& path, std::string_view bytes);

/// Creates the folder with its parents and checks that files can be written there. @throws IoError.
void prepare_output_folder(const std::filesystem::path& folder);

}  // namespace eddyline
