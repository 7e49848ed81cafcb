#pragma once
// The manual page eddyline(1).

#include <string>

#include "core/command_line/program_description.hpp"

namespace eddyline {

/// In the man macros of roff: every command with its options, every config with its settings, every plug-in.
[[nodiscard]] std::string manual_page(const ProgramDescription& program);

}  // namespace eddyline
