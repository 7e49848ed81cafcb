#pragma once
// Python weights to a checkpoint and back: the engines behind `eddyline import` and `eddyline export`.

#include <filesystem>
#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "core/domain/grid.hpp"
#include "core/training/operator.hpp"

namespace eddyline {

/// A channel of the data that a foreign model was trained on.
struct ImportedChannelConfig final : Config {
  std::string name, unit = "1", kind = "scalar";
  double mean = 0, deviation = 1;  // what the model's own normaliser took off and divided by
  void fields(FieldVisitor& visit) override;
};

struct ImportedParameterConfig final : Config {
  std::string name, unit = "1";
  double mean = 0, deviation = 1;
  void fields(FieldVisitor& visit) override;
};

/// What a weight file does not say about its model. All keys can be given by --set or in an options file.
struct ImportConfig final : Config {
  PluginChoice operator_choice{"fno", nullptr};
  std::int64_t history = 1, bundle = 1;
  std::vector<ImportedChannelConfig> channels, static_channels;
  std::vector<ImportedParameterConfig> parameters;
  bool lead_time = false;         // the lead time is the last input channel
  std::string output = "frames";  // or "increments"
  std::vector<AxisConfig> grid;
  double frame_interval = 1;
  std::string name = "imported", length_unit = "m", time_unit = "s";
  void fields(FieldVisitor& visit) override;
};

/// Makes a run directory with one checkpoint, which predict, evaluate, compare and export open.
/// @return parameters that were read.
/// @throws ConfigError when the operator has no importer or the settings do not fit; DataError listing missing, extra
/// and misshapen names with the nearest ones; IoError when `run` holds a checkpoint already.
std::int64_t import_weights(const std::filesystem::path& weights, const ImportConfig& config,
                            const std::filesystem::path& run);

/// Writes the weights of a run or checkpoint as safetensors under the authors' names, complex where theirs are, so that
/// the Python model loads them strictly. @param which  "best" or "last". @return tensors written.
/// @throws ConfigError when the operator has no authors' names.
std::int64_t export_weights(const std::filesystem::path& run, const std::string& which,
                            const std::filesystem::path& output);

}  // namespace eddyline
