#include "core/io/append_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "core/base/error.hpp"
#include "core/io/atomic_file.hpp"

namespace eddyline {

AppendFile::AppendFile(std::filesystem::path path, std::int64_t keep_bytes) : path_(std::move(path)) {
  descriptor_ = ::open(path_.c_str(), O_CREAT | O_RDWR | O_APPEND | O_CLOEXEC, 0644);
  if (descriptor_ < 0) throw_io_error(path_, "open", errno);
  struct stat status {};
  if (::fstat(descriptor_, &status) != 0) throw_io_error(path_, "examine", errno);
  size_ = status.st_size;
  if (keep_bytes < 0) return;
  if (size_ < keep_bytes)
    throw DataError("'" + path_.string() + "' has " + std::to_string(size_) + " bytes, the checkpoint knows " +
                    std::to_string(keep_bytes) + ": it was cut or replaced");
  if (::ftruncate(descriptor_, keep_bytes) != 0) throw_io_error(path_, "cut", errno);
  size_ = keep_bytes;
}

AppendFile::~AppendFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void AppendFile::append(std::string_view record) {
  const bool injected = FailureInjection::strikes();
  const ssize_t written = injected ? -1 : ::write(descriptor_, record.data(), record.size());
  if (written == static_cast<ssize_t>(record.size())) {
    size_ += written;
    return;
  }
  const int reason = injected || written >= 0 ? ENOSPC : errno;
  if (::ftruncate(descriptor_, size_) != 0) throw_io_error(path_, "cut a torn record of", errno);
  throw_io_error(path_, "append to", reason, static_cast<double>(record.size()));
}

}  // namespace eddyline
