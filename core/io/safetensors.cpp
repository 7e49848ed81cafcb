#include "core/io/safetensors.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/io/atomic_file.hpp"

namespace eddyline {
namespace {

using Json = nlohmann::ordered_json;

struct TypeName {
  const char* name;
  at::ScalarType type;
};
constexpr TypeName type_names[] = {{"F64", at::kDouble},    {"F32", at::kFloat},       {"F16", at::kHalf},
                                   {"BF16", at::kBFloat16}, {"I64", at::kLong},        {"I32", at::kInt},
                                   {"I16", at::kShort},     {"I8", at::kChar},         {"U8", at::kByte},
                                   {"BOOL", at::kBool},     {"C64", at::kComplexFloat}};
constexpr std::uint64_t max_header = 100'000'000;

std::optional<at::ScalarType> type_of(const std::string& name) {
  for (const auto& entry : type_names)
    if (name == entry.name) return entry.type;
  return std::nullopt;
}

/// Parses JSON but refuses a key that stands twice in one object, and nesting that no header has.
Json parse_header(const std::string& text) {
  std::vector<std::set<std::string>> keys;
  return Json::parse(text, [&](int depth, Json::parse_event_t event, Json& value) {
    if (depth > 8) throw DataError("the header is nested too deeply");
    if (event == Json::parse_event_t::object_start) keys.emplace_back();
    if (event == Json::parse_event_t::object_end) keys.pop_back();
    if (event == Json::parse_event_t::key && !keys.back().insert(value.get<std::string>()).second)
      throw DataError("the header names '" + printable(value.get<std::string>()) + "' twice");
    return true;
  });
}

struct Entry {
  std::string name;
  at::ScalarType type;
  std::vector<std::int64_t> shape;
  std::uint64_t begin, end;
};

Entry parse_entry(const std::string& name, const Json& value) {
  const auto fail = [&](const std::string& what) -> Entry {
    throw DataError("tensor '" + printable(name) + "': " + what);
  };
  if (!value.is_object() || value.size() != 3 || !value.contains("dtype") || !value.contains("shape") ||
      !value.contains("data_offsets"))
    return fail("expected dtype, shape and data_offsets");
  const auto type = value["dtype"].is_string() ? type_of(value["dtype"].get<std::string>()) : std::nullopt;
  if (!type) return fail("unknown dtype " + value["dtype"].dump());
  Entry entry{name, *type, {}, 0, 0};
  std::uint64_t bytes = c10::elementSize(*type), strided = bytes;
  if (!value["shape"].is_array() || value["shape"].size() > 64) return fail("shape is no list of at most 64 lengths");
  for (const auto& size : value["shape"]) {
    if (!size.is_number_unsigned()) return fail("shape holds " + size.dump());
    const auto length = size.get<std::uint64_t>();
    // Strides are products too, in which a length of 0 counts as 1.
    if (length > (std::uint64_t{1} << 40) || __builtin_mul_overflow(bytes, length, &bytes) ||
        __builtin_mul_overflow(strided, std::max<std::uint64_t>(length, 1), &strided) || strided >> 62 != 0)
      return fail("shape is too large");
    entry.shape.push_back(static_cast<std::int64_t>(length));
  }
  const auto& offsets = value["data_offsets"];
  if (!offsets.is_array() || offsets.size() != 2 || !offsets[0].is_number_unsigned() ||
      !offsets[1].is_number_unsigned())
    return fail("data_offsets is no pair");
  entry.begin = offsets[0].get<std::uint64_t>();
  entry.end = offsets[1].get<std::uint64_t>();
  if (entry.end < entry.begin || entry.end - entry.begin != bytes) return fail("its bytes do not match its shape");
  return entry;
}

SafetensorsFile parse(const std::string& bytes) {
  std::uint64_t header_size = 0;
  if (bytes.size() < 8) throw DataError("only " + std::to_string(bytes.size()) + " bytes: truncated");
  std::memcpy(&header_size, bytes.data(), 8);
  if (header_size > max_header || header_size > bytes.size() - 8)
    throw DataError("the header claims " + std::to_string(header_size) + " bytes, the file has " +
                    std::to_string(bytes.size()) + ": truncated or no safetensors file");
  if (header_size < 2 || bytes[8] != '{') throw DataError("the header is not JSON");
  Json header;
  try {
    header = parse_header(bytes.substr(8, header_size));
  } catch (const nlohmann::json::exception& error) {
    throw DataError(std::string("the header is not valid JSON: ") + error.what());
  }
  SafetensorsFile file;
  std::vector<Entry> entries;
  for (const auto& [name, value] : header.items()) {
    if (name != "__metadata__") {
      entries.push_back(parse_entry(name, value));
      continue;
    }
    if (!value.is_object()) throw DataError("__metadata__ is no map");
    for (const auto& [key, text] : value.items()) {
      if (!text.is_string()) throw DataError("__metadata__ '" + printable(key) + "' is no text");
      file.metadata[key] = text.get<std::string>();
    }
  }
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::pair(a.begin, a.end) < std::pair(b.begin, b.end);
  });
  std::uint64_t position = 0;
  for (const Entry& entry : entries) {
    if (entry.begin != position)
      throw DataError("tensor '" + printable(entry.name) + "' leaves a hole or overlaps another");
    position = entry.end;
  }
  if (position != bytes.size() - 8 - header_size)
    throw DataError("the tensors end at byte " + std::to_string(position) + ", the data at " +
                    std::to_string(bytes.size() - 8 - header_size));
  for (const Entry& entry : entries) {
    at::Tensor tensor = at::empty(entry.shape, at::TensorOptions(entry.type));
    if (entry.end > entry.begin)
      std::memcpy(tensor.mutable_data_ptr(), bytes.data() + 8 + header_size + entry.begin, entry.end - entry.begin);
    file.tensors[entry.name] = std::move(tensor);
  }
  return file;
}

}  // namespace

SafetensorsFile read_safetensors(const std::filesystem::path& path) {
  const std::string bytes = read_file(path);
  try {
    return parse(bytes);
  } catch (const DataError& error) {
    throw DataError("'" + path.string() + "': " + error.what());
  }
}

void write_safetensors(const std::filesystem::path& path, const SafetensorsFile& file) {
  Json header = Json::object();
  if (!file.metadata.empty()) header["__metadata__"] = file.metadata;
  std::uint64_t position = 0;
  std::vector<at::Tensor> tensors;
  for (const auto& [name, value] : file.tensors) {
    const auto found = std::find_if(std::begin(type_names), std::end(type_names),
                                    [&](const TypeName& entry) { return entry.type == value.scalar_type(); });
    if (found == std::end(type_names))
      throw DataError("tensor '" + name + "' has a type that safetensors does not know");
    tensors.push_back(value.detach().cpu().contiguous());
    const std::uint64_t end = position + tensors.back().nbytes();
    header[name] = {{"dtype", found->name}, {"shape", value.sizes().vec()}, {"data_offsets", {position, end}}};
    position = end;
  }
  std::string text = header.dump();
  text.append((8 - text.size() % 8) % 8, ' ');
  std::string bytes(8, '\0');
  const std::uint64_t size = text.size();
  std::memcpy(bytes.data(), &size, 8);
  bytes.reserve(8 + text.size() + position);
  bytes += text;
  for (const auto& tensor : tensors) bytes.append(static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes());
  write_atomically(path, bytes);
}

}  // namespace eddyline
