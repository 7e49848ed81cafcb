#include "core/io/whole_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace eddyline {
namespace {

[[noreturn]] void refuse(const std::filesystem::path& path, const std::string& what) {
  const std::string reason = std::strerror(errno);
  throw IoError("cannot " + what + " '" + printable(path.string()) + "': " + reason +
                "; choose another output folder or free space there");
}

}  // namespace

void write_whole_file(const std::filesystem::path& path, std::string_view bytes) {
  const std::string temporary = path.string() + "." + std::to_string(::getpid()) + ".part";
  const int file = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (file < 0) refuse(path, "write");
  bool whole = true;
  while (whole && !bytes.empty()) {
    const ssize_t count = ::write(file, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    whole = count >= 0;
    if (whole) bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  whole = whole && ::fsync(file) == 0;
  whole = ::close(file) == 0 && whole;
  if (whole && ::rename(temporary.c_str(), path.c_str()) == 0) return;
  const int reason = errno;
  static_cast<void>(::unlink(temporary.c_str()));
  errno = reason;
  refuse(path, "write");
}

void prepare_output_folder(const std::filesystem::path& folder) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) {
    errno = error.value();
    refuse(folder, "create the folder");
  }
  if (::access(folder.c_str(), W_OK | X_OK) != 0) refuse(folder, "write into the folder");
}

}  // namespace eddyline
