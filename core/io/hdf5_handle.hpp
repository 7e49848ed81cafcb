#pragma once
// What the parts of hdf5::File share: the lock over the library, identifiers that close themselves, and the open file
// with its checks. Private to core/io.

#include <ATen/core/Tensor.h>
#include <hdf5.h>

#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "core/io/hdf5.hpp"

namespace eddyline::hdf5 {

/// Debian's HDF5 is not thread-safe: one call at a time.
[[nodiscard]] std::recursive_mutex& library_mutex();
/// The innermost description on HDF5's error stack.
[[nodiscard]] std::string library_error();

/// Owns an identifier and closes it.
class Id {
 public:
  Id(hid_t id, herr_t (*close)(hid_t)) : id_(id), close_(close) {}
  Id(Id&& other) noexcept : id_(std::exchange(other.id_, -1)), close_(other.close_) {}
  Id& operator=(Id&&) = delete;
  ~Id() {
    if (id_ >= 0) close_(id_);
  }
  operator hid_t() const { return id_; }  // NOLINT: HDF5 calls take it as it is
  /// Closes now and tells whether that worked: buffers that are written then may fail.
  herr_t finish() { return close_(std::exchange(id_, -1)); }

 private:
  hid_t id_;
  herr_t (*close_)(hid_t);
};

[[nodiscard]] hid_t native(Type type);
[[nodiscard]] at::ScalarType scalar_type(Type type);
/// @throws DataError for tensors that are not written.
[[nodiscard]] Type type_of(const at::Tensor& values);
/// The enumeration FALSE, TRUE that h5py reads as bool.
[[nodiscard]] Id boolean_type();
/// Texts of variable length in UTF-8.
[[nodiscard]] Id string_type();
/// @param write  H5Awrite, or H5Dwrite for a whole dataset.
[[nodiscard]] herr_t write_texts(hid_t target, herr_t (*write)(hid_t, hid_t, const void*),
                                 const std::vector<std::string>& values);
[[nodiscard]] std::vector<hsize_t> extents(const std::vector<std::int64_t>& sizes);

struct File::Handle {
  std::filesystem::path path;
  hid_t id = -1;
  std::unique_ptr<AtomicFile> pending;
  double planned_bytes = 0;  // of all datasets of a file that is being written
  int first_error = 0;       // the system's number for the first write that failed

  Handle() = default;
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  ~Handle();

  /// @throws DataError for a file that is read, IoError for one that is written.
  [[noreturn]] void fail(const std::string& name, const std::string& what) const;
  template <class Result>
  Result checked(Result result, const std::string& name, const std::string& action) const {
    if (result < 0) fail(name, action + " failed (" + library_error() + ")");
    return result;
  }
  /// @throws IoError with path, needed and free bytes when a write has failed so far.
  void check_written() const;
  [[nodiscard]] Id object(const std::string& name) const;
  [[nodiscard]] Id dataset(const std::string& name) const;
  /// @param owner  an open group or dataset.
  [[nodiscard]] Id attribute(hid_t owner, const std::string& name) const;
  /// The part of a dataset's space from `start` on; the whole of one without axes.
  [[nodiscard]] Id block(const std::string& name, hid_t set, const std::vector<std::int64_t>& start,
                         const std::vector<std::int64_t>& count) const;
  [[nodiscard]] bool exists(const std::string& name) const;
  void make_group(const std::string& name) const;
  /// The groups above `name`. Made one by one: those that HDF5 makes on the way hold the time of their making.
  void make_parents(const std::string& name) const;
  [[nodiscard]] DatasetInfo info(const std::string& name, hid_t set) const;
  /// That reading `bytes` of a dataset can neither load foreign code, leave the file nor allocate without bound.
  void check_filters(const std::string& name, hid_t set, std::int64_t bytes) const;
};

}  // namespace eddyline::hdf5
