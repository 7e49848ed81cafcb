#include "core/io/hdf5.hpp"

#include <ATen/ATen.h>
#include <hdf5.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>
#include <mutex>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/io/hdf5_texts.hpp"

namespace eddyline::hdf5 {
namespace {

constexpr std::int64_t max_bytes = std::int64_t{1} << 40;

/// Debian's HDF5 is not thread-safe: one call at a time.
std::recursive_mutex& library_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

/// The innermost description on HDF5's error stack.
std::string library_error() {
  std::string text;
  H5Ewalk2(
      H5E_DEFAULT, H5E_WALK_UPWARD,
      [](unsigned, const H5E_error2_t* error, void* out) -> herr_t {
        auto& message = *static_cast<std::string*>(out);
        if (message.empty() && error->desc != nullptr) message = error->desc;
        return 0;
      },
      &text);
  return text.empty() ? "unknown HDF5 error" : text;
}

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

hid_t native(Type type) {
  switch (type) {
    case Type::float32:
      return H5T_NATIVE_FLOAT;
    case Type::float64:
      return H5T_NATIVE_DOUBLE;
    case Type::int8:
    case Type::boolean:
      return H5T_NATIVE_INT8;
    case Type::int32:
      return H5T_NATIVE_INT32;
    default:
      return H5T_NATIVE_INT64;
  }
}

at::ScalarType scalar_type(Type type) {
  switch (type) {
    case Type::float32:
      return at::kFloat;
    case Type::float64:
      return at::kDouble;
    case Type::int8:
    case Type::boolean:
      return at::kChar;
    case Type::int32:
      return at::kInt;
    default:
      return at::kLong;
  }
}

Type type_of(const at::Tensor& values) {
  switch (values.scalar_type()) {
    case at::kFloat:
      return Type::float32;
    case at::kDouble:
      return Type::float64;
    case at::kChar:
      return Type::int8;
    case at::kInt:
      return Type::int32;
    case at::kLong:
      return Type::int64;
    case at::kBool:
      return Type::boolean;
    default:
      throw DataError("tensors of this type are not written to HDF5");
  }
}

Id boolean_type() {
  Id type(H5Tenum_create(H5T_NATIVE_INT8), H5Tclose);
  std::int8_t value = 0;
  H5Tenum_insert(type, "FALSE", &value);
  value = 1;
  H5Tenum_insert(type, "TRUE", &value);
  return type;
}

Id string_type() {
  Id type(H5Tcopy(H5T_C_S1), H5Tclose);
  H5Tset_size(type, H5T_VARIABLE);
  H5Tset_cset(type, H5T_CSET_UTF8);
  return type;
}

std::vector<hsize_t> extents(const std::vector<std::int64_t>& sizes) { return {sizes.begin(), sizes.end()}; }

}  // namespace

struct File::Handle {
  std::filesystem::path path;
  hid_t id = -1;
  std::unique_ptr<AtomicFile> pending;
  double planned_bytes = 0;  // of all datasets of a file that is being written

  ~Handle() {
    const std::scoped_lock lock(library_mutex());
    if (id >= 0) H5Fclose(id);
  }

  [[noreturn]] void fail(const std::string& name, const std::string& what) const {
    const std::string where = "'" + path.string() + "'" + (name.empty() ? "" : ", " + printable(name)) + ": " + what;
    if (pending == nullptr) throw DataError(where);
    for (const int reason : {ENOSPC, EFBIG, EDQUOT})
      if (what.find(std::strerror(reason)) != std::string::npos) throw_io_error(path, "write", reason, planned_bytes);
    throw IoError("cannot write " + where);
  }
  template <class Result>
  Result checked(Result result, const std::string& name, const std::string& action) const {
    if (result < 0) fail(name, action + " failed (" + library_error() + ")");
    return result;
  }
  Id object(const std::string& name) const {
    if (!exists(name)) fail(name, "there is no such object");
    return {checked(H5Oopen(id, name.c_str(), H5P_DEFAULT), name, "opening"), H5Oclose};
  }
  Id dataset(const std::string& name) const {
    if (!exists(name)) fail(name, "there is no such dataset");
    return {checked(H5Dopen2(id, name.c_str(), H5P_DEFAULT), name, "opening"), H5Dclose};
  }
  bool exists(const std::string& name) const {
    if (name == "/" || name.empty()) return true;
    for (std::size_t slash = name.find('/', 1);; slash = name.find('/', slash + 1)) {
      const std::string part = name.substr(0, slash);
      if (H5Lexists(id, part.c_str(), H5P_DEFAULT) <= 0) return false;
      H5L_info_t link{};
      if (H5Lget_info(id, part.c_str(), &link, H5P_DEFAULT) < 0) return false;
      if (link.type != H5L_TYPE_HARD) fail(part, "is a soft or external link; only plain files are read");
      if (slash == std::string::npos) return true;
    }
  }
  void make_group(const std::string& name) const {
    const Id plan(H5Pcreate(H5P_GROUP_CREATE), H5Pclose);
    checked(H5Pset_obj_track_times(plan, false), name, "preparing");
    const Id group(checked(H5Gcreate2(id, name.c_str(), H5P_DEFAULT, plan, H5P_DEFAULT), name, "creating"), H5Gclose);
  }
  /// The groups above `name`. Made one by one: those that HDF5 makes on the way hold the time of their making.
  void make_parents(const std::string& name) const {
    for (std::size_t slash = name.find('/', 1); slash != std::string::npos; slash = name.find('/', slash + 1))
      if (const std::string group = name.substr(0, slash); !exists(group)) make_group(group);
  }
  DatasetInfo info(const std::string& name, hid_t set) const {
    const Id space(checked(H5Dget_space(set), name, "reading the shape of"), H5Sclose);
    const Id type(checked(H5Dget_type(set), name, "reading the type of"), H5Tclose);
    const int rank = checked(H5Sget_simple_extent_ndims(space), name, "reading the shape of");
    std::vector<hsize_t> sizes(static_cast<std::size_t>(rank));
    checked(H5Sget_simple_extent_dims(space, sizes.data(), nullptr), name, "reading the shape of");
    DatasetInfo out;
    std::int64_t bytes = static_cast<std::int64_t>(H5Tget_size(type));
    for (const hsize_t size : sizes) {
      if (size > static_cast<hsize_t>(max_bytes) ||
          __builtin_mul_overflow(bytes, static_cast<std::int64_t>(size), &bytes) || bytes > max_bytes)
        fail(name, "claims a size of over 1 TiB");
      out.shape.push_back(static_cast<std::int64_t>(size));
    }
    const std::size_t size = H5Tget_size(type);
    switch (H5Tget_class(type)) {
      case H5T_FLOAT:
        out.type = size <= 4 ? Type::float32 : Type::float64;
        break;
      case H5T_ENUM:
        out.type = Type::boolean;
        break;
      case H5T_INTEGER:
        out.type = size == 1 ? Type::int8 : size <= 4 ? Type::int32 : Type::int64;
        break;
      case H5T_STRING:
        out.type = Type::string;
        break;
      default:
        fail(name, "holds a type that is not read (only numbers, bools and texts)");
    }
    return out;
  }
  void check_filters(const std::string& name, hid_t set, std::int64_t bytes) const {
    const Id plan(checked(H5Dget_create_plist(set), name, "reading the layout of"), H5Pclose);
    const int count = checked(H5Pget_nfilters(plan), name, "reading the filters of");
    bool is_compressed = false;
    for (int i = 0; i < count; ++i) {
      unsigned flags = 0, config = 0;
      std::size_t values = 0;
      const H5Z_filter_t filter =
          H5Pget_filter2(plan, static_cast<unsigned>(i), &flags, &values, nullptr, 0, nullptr, &config);
      is_compressed = is_compressed || filter == H5Z_FILTER_DEFLATE;
      if (filter != H5Z_FILTER_DEFLATE && filter != H5Z_FILTER_SHUFFLE && filter != H5Z_FILTER_FLETCHER32)
        fail(name, "uses HDF5 filter " + std::to_string(filter) + "; only deflate, shuffle and Fletcher32 are read");
    }
    const H5D_layout_t layout = H5Pget_layout(plan);
    if (H5Pget_external_count(plan) > 0 || layout == H5D_VIRTUAL) fail(name, "stores its data outside the file");
    if (pending != nullptr) return;
    // A header that lies must not make us allocate: deflate shrinks by a factor of 1032 at most; without it numbers
    // grow by a factor of four at most, from small types to ours.
    std::error_code code;
    const auto file_bytes = static_cast<std::int64_t>(std::filesystem::file_size(path, code));
    const std::int64_t most = std::max<std::int64_t>(1'000'000, (is_compressed ? 1100 : 4) * file_bytes);
    std::int64_t chunk_bytes = 0;
    if (layout == H5D_CHUNKED) {
      std::vector<hsize_t> chunk(H5S_MAX_RANK);
      const int rank = checked(H5Pget_chunk(plan, H5S_MAX_RANK, chunk.data()), name, "reading the chunks of");
      const Id type(checked(H5Dget_type(set), name, "reading the type of"), H5Tclose);
      chunk_bytes = static_cast<std::int64_t>(H5Tget_size(type));
      for (int axis = 0; axis < rank; ++axis)
        if (__builtin_mul_overflow(chunk_bytes, static_cast<std::int64_t>(chunk[static_cast<std::size_t>(axis)]),
                                   &chunk_bytes))
          fail(name, "claims chunks of over 8 EiB");
    }
    if (!code && std::max(bytes, chunk_bytes) > most)
      fail(name, "claims " + std::to_string(std::max(bytes, chunk_bytes)) + " bytes in a file of " +
                     std::to_string(file_bytes) + ": truncated or damaged");
  }
};

File::File(std::unique_ptr<Handle> handle) : handle_(std::move(handle)) {}
File::~File() = default;
File::File(File&&) noexcept = default;
File& File::operator=(File&&) noexcept = default;

File File::open(const std::filesystem::path& path) {
  const std::scoped_lock lock(library_mutex());
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  H5PLset_loading_state(0);  // a file must not make us load filters from elsewhere
  std::error_code code;
  if (!std::filesystem::is_regular_file(path, code)) throw IoError("there is no file '" + path.string() + "'");
  auto handle = std::make_unique<Handle>();
  handle->path = path;
  handle->id = H5Fopen(path.c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  if (handle->id < 0) {
    const std::string reason = library_error();
    const bool locked = reason.find("lock") != std::string::npos;
    throw DataError("'" + path.string() + "' (" + std::to_string(std::filesystem::file_size(path, code)) + " bytes): " +
                    (locked ? "another process is writing it" : "not a whole HDF5 file; truncated or damaged") + " (" +
                    reason + ")");
  }
  if (H5Aexists(handle->id, text_sum_name) > 0) {
    double stored = -1;
    const Id attribute(H5Aopen(handle->id, text_sum_name, H5P_DEFAULT), H5Aclose);
    if (H5Aread(attribute, H5T_NATIVE_DOUBLE, &stored) < 0 || stored != static_cast<double>(text_sum(handle->id)))
      throw DataError("'" + path.string() + "': its texts differ from their checksum: damaged");
  }
  return File(std::move(handle));
}

File File::create(const std::filesystem::path& path) {
  const std::scoped_lock lock(library_mutex());
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
  auto handle = std::make_unique<Handle>();
  handle->path = path;
  handle->pending = std::make_unique<AtomicFile>(path);
  const Id access(H5Pcreate(H5P_FILE_ACCESS), H5Pclose);
  // The newest format of 1.10 carries checksums on its metadata.
  handle->checked(H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110), "", "choosing the file format");
  const Id root(H5Pcreate(H5P_FILE_CREATE), H5Pclose);
  handle->checked(H5Pset_obj_track_times(root, false), "", "preparing");  // the same content, the same bytes
  handle->id =
      handle->checked(H5Fcreate(handle->pending->temporary().c_str(), H5F_ACC_TRUNC, root, access), "", "creating");
  return File(std::move(handle));
}

const std::filesystem::path& File::path() const { return handle_->path; }

bool File::exists(const std::string& name) const {
  const std::scoped_lock lock(library_mutex());
  return handle_->exists(name);
}

std::vector<std::string> File::links(const std::string& group) const {
  const std::scoped_lock lock(library_mutex());
  if (!handle_->exists(group)) return {};
  const Id id = handle_->object(group);
  std::vector<std::string> names;
  handle_->checked(H5Literate(
                       id, H5_INDEX_NAME, H5_ITER_INC, nullptr,
                       [](hid_t, const char* name, const H5L_info_t*, void* out) -> herr_t {
                         static_cast<std::vector<std::string>*>(out)->emplace_back(name);
                         return 0;
                       },
                       &names),
                   group, "listing");
  return names;
}

bool File::is_group(const std::string& name) const {
  const std::scoped_lock lock(library_mutex());
  if (!handle_->exists(name)) return false;
  return H5Iget_type(handle_->object(name)) == H5I_GROUP;
}

DatasetInfo File::info(const std::string& dataset) const {
  const std::scoped_lock lock(library_mutex());
  return handle_->info(dataset, handle_->dataset(dataset));
}

at::Tensor File::read(const std::string& dataset) const {
  const DatasetInfo whole = info(dataset);
  return read(dataset, std::vector<std::int64_t>(whole.shape.size(), 0), whole.shape);
}

at::Tensor File::read(const std::string& dataset, const std::vector<std::int64_t>& start,
                      const std::vector<std::int64_t>& count) const {
  const std::scoped_lock lock(library_mutex());
  const Id set = handle_->dataset(dataset);
  const DatasetInfo whole = handle_->info(dataset, set);
  if (whole.type == Type::string) handle_->fail(dataset, "holds texts where numbers are expected");
  if (start.size() != whole.shape.size() || count.size() != whole.shape.size())
    handle_->fail(dataset,
                  "has " + std::to_string(whole.shape.size()) + " axes, expected " + std::to_string(start.size()));
  std::int64_t bytes = static_cast<std::int64_t>(c10::elementSize(scalar_type(whole.type)));
  for (std::size_t axis = 0; axis < start.size(); ++axis) {
    if (start[axis] < 0 || count[axis] < 0 || start[axis] + count[axis] > whole.shape[axis])
      handle_->fail(dataset, "axis " + std::to_string(axis) + " has " + std::to_string(whole.shape[axis]) +
                                 " entries, " + std::to_string(start[axis] + count[axis]) + " are asked for");
    bytes *= count[axis];
  }
  handle_->check_filters(dataset, set, bytes);
  at::Tensor values = at::empty(count, at::TensorOptions(scalar_type(whole.type)));
  if (values.numel() == 0) return values;
  const Id file_space(handle_->checked(H5Dget_space(set), dataset, "reading"), H5Sclose);
  if (!start.empty())
    handle_->checked(
        H5Sselect_hyperslab(file_space, H5S_SELECT_SET, extents(start).data(), nullptr, extents(count).data(), nullptr),
        dataset, "selecting a part of");
  const Id memory_space(H5Screate_simple(static_cast<int>(count.size()), extents(count).data(), nullptr), H5Sclose);
  const Id bools = boolean_type();
  const hid_t type = whole.type == Type::boolean ? static_cast<hid_t>(bools) : native(whole.type);
  if (H5Dread(set, type, memory_space, file_space, H5P_DEFAULT, values.mutable_data_ptr()) < 0)
    handle_->fail(dataset, "its data are damaged or cut (" + library_error() + ")");
  return values;
}

std::vector<std::string> File::read_strings(const std::string& dataset) const {
  const std::scoped_lock lock(library_mutex());
  const Id set = handle_->dataset(dataset);
  const DatasetInfo whole = handle_->info(dataset, set);
  const Id type(H5Dget_type(set), H5Tclose);
  if (whole.type != Type::string || H5Tis_variable_str(type) <= 0)
    handle_->fail(dataset, "holds no variable-length texts");
  std::int64_t count = 1;
  for (const auto size : whole.shape) count *= size;
  handle_->check_filters(dataset, set, count * static_cast<std::int64_t>(H5Tget_size(type)));
  std::vector<char*> texts(static_cast<std::size_t>(count), nullptr);
  const Id memory = string_type();
  handle_->checked(H5Dread(set, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, texts.data()), dataset, "reading");
  std::vector<std::string> out;
  for (char* text : texts) {
    out.emplace_back(text != nullptr ? text : "");
    H5free_memory(text);
  }
  return out;
}

std::vector<std::string> File::attributes(const std::string& object) const {
  const std::scoped_lock lock(library_mutex());
  const Id id = handle_->object(object);
  std::vector<std::string> names;
  handle_->checked(H5Aiterate2(
                       id, H5_INDEX_NAME, H5_ITER_INC, nullptr,
                       [](hid_t, const char* name, const H5A_info_t*, void* out) -> herr_t {
                         static_cast<std::vector<std::string>*>(out)->emplace_back(name);
                         return 0;
                       },
                       &names),
                   object, "listing the attributes of");
  return names;
}

std::optional<std::vector<std::string>> File::string_attribute(const std::string& object,
                                                               const std::string& name) const {
  const std::scoped_lock lock(library_mutex());
  const Id owner = handle_->object(object);
  if (H5Aexists(owner, name.c_str()) <= 0) return std::nullopt;
  const Id attribute(handle_->checked(H5Aopen(owner, name.c_str(), H5P_DEFAULT), name, "opening the attribute"),
                     H5Aclose);
  const Id type(H5Aget_type(attribute), H5Tclose);
  if (H5Tget_class(type) != H5T_STRING) return std::nullopt;
  const Id space(H5Aget_space(attribute), H5Sclose);
  const auto count = static_cast<std::size_t>(std::max<hssize_t>(H5Sget_simple_extent_npoints(space), 0));
  std::vector<std::string> out;
  if (count == 0) return out;
  if (count > 1'000'000) handle_->fail(object, "attribute '" + printable(name) + "' is too large");
  if (H5Tis_variable_str(type) > 0) {
    std::vector<char*> texts(count, nullptr);
    const Id memory(H5Tget_native_type(type, H5T_DIR_DEFAULT), H5Tclose);
    handle_->checked(H5Aread(attribute, memory, texts.data()), name, "reading the attribute");
    for (char* text : texts) {
      out.emplace_back(text != nullptr ? text : "");
      H5free_memory(text);
    }
    return out;
  }
  const std::size_t width = H5Tget_size(type);
  if (width * count > 1'000'000) handle_->fail(object, "attribute '" + printable(name) + "' is too large");
  std::string bytes(width * count, '\0');
  handle_->checked(H5Aread(attribute, type, bytes.data()), name, "reading the attribute");
  for (std::size_t i = 0; i < count; ++i) out.emplace_back(bytes.substr(i * width, width).c_str());
  return out;
}

std::optional<std::vector<double>> File::number_attribute(const std::string& object, const std::string& name) const {
  const std::scoped_lock lock(library_mutex());
  const Id owner = handle_->object(object);
  if (H5Aexists(owner, name.c_str()) <= 0) return std::nullopt;
  const Id attribute(handle_->checked(H5Aopen(owner, name.c_str(), H5P_DEFAULT), name, "opening the attribute"),
                     H5Aclose);
  const Id type(H5Aget_type(attribute), H5Tclose);
  const Id space(H5Aget_space(attribute), H5Sclose);
  const auto count = std::max<hssize_t>(H5Sget_simple_extent_npoints(space), 0);
  if (count > 1'000'000) handle_->fail(object, "attribute '" + printable(name) + "' is too large");
  const H5T_class_t kind = H5Tget_class(type);
  if (kind == H5T_ENUM) {
    std::vector<std::int8_t> values(static_cast<std::size_t>(count));
    const Id bools = boolean_type();
    handle_->checked(H5Aread(attribute, bools, values.data()), name, "reading the attribute");
    return std::vector<double>(values.begin(), values.end());
  }
  if (kind != H5T_FLOAT && kind != H5T_INTEGER) return std::nullopt;
  std::vector<double> values(static_cast<std::size_t>(count));
  if (count > 0) handle_->checked(H5Aread(attribute, H5T_NATIVE_DOUBLE, values.data()), name, "reading the attribute");
  return values;
}

void File::make_group(const std::string& name) {
  const std::scoped_lock lock(library_mutex());
  handle_->make_parents(name);
  handle_->make_group(name);
}

void File::make_dataset(const std::string& dataset, const std::vector<std::int64_t>& shape, Type type,
                        std::vector<std::int64_t> chunk) {
  const std::scoped_lock lock(library_mutex());
  const Id space(shape.empty() ? H5Screate(H5S_SCALAR)
                               : H5Screate_simple(static_cast<int>(shape.size()), extents(shape).data(), nullptr),
                 H5Sclose);
  handle_->make_parents(dataset);
  const Id plan(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  handle_->checked(H5Pset_obj_track_times(plan, false), dataset, "preparing");
  double bytes = static_cast<double>(H5Tget_size(native(type)));
  for (const auto length : shape) bytes *= static_cast<double>(length);
  handle_->planned_bytes += bytes;
  const bool is_chunked = !shape.empty() && std::find(shape.begin(), shape.end(), 0) == shape.end();
  if (is_chunked) {
    if (chunk.size() != shape.size()) chunk = shape;
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
      chunk[axis] = std::clamp<std::int64_t>(chunk[axis], 1, shape[axis]);
    handle_->checked(H5Pset_chunk(plan, static_cast<int>(chunk.size()), extents(chunk).data()), dataset,
                     "choosing chunks of");
    handle_->checked(H5Pset_fletcher32(plan), dataset, "choosing checksums of");
  }
  const Id bools = boolean_type();
  const hid_t stored = type == Type::boolean ? static_cast<hid_t>(bools) : native(type);
  const Id set(handle_->checked(H5Dcreate2(handle_->id, dataset.c_str(), stored, space, H5P_DEFAULT, plan, H5P_DEFAULT),
                                dataset, "creating"),
               H5Dclose);
}

void File::write(const std::string& dataset, const at::Tensor& values, std::vector<std::int64_t> chunk) {
  make_dataset(dataset, values.sizes().vec(), type_of(values), std::move(chunk));
  write_block(dataset, std::vector<std::int64_t>(static_cast<std::size_t>(values.dim()), 0), values);
}

void File::write_block(const std::string& dataset, const std::vector<std::int64_t>& start, const at::Tensor& values) {
  const std::scoped_lock lock(library_mutex());
  if (FailureInjection::strikes()) throw_io_error(handle_->path, "write", ENOSPC, handle_->planned_bytes);
  Id set = handle_->dataset(dataset);
  const at::Tensor whole = values.contiguous();
  if (whole.numel() == 0) return;
  const Id file_space(handle_->checked(H5Dget_space(set), dataset, "writing"), H5Sclose);
  const auto count = whole.sizes().vec();
  if (!start.empty())
    handle_->checked(
        H5Sselect_hyperslab(file_space, H5S_SELECT_SET, extents(start).data(), nullptr, extents(count).data(), nullptr),
        dataset, "selecting a part of");
  const Id memory_space(H5Screate_simple(static_cast<int>(count.size()), extents(count).data(), nullptr), H5Sclose);
  const Id bools = boolean_type();
  const Type type = type_of(whole);
  handle_->checked(H5Dwrite(set, type == Type::boolean ? static_cast<hid_t>(bools) : native(type), memory_space,
                            file_space, H5P_DEFAULT, whole.const_data_ptr()),
                   dataset, "writing");
  handle_->checked(set.finish(), dataset, "writing");
}

namespace {

void write_texts(hid_t target, herr_t (*write)(hid_t, hid_t, const void*), const std::vector<std::string>& values,
                 herr_t& result) {
  std::vector<const char*> texts;
  for (const auto& value : values) texts.push_back(value.c_str());
  const Id type = string_type();
  result = write(target, type, texts.data());
}

}  // namespace

void File::write_strings(const std::string& dataset, const std::vector<std::string>& values) {
  const std::scoped_lock lock(library_mutex());
  const hsize_t count = values.size();
  const Id space(H5Screate_simple(1, &count, nullptr), H5Sclose);
  const Id type = string_type();
  handle_->make_parents(dataset);
  const Id plan(H5Pcreate(H5P_DATASET_CREATE), H5Pclose);
  handle_->checked(H5Pset_obj_track_times(plan, false), dataset, "preparing");
  const Id set(handle_->checked(H5Dcreate2(handle_->id, dataset.c_str(), type, space, H5P_DEFAULT, plan, H5P_DEFAULT),
                                dataset, "creating"),
               H5Dclose);
  herr_t result = 0;
  write_texts(
      set,
      [](hid_t id, hid_t memory, const void* data) {
        return H5Dwrite(id, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, data);
      },
      values, result);
  handle_->checked(result, dataset, "writing");
}

namespace {

/// Makes the attribute anew.
Id new_attribute(hid_t owner, const std::string& name, hid_t type, std::optional<hsize_t> count) {
  if (H5Aexists(owner, name.c_str()) > 0) H5Adelete(owner, name.c_str());
  const Id space(count ? H5Screate_simple(1, &*count, nullptr) : H5Screate(H5S_SCALAR), H5Sclose);
  return {H5Acreate2(owner, name.c_str(), type, space, H5P_DEFAULT, H5P_DEFAULT), H5Aclose};
}

}  // namespace

void File::set_attribute(const std::string& object, const std::string& name, const std::string& value) {
  const std::scoped_lock lock(library_mutex());
  const Id owner = handle_->object(object);
  const Id type = string_type();
  const Id attribute = new_attribute(owner, name, type, std::nullopt);
  const char* text = value.c_str();
  handle_->checked(H5Awrite(attribute, type, &text), name, "writing the attribute");
}

void File::set_attribute(const std::string& object, const std::string& name, const std::vector<std::string>& values) {
  const std::scoped_lock lock(library_mutex());
  const Id owner = handle_->object(object);
  const Id type = string_type();
  const Id attribute = new_attribute(owner, name, type, values.size());
  handle_->checked<hid_t>(attribute, name, "creating the attribute");
  if (values.empty()) return;
  herr_t result = 0;
  write_texts(attribute, H5Awrite, values, result);
  handle_->checked(result, name, "writing the attribute");
}

void File::set_attribute(const std::string& object, const std::string& name, double value) {
  const std::scoped_lock lock(library_mutex());
  const Id owner = handle_->object(object);
  const Id attribute = new_attribute(owner, name, H5T_NATIVE_DOUBLE, std::nullopt);
  handle_->checked(H5Awrite(attribute, H5T_NATIVE_DOUBLE, &value), name, "writing the attribute");
}

void File::set_attribute(const std::string& object, const std::string& name, std::int64_t value) {
  const std::scoped_lock lock(library_mutex());
  const Id owner = handle_->object(object);
  const Id attribute = new_attribute(owner, name, H5T_NATIVE_INT64, std::nullopt);
  handle_->checked(H5Awrite(attribute, H5T_NATIVE_INT64, &value), name, "writing the attribute");
}

void File::set_attribute(const std::string& object, const std::string& name, bool value) {
  const std::scoped_lock lock(library_mutex());
  const Id owner = handle_->object(object);
  const Id type = boolean_type();
  const Id attribute = new_attribute(owner, name, type, std::nullopt);
  const std::int8_t byte = value ? 1 : 0;
  handle_->checked(H5Awrite(attribute, type, &byte), name, "writing the attribute");
}

void File::set_attribute(const std::string& object, const std::string& name, const std::vector<bool>& values) {
  const std::scoped_lock lock(library_mutex());
  const Id owner = handle_->object(object);
  const Id type = boolean_type();
  const Id attribute = new_attribute(owner, name, type, values.size());
  std::vector<std::int8_t> bytes(values.begin(), values.end());
  if (!bytes.empty()) handle_->checked(H5Awrite(attribute, type, bytes.data()), name, "writing the attribute");
}

void File::commit() {
  const std::scoped_lock lock(library_mutex());
  set_attribute("/", text_sum_name, text_sum(handle_->id));
  handle_->checked(H5Fflush(handle_->id, H5F_SCOPE_GLOBAL), "", "flushing");
  handle_->checked(H5Fclose(std::exchange(handle_->id, -1)), "", "closing");
  // A full disk is reported late by HDF5: the file must open again before it may take the target's name.
  const hid_t again = H5Fopen(handle_->pending->temporary().c_str(), H5F_ACC_RDONLY, H5P_DEFAULT);
  handle_->checked(again, "", "checking");
  handle_->checked(H5Fclose(again), "", "closing");
  handle_->pending->commit();
}

}  // namespace eddyline::hdf5
