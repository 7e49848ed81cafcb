#pragma once
// Attributes of foreign files by name, with errors that name the attribute.

#include <vector>

#include "core/training/importer.hpp"

namespace eddyline {

/// Text of an attribute; numbers are written out. @throws ConfigError when it is missing and no fallback is given.
[[nodiscard]] std::string foreign_text(const ForeignConfig& config, const std::string& name,
                                       const std::string& fallback);
[[nodiscard]] double foreign_number(const ForeignConfig& config, const std::string& name, double fallback);
[[nodiscard]] std::int64_t foreign_integer(const ForeignConfig& config, const std::string& name);
[[nodiscard]] std::int64_t foreign_integer(const ForeignConfig& config, const std::string& name, std::int64_t fallback);
/// A list, or a single number as a list of one. @throws ConfigError when it is missing.
[[nodiscard]] std::vector<double> foreign_numbers(const ForeignConfig& config, const std::string& name);
/// One of the choices. @throws ConfigError naming them.
[[nodiscard]] std::string foreign_choice(const ForeignConfig& config, const std::string& name,
                                         const std::string& fallback, const std::vector<std::string>& choices);
/// @throws ConfigError when the attribute is there and not `value`: an option that is not supported.
void refuse_unless(const ForeignConfig& config, const std::string& name, const std::string& value);

}  // namespace eddyline
