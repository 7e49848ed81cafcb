#include "core/io/hdf5_texts.hpp"

#include <hdf5.h>

#include <charconv>
#include <map>
#include <string>
#include <vector>

#include "core/io/content_hash.hpp"
#include "core/io/hdf5_driver.hpp"

namespace eddyline::hdf5 {
namespace {

constexpr std::int64_t mask = (std::int64_t{1} << 52) - 1;  // what a double holds exactly
constexpr hssize_t most_texts = 1'000'000;

/// What a file stores for a text of variable length: its length, and where it is.
struct Reference {
  std::uint32_t length;
  std::uint64_t heap;
  std::uint32_t number;
};
constexpr std::size_t reference_bytes = 16;

Reference reference_at(const char* bytes) {
  return {static_cast<std::uint32_t>(stored_number(bytes, 4)), stored_number(bytes + 4, 8),
          static_cast<std::uint32_t>(stored_number(bytes + 12, 4))};
}

/// A memory type that gets the references themselves: HDF5 asks for a conversion from texts to it, and this one leaves
/// the bytes as they are.
hid_t reference_type() {
  static const hid_t type = [] {
    const hid_t opaque = H5Tcreate(H5T_OPAQUE, reference_bytes), text = H5Tcopy(H5T_C_S1);
    H5Tset_size(text, H5T_VARIABLE);
    H5Tregister(
        H5T_PERS_SOFT, "eddyline_reference", text, opaque,
        [](hid_t, hid_t, H5T_cdata_t* data, std::size_t, std::size_t, std::size_t, void*, void*, hid_t) -> herr_t {
          data->need_bkg = H5T_BKG_NO;
          return 0;
        });
    H5Tclose(text);
    return opaque;
  }();
  return type;
}

/// Whether every reference leads to a text of the stored length. @param read  as in read_texts.
bool texts_are_sound(std::int64_t file, std::size_t count,
                     const std::function<int(std::int64_t type, void* values)>& read) {
  const hid_t plan = H5Fget_create_plist(file);
  std::size_t address_bytes = 0, length_bytes = 0;
  H5Pget_sizes(plan, &address_bytes, &length_bytes);
  H5Pclose(plan);
  if (address_bytes != 8 || length_bytes != 8) return false;  // of files that nobody writes
  std::vector<char> bytes(count * reference_bytes);
  if (read(reference_type(), bytes.data()) < 0) return false;
  std::map<std::uint64_t, std::map<std::uint32_t, std::uint64_t>> heaps;
  for (std::size_t n = 0; n < count; ++n) {
    const Reference reference = reference_at(bytes.data() + n * reference_bytes);
    if (reference.length == 0 && reference.heap == 0) continue;  // no text
    if (!heaps.contains(reference.heap)) {
      auto sizes = heap_sizes(heap_at(file, reference.heap));
      if (!sizes) return false;
      heaps[reference.heap] = std::move(*sizes);
    }
    const auto& sizes = heaps[reference.heap];
    const auto found = sizes.find(reference.number);
    if (found == sizes.end() || found->second != reference.length) return false;
  }
  return true;
}

std::int64_t hash_of(const std::string& text) {
  const std::string digits = content_hash(text);
  std::uint64_t value = 0;
  std::from_chars(digits.data(), digits.data() + 13, value, 16);
  return static_cast<std::int64_t>(value) & mask;
}

/// The texts of an attribute or dataset, or a word for why there are none.
template <class Read>
std::string texts_of(hid_t file, hid_t type, hid_t space, Read read) {
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
  const auto texts = read_texts(file, type, static_cast<std::size_t>(count), read);
  if (!texts) return "unreadable";
  for (const auto& text : *texts) all.append(text).push_back('\0');
  return all;
}

struct Visit {
  hid_t file;
  std::int64_t sum = 0;
  std::string object;
};

herr_t add_attribute(hid_t owner, const char* name, const H5A_info_t*, void* data) {
  auto& visit = *static_cast<Visit*>(data);
  const hid_t attribute = H5Aopen(owner, name, H5P_DEFAULT);
  if (attribute < 0) return 0;
  const hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
  if (H5Tget_class(type) == H5T_STRING)
    visit.sum +=
        hash_of(visit.object + "@" + name + "=" + texts_of(visit.file, type, space, [&](hid_t memory, void* out) {
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
      visit.sum += hash_of(visit.object + "=" + texts_of(visit.file, type, space, [&](hid_t memory, void* out) {
                             return H5Dread(object, memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, out);
                           }));
    H5Sclose(space);
    H5Tclose(type);
  }
  H5Oclose(object);
  return 0;
}

}  // namespace

std::optional<std::vector<std::string>> read_texts(std::int64_t file, std::int64_t type, std::size_t count,
                                                   const std::function<int(std::int64_t type, void* values)>& read) {
  if (!texts_are_sound(file, count, read)) return std::nullopt;
  const hid_t memory = H5Tget_native_type(type, H5T_DIR_DEFAULT);
  std::vector<char*> texts(count, nullptr);
  const bool is_read = read(memory, texts.data()) >= 0;
  H5Tclose(memory);
  if (!is_read) return std::nullopt;  // HDF5 may have freed what it had made so far: no pointer is to be touched
  std::vector<std::string> out;
  for (char* text : texts) {
    out.emplace_back(text != nullptr ? text : "");
    H5free_memory(text);
  }
  return out;
}

std::int64_t text_sum(std::int64_t file) {
  Visit visit{file, 0, {}};
  H5Ovisit2(file, H5_INDEX_NAME, H5_ITER_INC, add_object, &visit, H5O_INFO_BASIC);
  return visit.sum & mask;
}

}  // namespace eddyline::hdf5
