#pragma once
// Messages to standard error, one line each; standard output belongs to results. Write failures (a closed terminal)
// are ignored on purpose: a run must outlive its terminal.

#include <string>

namespace eddyline {

enum class LogLevel { quiet, warning, info };

/// Lowest importance that is still printed; set once by the command line (default info).
void set_log_level(LogLevel level);
void log_info(const std::string& line);
void log_warning(const std::string& line);

}  // namespace eddyline
