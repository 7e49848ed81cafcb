#pragma once
// A thin, thread-safe layer over the HDF5 C library: every return value is checked, HDF5's error stack becomes the
// message, sizes are checked before anything is allocated, and only deflate, shuffle and Fletcher32 filters are
// accepted.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/io/atomic_file.hpp"

namespace eddyline::hdf5 {

/// Number type of a dataset on disk.
enum class Type { float32, float64, int8, int32, int64, boolean, string };

struct DatasetInfo {
  std::vector<std::int64_t> shape;
  Type type = Type::float32;
};

/// An open file. Names are paths inside it: "t1_fields/velocity". Not copyable.
class File {
 public:
  /// @throws IoError when it is missing, DataError when it is no HDF5 file, truncated or locked by a writer.
  static File open(const std::filesystem::path& path);
  /// A new file under a temporary name; `commit` makes it appear.
  static File create(const std::filesystem::path& path);
  ~File();
  File(File&&) noexcept;
  File& operator=(File&&) noexcept;

  [[nodiscard]] const std::filesystem::path& path() const;
  [[nodiscard]] bool exists(const std::string& name) const;
  /// Names of the links of a group, sorted. @throws DataError on a link out of the file.
  [[nodiscard]] std::vector<std::string> links(const std::string& group) const;
  [[nodiscard]] bool is_group(const std::string& name) const;
  [[nodiscard]] DatasetInfo info(const std::string& dataset) const;

  /// The whole dataset in its own precision (bool as uint8). @throws DataError on a checksum error or a lying size.
  [[nodiscard]] at::Tensor read(const std::string& dataset) const;
  /// The block of `count` entries from `start` on (one number an axis).
  [[nodiscard]] at::Tensor read(const std::string& dataset, const std::vector<std::int64_t>& start,
                                const std::vector<std::int64_t>& count) const;
  [[nodiscard]] std::vector<std::string> read_strings(const std::string& dataset) const;

  /// Attributes of a group or dataset ("/" is the root).
  [[nodiscard]] std::vector<std::string> attributes(const std::string& object) const;
  [[nodiscard]] std::optional<std::vector<std::string>> string_attribute(const std::string& object,
                                                                         const std::string& name) const;
  /// Numbers and bools; nothing when the attribute is missing or a text.
  [[nodiscard]] std::optional<std::vector<double>> number_attribute(const std::string& object,
                                                                    const std::string& name) const;

  void make_group(const std::string& name);
  /// Makes a dataset of the tensor's type and shape (bool tensors as HDF5's FALSE/TRUE enum) and writes it. A dataset
  /// with axes is chunked by `chunk` (clamped to the shape; empty: one chunk) and carries Fletcher32 checksums.
  void write(const std::string& dataset, const at::Tensor& values, std::vector<std::int64_t> chunk = {});
  /// Makes an empty dataset to be filled by `write_block`.
  void make_dataset(const std::string& dataset, const std::vector<std::int64_t>& shape, Type type,
                    std::vector<std::int64_t> chunk);
  void write_block(const std::string& dataset, const std::vector<std::int64_t>& start, const at::Tensor& values);
  void write_strings(const std::string& dataset, const std::vector<std::string>& values);
  void set_attribute(const std::string& object, const std::string& name, const std::string& value);
  void set_attribute(const std::string& object, const std::string& name, const std::vector<std::string>& values);
  void set_attribute(const std::string& object, const std::string& name, double value);
  void set_attribute(const std::string& object, const std::string& name, std::int64_t value);
  void set_attribute(const std::string& object, const std::string& name, bool value);
  void set_attribute(const std::string& object, const std::string& name, const std::vector<bool>& values);

  /// Closes, opens again to check, and renames the temporary to the target. @throws IoError; the target is then
  /// untouched.
  void commit();

 private:
  struct Handle;
  explicit File(std::unique_ptr<Handle> handle);
  std::unique_ptr<Handle> handle_;
};

}  // namespace eddyline::hdf5
