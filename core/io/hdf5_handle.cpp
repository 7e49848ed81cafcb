#include "core/io/hdf5_handle.hpp"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace eddyline::hdf5 {
namespace {

constexpr std::int64_t max_bytes = std::int64_t{1} << 40;

}  // namespace

std::recursive_mutex& library_mutex() {
  static std::recursive_mutex mutex;
  return mutex;
}

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

herr_t write_texts(hid_t target, herr_t (*write)(hid_t, hid_t, const void*), const std::vector<std::string>& values) {
  std::vector<const char*> texts;
  for (const auto& value : values) texts.push_back(value.c_str());
  const Id type = string_type();
  return write(target, type, texts.data());
}

std::vector<hsize_t> extents(const std::vector<std::int64_t>& sizes) { return {sizes.begin(), sizes.end()}; }

File::Handle::~Handle() {
  const std::scoped_lock lock(library_mutex());
  if (id >= 0) H5Fclose(id);
}

void File::Handle::fail(const std::string& name, const std::string& what) const {
  const std::string where = "'" + path.string() + "'" + (name.empty() ? "" : ", " + printable(name)) + ": " + what;
  if (pending == nullptr) throw DataError(where);
  check_written();
  throw IoError("cannot write " + where);
}

void File::Handle::check_written() const {
  if (first_error != 0) throw_io_error(path, "write", first_error, planned_bytes);
}

Id File::Handle::object(const std::string& name) const {
  if (!exists(name)) fail(name, "there is no such object");
  return {checked(H5Oopen(id, name.c_str(), H5P_DEFAULT), name, "opening"), H5Oclose};
}

Id File::Handle::dataset(const std::string& name) const {
  if (!exists(name)) fail(name, "there is no such dataset");
  return {checked(H5Dopen2(id, name.c_str(), H5P_DEFAULT), name, "opening"), H5Dclose};
}

Id File::Handle::attribute(hid_t owner, const std::string& name) const {
  return {checked(H5Aopen(owner, name.c_str(), H5P_DEFAULT), name, "opening the attribute"), H5Aclose};
}

Id File::Handle::block(const std::string& name, hid_t set, const std::vector<std::int64_t>& start,
                       const std::vector<std::int64_t>& count) const {
  Id space(checked(H5Dget_space(set), name, "reading the shape of"), H5Sclose);
  if (!start.empty())
    checked(H5Sselect_hyperslab(space, H5S_SELECT_SET, extents(start).data(), nullptr, extents(count).data(), nullptr),
            name, "selecting a part of");
  return space;
}

bool File::Handle::exists(const std::string& name) const {
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

void File::Handle::make_group(const std::string& name) const {
  const Id plan(H5Pcreate(H5P_GROUP_CREATE), H5Pclose);
  checked(H5Pset_obj_track_times(plan, false), name, "preparing");
  const Id group(checked(H5Gcreate2(id, name.c_str(), H5P_DEFAULT, plan, H5P_DEFAULT), name, "creating"), H5Gclose);
}

void File::Handle::make_parents(const std::string& name) const {
  for (std::size_t slash = name.find('/', 1); slash != std::string::npos; slash = name.find('/', slash + 1))
    if (const std::string group = name.substr(0, slash); !exists(group)) make_group(group);
}

DatasetInfo File::Handle::info(const std::string& name, hid_t set) const {
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

void File::Handle::check_filters(const std::string& name, hid_t set, std::int64_t bytes) const {
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

}  // namespace eddyline::hdf5
