#pragma once
// Completions of bash, zsh and fish.

#include <string>
#include <vector>

#include "core/command_line/program_description.hpp"

namespace eddyline {

[[nodiscard]] const std::vector<std::string>& completed_shells();

/// A script that completes commands, options, their words, `--set` keys of the command's config and, behind
/// `eddyline list`, kinds and plug-ins; files elsewhere.
/// @throws ConfigError naming the shells when there is no such one.
[[nodiscard]] std::string completion_script(const ProgramDescription& program, const std::string& shell);

}  // namespace eddyline
