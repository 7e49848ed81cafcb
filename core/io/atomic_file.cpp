#include "core/io/atomic_file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <fstream>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"

namespace eddyline {
namespace {

namespace fs = std::filesystem;

std::atomic<int> failing_operation{0}, seen_operations{0};

class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags, mode_t mode = 0644)
      : number_(::open(path.c_str(), flags | O_CLOEXEC, mode)) {}
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  [[nodiscard]] int number() const { return number_; }

 private:
  int number_;
};

void flush(const fs::path& path, int flags) {
  const Descriptor file(path, flags);
  if (FailureInjection::strikes()) throw_io_error(path, "flush", ENOSPC);
  if (file.number() < 0 || ::fsync(file.number()) != 0) throw_io_error(path, "flush", errno);
}

fs::path folder_of(const fs::path& path) { return path.has_parent_path() ? path.parent_path() : fs::path("."); }

}  // namespace

void throw_io_error(const fs::path& path, const std::string& action, int error_number, double needed_bytes) {
  std::string message = "cannot " + action + " '" + printable(path.string()) + "': " + std::strerror(error_number);
  if (error_number == ENOSPC || error_number == EDQUOT || error_number == EFBIG) {
    std::error_code code;
    const auto space = fs::space(folder_of(path), code);
    message += " (";
    if (needed_bytes > 0) message += format_bytes(needed_bytes) + " needed";
    if (!code) message += (needed_bytes > 0 ? ", " : "") + format_bytes(static_cast<double>(space.available)) + " free";
    message += "); make room or choose another folder";
  }
  if (error_number == EACCES || error_number == EROFS || error_number == EPERM)
    message += "; choose a folder that you may write to";
  throw IoError(message);
}

FailureInjection::FailureInjection(int fail_at) {
  seen_operations = 0;
  failing_operation = fail_at;
}
FailureInjection::~FailureInjection() { failing_operation = 0; }
int FailureInjection::operations() { return seen_operations; }
bool FailureInjection::strikes() {
  return ++seen_operations == failing_operation.load() && failing_operation.load() > 0;
}

AtomicFile::AtomicFile(fs::path target) : target_(std::move(target)), temporary_(target_) {
  temporary_ += ".partial-" + std::to_string(::getpid());
  if (FailureInjection::strikes()) throw_io_error(target_, "create", ENOSPC);
  const Descriptor file(temporary_, O_CREAT | O_TRUNC | O_WRONLY);
  if (file.number() < 0) throw_io_error(target_, "create", errno);
}

AtomicFile::~AtomicFile() {
  std::error_code ignored;  // a leftover temporary is harmless, a throwing destructor is not
  if (!committed_) fs::remove(temporary_, ignored);
}

void AtomicFile::commit() {
  flush(temporary_, O_RDONLY);
  if (FailureInjection::strikes()) throw_io_error(target_, "rename to", ENOSPC);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) throw_io_error(target_, "rename to", errno);
  committed_ = true;
  flush(folder_of(target_), O_RDONLY | O_DIRECTORY);
}

void write_atomically(const fs::path& target, std::string_view bytes) {
  AtomicFile file(target);
  const auto needed = static_cast<double>(bytes.size());
  {
    const Descriptor out(file.temporary(), O_WRONLY | O_TRUNC);
    if (out.number() < 0) throw_io_error(target, "write", errno);
    if (FailureInjection::strikes()) throw_io_error(target, "write", ENOSPC, needed);
    while (!bytes.empty()) {
      const ssize_t written = ::write(out.number(), bytes.data(), bytes.size());
      if (written < 0 && errno == EINTR) continue;
      if (written < 0) throw_io_error(target, "write", errno, needed);
      bytes.remove_prefix(static_cast<std::size_t>(written));
    }
  }
  file.commit();
}

std::string read_file(const fs::path& path) {
  std::error_code code;
  const auto size = fs::file_size(path, code);
  if (code) throw_io_error(path, "read", code.value());
  std::ifstream file(path, std::ios::binary);
  std::string bytes(size, '\0');
  if (!file.read(bytes.data(), static_cast<std::streamsize>(size)))
    throw_io_error(path, "read", errno != 0 ? errno : EIO);
  return bytes;
}

void create_folder(const fs::path& folder) {
  std::error_code code;
  fs::create_directories(folder, code);
  if (code) throw_io_error(folder, "create folder", code.value());
  if (::access(folder.c_str(), W_OK | X_OK) != 0) throw_io_error(folder, "write into folder", errno);
}

}  // namespace eddyline
