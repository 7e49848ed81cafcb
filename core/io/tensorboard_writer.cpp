#include "core/io/tensorboard_writer.hpp"

#include <array>
#include <bit>
#include <cmath>
#include <optional>

#include "core/base/log.hpp"
#include "core/io/atomic_file.hpp"

namespace eddyline {
namespace {

constexpr std::size_t head_bytes = 12, tail_bytes = 4;  // length and its sum; the content's sum

std::array<std::uint32_t, 256> crc_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < 256; ++byte) {
    std::uint32_t value = byte;
    for (int bit = 0; bit < 8; ++bit) value = (value & 1) != 0 ? (value >> 1) ^ 0x82F63B78U : value >> 1;
    table[byte] = value;
  }
  return table;
}

/// As TFRecord stores sums, so that the sum of a sum is no accident.
std::uint32_t masked_crc(std::string_view bytes) { return std::rotr(crc32c(bytes), 15) + 0xA282EAD8U; }

template <class T>
std::string little_endian(T value) {
  std::string bytes;
  for (std::size_t n = 0; n < sizeof(T); ++n) bytes += static_cast<char>(value >> (8 * n) & 0xFF);
  return bytes;
}

std::uint64_t number_at(std::string_view bytes, std::size_t count) {
  std::uint64_t value = 0;
  for (std::size_t n = 0; n < count; ++n)
    value |= static_cast<std::uint64_t>(static_cast<unsigned char>(bytes[n])) << (8 * n);
  return value;
}

std::string record(const std::string& content) {
  const std::string length = little_endian(static_cast<std::uint64_t>(content.size()));
  return length + little_endian(masked_crc(length)) + content + little_endian(masked_crc(content));
}

// Protocol buffers: a key (field number and wire type), then a number of seven bits a byte, fixed bytes, or a length
// and that many bytes.
enum WireType { varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 };

std::string number(std::uint64_t value) {
  std::string text;
  for (; value > 127; value >>= 7) text += static_cast<char>((value & 127) | 128);
  return text + static_cast<char>(value);
}
std::string key(int field, WireType type) { return number(static_cast<std::uint64_t>(field << 3 | type)); }
std::string field_number(int field, std::int64_t value) {
  return key(field, varint) + number(static_cast<std::uint64_t>(value));
}
std::string field_bytes(int field, const std::string& value) {
  return key(field, bytes) + number(value.size()) + value;
}
std::string field_double(int field, double value) {
  return key(field, fixed64) + little_endian(std::bit_cast<std::uint64_t>(value));
}
std::string field_float(int field, float value) {
  return key(field, fixed32) + little_endian(std::bit_cast<std::uint32_t>(value));
}

/// Event: wall_time = 1, step = 2, file_version = 3, summary = 5.
std::string event(std::int64_t step, int field, const std::string& content) {
  return field_double(1, static_cast<double>(step)) + field_number(2, step) + field_bytes(field, content);
}

/// The step of an event that `event` made: behind the nine bytes of the wall time.
std::optional<std::int64_t> step_of(std::string_view content) {
  const std::string expected = key(2, varint);
  if (content.size() < 11 || content.substr(9, 1) != expected) return std::nullopt;
  std::uint64_t step = 0;
  int shift = 0;
  for (std::size_t n = 10; n < content.size() && shift < 63; ++n, shift += 7) {
    const auto byte = static_cast<unsigned char>(content[n]);
    step |= static_cast<std::uint64_t>(byte & 127U) << shift;
    if (byte < 128) return static_cast<std::int64_t>(step);
  }
  return std::nullopt;
}

/// Bytes of the records to keep.
std::size_t kept_bytes(const std::string& file, std::int64_t keep_below, const std::filesystem::path& path) {
  std::size_t at = 0;
  while (at < file.size()) {
    const std::string_view rest = std::string_view(file).substr(at);
    const bool has_head = rest.size() >= head_bytes && number_at(rest.substr(8), 4) == masked_crc(rest.substr(0, 8));
    const std::uint64_t length = has_head ? number_at(rest, 8) : 0;
    std::optional<std::int64_t> step;
    if (has_head && rest.size() - head_bytes >= tail_bytes && length <= rest.size() - head_bytes - tail_bytes) {
      const std::string_view content = rest.substr(head_bytes, length);
      if (number_at(rest.substr(head_bytes + length), 4) == masked_crc(content)) step = step_of(content);
    }
    if (!step) {
      log_warning("'" + path.string() + "' is torn or damaged behind byte " + std::to_string(at) +
                  "; the rest of it is cut");
      return at;
    }
    if (*step >= keep_below) return at;
    at += head_bytes + length + tail_bytes;
  }
  return at;
}

}  // namespace

std::uint32_t crc32c(std::string_view bytes) {
  static const std::array<std::uint32_t, 256> table = crc_table();
  std::uint32_t value = 0xFFFFFFFFU;
  for (const char byte : bytes) value = (value >> 8) ^ table[(value ^ static_cast<unsigned char>(byte)) & 0xFF];
  return value ^ 0xFFFFFFFFU;
}

TensorboardWriter::TensorboardWriter(const std::filesystem::path& path, std::int64_t keep_below) {
  std::size_t kept = 0;
  if (std::filesystem::exists(path)) kept = kept_bytes(read_file(path), keep_below, path);
  file_ = std::make_unique<AppendFile>(path, static_cast<std::int64_t>(kept));
  if (kept == 0) file_->append(record(event(0, 3, "brain.Event:2")));
}

void TensorboardWriter::add_scalars(std::int64_t step, const std::vector<std::pair<std::string, double>>& values) {
  std::string summary;
  for (const auto& [tag, value] : values)  // Value: tag = 1, simple_value = 2
    if (!std::isnan(value)) summary += field_bytes(1, field_bytes(1, tag) + field_float(2, static_cast<float>(value)));
  if (!summary.empty()) file_->append(record(event(step, 5, summary)));
}

void TensorboardWriter::add_picture(std::int64_t step, const std::string& tag, const Canvas& picture) {
  // Value: image = 4; Image: height = 1, width = 2, colorspace = 3 (RGB), encoded_image_string = 4
  const std::string image = field_number(1, picture.height()) + field_number(2, picture.width()) + field_number(3, 3) +
                            field_bytes(4, picture.png());
  file_->append(record(event(step, 5, field_bytes(1, field_bytes(1, tag) + field_bytes(4, image)))));
}

std::filesystem::path event_file(const std::filesystem::path& run) { return run / "events.out.tfevents.eddyline"; }

}  // namespace eddyline
