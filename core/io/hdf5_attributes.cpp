#include <algorithm>

#include "core/base/text.hpp"
#include "core/io/hdf5_handle.hpp"
#include "core/io/hdf5_texts.hpp"

namespace eddyline::hdf5 {

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
  const Id attribute = handle_->attribute(owner, name);
  const Id type(H5Aget_type(attribute), H5Tclose);
  if (H5Tget_class(type) != H5T_STRING) return std::nullopt;
  const Id space(H5Aget_space(attribute), H5Sclose);
  const auto count = static_cast<std::size_t>(std::max<hssize_t>(H5Sget_simple_extent_npoints(space), 0));
  std::vector<std::string> out;
  if (count == 0) return out;
  if (count > 1'000'000) handle_->fail(object, "attribute '" + printable(name) + "' is too large");
  if (H5Tis_variable_str(type) > 0) {
    auto texts = read_texts(handle_->id, type, count,
                            [&](hid_t memory, void* values) { return H5Aread(attribute, memory, values); });
    if (!texts) handle_->fail(object, "the texts of attribute '" + printable(name) + "' are damaged or cut");
    return std::move(*texts);
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
  const Id attribute = handle_->attribute(owner, name);
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
  handle_->checked(write_texts(attribute, H5Awrite, values), name, "writing the attribute");
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

}  // namespace eddyline::hdf5
