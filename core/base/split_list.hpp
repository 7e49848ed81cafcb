#pragma once
// Lists that are given as one text on a command line.

#include <string>
#include <string_view>
#include <vector>

namespace eddyline {

/// The parts between the separators, spaces around them taken off; empty parts are left out.
[[nodiscard]] std::vector<std::string> split_list(std::string_view text, char separator = ',');

}  // namespace eddyline
