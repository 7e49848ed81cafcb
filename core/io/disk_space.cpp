#include "core/io/disk_space.hpp"

#include <unistd.h>

#include <cerrno>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"
#include "core/io/atomic_file.hpp"

namespace eddyline {

namespace fs = std::filesystem;

fs::path existing_folder(const fs::path& folder) {
  fs::path place = fs::absolute(folder);
  std::error_code code;
  while (!fs::exists(place, code) && place.has_parent_path() && place != place.parent_path())
    place = place.parent_path();
  return place;
}

void check_can_write(const fs::path& folder) {
  if (folder.empty()) throw IoError("an output folder has an empty name; name a folder");
  std::error_code code;
  const auto kind = fs::status(folder, code).type();
  if (code && kind != fs::file_type::not_found) throw_io_error(folder, "write into folder", code.value());
  const fs::path place = existing_folder(folder);
  if (!fs::is_directory(place, code)) throw_io_error(place, "use as a folder", ENOTDIR);
  if (::access(place.c_str(), W_OK | X_OK) != 0) throw_io_error(place, "write into folder", errno);
}

void warn_if_disk_is_small(const fs::path& folder, double needed_bytes) {
  std::error_code code;
  const fs::path place = existing_folder(folder);
  const auto space = fs::space(place, code);
  if (!code && static_cast<double>(space.available) < needed_bytes)
    log_warning("'" + printable(folder.string()) + "' needs about " + format_bytes(needed_bytes) + ", only " +
                format_bytes(static_cast<double>(space.available)) +
                " are free there; make room or choose another folder");
}

}  // namespace eddyline
