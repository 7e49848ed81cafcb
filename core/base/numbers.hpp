#pragma once
// Numbers to text and back without the locale (a comma locale must not change a file).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace eddyline {

/// Shortest text that reads back to the same double ("0.1", "1e-05", "nan", "inf").
[[nodiscard]] std::string format_number(double value);
/// Rounded to `digits` significant digits, for people ("3.14", "1.2e-05").
[[nodiscard]] std::string format_number(double value, int digits);
/// The whole text as a number; nothing when any character is left over or the value overflows.
[[nodiscard]] std::optional<double> parse_number(std::string_view text);
[[nodiscard]] std::optional<std::int64_t> parse_integer(std::string_view text);
/// "1.5 GiB", "12 MiB": for people.
[[nodiscard]] std::string format_bytes(double bytes);
/// "1 h 02 min", "3 min 20 s", "12.3 s": for people.
[[nodiscard]] std::string format_duration(double seconds);

}  // namespace eddyline
