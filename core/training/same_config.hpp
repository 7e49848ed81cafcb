#pragma once
// Whether a run directory was made with this config.

#include <filesystem>
#include <string>
#include <vector>

#include "core/config/config.hpp"

namespace eddyline {

/// @param stored  config.yaml of the run directory. @param free  dotted keys that may change.
/// @throws ConfigError naming every other key whose value differs. Warns when training.epochs does.
void check_same_config(const std::filesystem::path& stored, const Config& config, const std::vector<std::string>& free);

}  // namespace eddyline
