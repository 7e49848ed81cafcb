#pragma once
// The command line as data: what the manual page and the completions of the shells are written from.

#include <string>
#include <utility>
#include <vector>

#include "core/config/config.hpp"
#include "core/config/config_reader.hpp"

namespace eddyline {

struct OptionDescription {
  std::string name;  // "--steps"; a positional argument has no dashes: "config"
  std::string help;
  std::vector<std::string> words = {};  // what it may be; empty: anything
  int values = 1;                       // how many follow; 0 for a flag
  bool required = false, repeated = false;
  [[nodiscard]] bool positional() const { return !name.starts_with("-"); }
};

struct CommandDescription {
  std::string name, help, example;
  std::vector<OptionDescription> options;
  std::vector<FieldRow> settings;  // of the config that it reads; empty when it reads none
  std::vector<std::string> keys;   // of `--set`, see setting_keys
};

/// What can be named in a config.
struct PluginDescription {
  std::string name, help;
  std::vector<FieldRow> settings;
};
struct PluginKind {
  std::string kind;  // "operators"
  std::vector<PluginDescription> plugins;
};

struct ProgramDescription {
  std::string version;
  std::vector<CommandDescription> commands;
  std::vector<PluginKind> plugins;
};

/// The keys that `--set` takes, sorted: "training.epochs", "output.probes.0.at", and under a plug-in's key the settings
/// of all plug-ins of its kind ("operator.n_modes"). Maps under free names end with a dot: "problem.parameters.".
[[nodiscard]] std::vector<std::string> setting_keys(Config& config);

/// Every registry but `commands`, with the settings of its plug-ins.
[[nodiscard]] std::vector<PluginKind> plugin_kinds();

}  // namespace eddyline
