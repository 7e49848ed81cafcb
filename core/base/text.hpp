#pragma once
// Small helpers for messages.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace eddyline {

[[nodiscard]] std::string join(const std::vector<std::string>& parts, std::string_view separator);
/// The candidate within a third of the word's length in edits (at least two), if any.
[[nodiscard]] std::optional<std::string> nearest_name(std::string_view word,
                                                      const std::vector<std::string>& candidates);
/// "; did you mean 'x'?" when a candidate is near, else "; valid: a, b, c", else nothing.
[[nodiscard]] std::string suggestion(std::string_view word, const std::vector<std::string>& candidates);
/// Control characters as \xNN, so that a name from a file cannot steer the terminal.
[[nodiscard]] std::string printable(std::string_view text);

}  // namespace eddyline
