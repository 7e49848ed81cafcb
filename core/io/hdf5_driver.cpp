#include "core/io/hdf5_driver.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <limits>
#include <map>
#include <memory>
#include <new>
#include <vector>

#if H5_VERSION_GE(1, 13, 0)
#include <H5FDdevelop.h>
#endif

namespace eddyline::hdf5 {
namespace {

/// HDF5 sees the base; the rest is ours.
struct OpenFile : H5FD_t {
  int descriptor = -1;
  int* first_error = nullptr;
  haddr_t allocated = 0;                           // "end of address": what HDF5 has given out
  haddr_t length = 0;                              // "end of file"
  std::map<haddr_t, std::vector<char>> unwritten;  // since the first failure, by address

  void remember(int error) {
    if (*first_error == 0) *first_error = error != 0 ? error : EIO;
  }
};

OpenFile& ours(H5FD_t* file) { return static_cast<OpenFile&>(*file); }
const OpenFile& ours(const H5FD_t* file) { return static_cast<const OpenFile&>(*file); }

H5FD_t* open(const char* name, unsigned flags, hid_t access, haddr_t) {
  auto file = std::unique_ptr<OpenFile>(new (std::nothrow) OpenFile{});
  const auto* info = static_cast<int* const*>(H5Pget_driver_info(access));
  if (file == nullptr || info == nullptr) return nullptr;
  const bool writes = (flags & H5F_ACC_RDWR) != 0;
  file->first_error = *info;
  file->descriptor = ::open(name, (writes ? O_RDWR | O_CREAT | O_TRUNC : O_RDONLY) | O_CLOEXEC, 0644);
  struct stat status {};
  if (file->descriptor < 0 || ::fstat(file->descriptor, &status) != 0) {
    file->remember(errno);
    if (file->descriptor >= 0) ::close(file->descriptor);
    return nullptr;
  }
  file->length = static_cast<haddr_t>(status.st_size);
  return file.release();
}

herr_t close(H5FD_t* file) {
  const std::unique_ptr<OpenFile> owner(&ours(file));
  if (::close(owner->descriptor) != 0) owner->remember(errno);
  return 0;
}

herr_t query(const H5FD_t*, unsigned long* flags) {
  *flags = H5FD_FEAT_AGGREGATE_METADATA | H5FD_FEAT_ACCUMULATE_METADATA | H5FD_FEAT_DATA_SIEVE |
           H5FD_FEAT_AGGREGATE_SMALLDATA | H5FD_FEAT_DEFAULT_VFD_COMPATIBLE;
  return 0;
}

haddr_t get_allocated(const H5FD_t* file, H5FD_mem_t) { return ours(file).allocated; }

herr_t set_allocated(H5FD_t* file, H5FD_mem_t, haddr_t address) {
  ours(file).allocated = address;
  return 0;
}

haddr_t get_length(const H5FD_t* file, H5FD_mem_t) { return ours(file).length; }

constexpr std::size_t heap_head = 16;  // signature, version, size

bool is_heap(std::string_view bytes) {
  return bytes.size() >= heap_head && bytes.starts_with(std::string_view("GCOL\1\0\0\0", 8));
}

/// HDF5 believes the sizes in a heap of texts and copies what they say, beyond the heap too.
bool is_sound(std::string_view bytes, haddr_t file_length) {
  if (!is_heap(bytes)) return true;
  const std::uint64_t total = stored_number(bytes.data() + 8, 8);
  if (total > file_length) return false;
  return total > bytes.size() || heap_sizes(bytes.substr(0, total));  // HDF5 reads the beginning first, then all of it
}

/// What was never written reads as zero.
herr_t read(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, std::size_t size, void* buffer) {
  auto& here = ours(file);
  auto* out = static_cast<char*>(buffer);
  for (std::size_t done = 0; done < size;) {
    const ssize_t got = ::pread(here.descriptor, out + done, size - done, static_cast<off_t>(address + done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) here.remember(errno);
    if (got <= 0) {
      std::memset(out + done, 0, size - done);
      break;
    }
    done += static_cast<std::size_t>(got);
  }
  for (const auto& [start, bytes] : here.unwritten) {
    const haddr_t first = std::max(start, address), last = std::min(start + bytes.size(), address + size);
    if (first < last) std::memcpy(out + (first - address), bytes.data() + (first - start), last - first);
  }
  return is_sound({out, size}, here.length) ? 0 : -1;
}

herr_t write(H5FD_t* file, H5FD_mem_t, hid_t, haddr_t address, std::size_t size, const void* buffer) {
  auto& here = ours(file);
  const auto* in = static_cast<const char*>(buffer);
  here.length = std::max(here.length, address + size);
  std::size_t done = 0;
  while (*here.first_error == 0 && done < size) {
    const ssize_t put = ::pwrite(here.descriptor, in + done, size - done, static_cast<off_t>(address + done));
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0)
      here.remember(errno);
    else
      done += static_cast<std::size_t>(put);
  }
  if (done == size) return 0;
  try {
    auto& kept = here.unwritten[address];
    if (kept.size() < size) kept.resize(size);
    std::memcpy(kept.data(), in, size);
    return 0;
  } catch (const std::bad_alloc&) {  // an exception must not cross the C library
    return -1;
  }
}

/// A file that another process writes is not read: HDF5 locks both.
herr_t lock(H5FD_t* file, hbool_t writes) {
  const bool is_locked = ::flock(ours(file).descriptor, (writes ? LOCK_EX : LOCK_SH) | LOCK_NB) == 0;
  return is_locked || errno == ENOSYS ? 0 : -1;  // some network file systems have no locks
}

herr_t unlock(H5FD_t* file) { return ::flock(ours(file).descriptor, LOCK_UN) == 0 || errno == ENOSYS ? 0 : -1; }

herr_t truncate(H5FD_t* file, hid_t, hbool_t) {
  auto& here = ours(file);
  if (*here.first_error == 0 && ::ftruncate(here.descriptor, static_cast<off_t>(here.allocated)) != 0)
    here.remember(errno);
  here.length = here.allocated;
  return 0;
}

herr_t get_handle(H5FD_t* file, hid_t, void** handle) {
  *handle = &ours(file);
  return 0;
}

const H5FD_class_t& driver_class() {
  static const H5FD_class_t driver = [] {
    H5FD_class_t made{};
#if H5_VERSION_GE(1, 13, 0)
    made.version = H5FD_CLASS_VERSION;
    made.value = static_cast<H5FD_class_value_t>(600);  // 512 to 65535 are free for anyone's use
#endif
    made.name = "eddyline";
    made.maxaddr = static_cast<haddr_t>(std::numeric_limits<off_t>::max());
    made.fc_degree = H5F_CLOSE_WEAK;
    made.fapl_size = sizeof(int*);
    made.open = open;
    made.close = close;
    made.query = query;
    made.get_eoa = get_allocated;
    made.set_eoa = set_allocated;
    made.get_eof = get_length;
    made.read = read;
    made.write = write;
    made.truncate = truncate;
    made.get_handle = get_handle;
    made.lock = lock;
    made.unlock = unlock;
    const H5FD_mem_t map[] = H5FD_FLMAP_DICHOTOMY;
    std::copy(std::begin(map), std::end(map), made.fl_map);
    return made;
  }();
  return driver;
}

}  // namespace

std::uint64_t stored_number(const char* bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t n = count; n-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[n]);
  return value;
}

std::optional<std::map<std::uint32_t, std::uint64_t>> heap_sizes(std::string_view bytes) {
  if (!is_heap(bytes) || stored_number(bytes.data() + 8, 8) != bytes.size()) return std::nullopt;
  std::map<std::uint32_t, std::uint64_t> sizes;
  // Texts of 16 bytes and their content, rounded to 8; one numbered 0 is the rest.
  for (std::size_t place = heap_head; place + heap_head <= bytes.size();) {
    const char* object = bytes.data() + place;
    const std::uint64_t content = stored_number(object + 8, 8), left = bytes.size() - place;
    const auto number = static_cast<std::uint32_t>(stored_number(object, 2));
    if (number == 0) return content == left ? std::optional(sizes) : std::nullopt;
    if (content > left - heap_head || (content + 7) / 8 * 8 > left - heap_head) return std::nullopt;
    sizes[number] = content;
    place += heap_head + (content + 7) / 8 * 8;
  }
  return sizes;
}

std::string heap_at(hid_t file, std::uint64_t address) {
  void* handle = nullptr;
  if (H5Fget_vfd_handle(file, H5P_DEFAULT, &handle) < 0) return {};
  const auto& here = *static_cast<const OpenFile*>(handle);
  std::string bytes(heap_head, '\0');
  const auto fill = [&] {
    return address < here.length && bytes.size() <= here.length - address &&
           ::pread(here.descriptor, bytes.data(), bytes.size(), static_cast<off_t>(address)) ==
               static_cast<ssize_t>(bytes.size());
  };
  if (!fill() || !is_heap(bytes)) return {};
  const std::uint64_t total = stored_number(bytes.data() + 8, 8);
  if (total > here.length) return {};
  bytes.resize(total);
  return fill() ? bytes : std::string();
}

herr_t set_driver(hid_t access, int& first_error) {
  static const hid_t driver = H5FDregister(&driver_class());
  const int* const info = &first_error;
  return driver < 0 ? -1 : H5Pset_driver(access, driver, static_cast<const void*>(&info));
}

}  // namespace eddyline::hdf5
