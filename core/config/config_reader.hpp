#pragma once
// From YAML to a typed config, and back.

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "core/config/yaml_document.hpp"

namespace eddyline {

/// Fills `config` from `root`. @throws ConfigError listing every problem at once, a line each: place, dotted path, what
/// was expected, the nearest valid name.
void read_config(const YamlNode& root, Config& config);

/// Reads the file, applies the `--set` overrides in order, then read_config.
void read_config_file(const std::filesystem::path& path, const std::vector<std::string>& overrides, Config& config);

/// As read_config_file, for a file that may hold one section a command (`generate: {...}`, `train: {...}`): the section
/// named `command` is read when there is one, the whole file otherwise. Overrides are relative to the section.
/// Returns what was read, for `at_its_place`.
YamlNode read_command_config(const std::filesystem::path& path, const std::string& command,
                             const std::vector<std::string>& overrides, Config& config);

/// Runs what the config asks for. A ConfigError that starts with a dotted path ("boundaries.x_low.velocity: ..."), as
/// solvers throw it, gets the file, line and column of that path put in front.
void at_its_place(const YamlNode& root, const std::function<void()>& run);

/// The config with every default filled in, as YAML that reads back to the same values.
[[nodiscard]] std::string resolved_yaml(const Config& config);

/// Reads resolved_yaml back.
void read_config_text(const std::string& text, const std::string& source_name, Config& config);

/// JSON schema (draft 2020-12) of the config, as text.
[[nodiscard]] std::string json_schema(Config& config, const std::string& title);

/// One line a field, for `eddyline list` and the documentation.
struct FieldRow {
  std::string path, type, default_value, rule, unit, help;
};
[[nodiscard]] std::vector<FieldRow> field_rows(Config& config);

}  // namespace eddyline
