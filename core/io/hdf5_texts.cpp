#include "core/io/hdf5_texts.hpp"

#include <hdf5.h>

#include <charconv>
#include <string>
#include <vector>

#include "core/io/content_hash.hpp"

namespace eddyline::hdf5 {
namespace {

constexpr std::int64_t mask = (std::int64_t{1} << 52) - 1;  // what a double holds exactly
constexpr hssize_t most_texts = 1'000'000;

std::int64_t hash_of(const std::string& text) {
  const std::string digits = content_hash(text);
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + 13, value, 16);
  return static_cast<std::int64_t>(value) & mask;
}

/// The texts of an attribute or dataset, or a word for why there are none.
template <class Read>
std::string texts_of(hid_t type, hid_t space, Read read) {
  const hssize_t count = H5Sget_simple_extent_npoints(space);
  if (count <= 0) return "none";
  if (count > most_texts) return "too many";
  std::string all;
  if (H5Tis_variable_str(type) <= 0) {
    const std::size_t bytes = H5Tget_size(type) * static_cast<std::size_t>(count);
    if (bytes > 100'000'000) return "too large";
    all.resize(bytes);
    return read(type, all.data()) < 0 ? "unreadable" : all;
  }
  const hid_t memory = H5Tget_native_type(type, H5T_DIR_DEFAULT);
  std::vector<char*> texts(static_cast<std::size_t>(count), nullptr);
  const bool is_read = read(memory, texts.data()) >= 0;
  H5Tclose(memory);
  if (!is_read) return "unreadable";  // HDF5 may have freed what it had made so far: the pointers are not to be touched
  for (char* text : texts) {
    if (text != nullptr) all.append(text);
    all.push_back('\0');
    H5free_memory(text);
  }
  return all;
}

struct Visit {
  std::int64_t sum = 0;
  std::string object;
};

herr_t add_attribute(hid_t owner, const char* name, const H5A_info_t*, void* data) {
  auto& visit = *static_cast<Visit*>(data);
  const hid_t attribute = H5Aopen(owner, name, H5P_DEFAULT);
  if (attribute < 0) return 0;
  const hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
  if (H5Tget_class(type) == H5T_STRING)
    visit.sum += hash_of(visit.object + "@" + name + "=" + texts_of(type, space, [&](hid_t memory, void* out) {
                           return H5Aread(attribute, memory, out);
                         }));
  H5Sclose(space);
  H5Tclose(type);
  H5Aclose(attribute);
  return 0;
}

herr_t add_object(hid_t file, const char* name, const H5O_info_t* info, void* data) {
  auto& visit = *static_cast<Visit*>(data);
  const hid_t object = H5Oopen(file, name, H5P_DEFAULT);
  if (object < 0) return 0;
  visit.object = name;
  H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, nullptr, add_attribute, data);
  if (info->type == H5O_TYPE_DATASET) {
    const hid_t type = H5Dget_type(object), space = H5Dget_space(object);
    if (H5Tget_class(type) == H5T_STRING)
      visit.sum += hash_of(visit.object + "=" + texts_of(type, space, [&](hid_t memory, void* out) {
                             return H5Dread(object, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, out);
                           }));
    H5Sclose(space);
    H5Tclose(type);
  }
  H5Oclose(object);
  return 0;
}

}  // namespace

std::int64_t text_sum(std::int64_t file) {
  Visit visit;
  H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, add_object, &visit, H5O_INFO_BASIC);
  return visit.sum & mask;
}

}  // namespace eddyline::hdf5
