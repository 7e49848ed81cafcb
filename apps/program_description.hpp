#pragma once
// This program's commands as data.

#include "core/command_line/program_description.hpp"

namespace eddyline::apps {

[[nodiscard]] ProgramDescription describe_program();

}  // namespace eddyline::apps
