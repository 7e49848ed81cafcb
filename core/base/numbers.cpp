#include "core/base/numbers.hpp"

#include <array>
#include <charconv>
#include <cmath>

namespace eddyline {
namespace {

template <class... Format>
std::string with_to_chars(double value, Format... format) {
  std::array<char, 64> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value, format...);
  return {buffer.data(), result.ptr};
}

template <class Number>
std::optional<Number> with_from_chars(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  Number value{};
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (text.empty() || result.ec != std::errc{} || result.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

}  // namespace

std::string format_number(double value) { return with_to_chars(value); }
std::string format_number(double value, int digits) { return with_to_chars(value, std::chars_format::general, digits); }
std::optional<double> parse_number(std::string_view text) { return with_from_chars<double>(text); }
std::optional<std::int64_t> parse_integer(std::string_view text) { return with_from_chars<std::int64_t>(text); }

std::string format_bytes(double bytes) {
  constexpr std::array units = {"B", "KiB", "MiB", "GiB", "TiB"};
  std::size_t unit = 0;
  while (bytes >= 1024 && unit + 1 < units.size()) {
    bytes /= 1024;
    ++unit;
  }
  return format_number(bytes, bytes >= 100 ? 4 : 3) + " " + units[unit];
}

std::string format_duration(double seconds) {
  const auto two = [](std::int64_t number) { return (number < 10 ? "0" : "") + std::to_string(number); };
  if (!std::isfinite(seconds)) return "unknown";
  if (seconds < 60) return with_to_chars(seconds, std::chars_format::fixed, 1) + " s";
  const auto whole = static_cast<std::int64_t>(std::llround(seconds));
  if (whole < 3600) return std::to_string(whole / 60) + " min " + two(whole % 60) + " s";
  return std::to_string(whole / 3600) + " h " + two(whole % 3600 / 60) + " min";
}

}  // namespace eddyline
