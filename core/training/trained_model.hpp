#pragma once
// A model from a run or a checkpoint: a file alone is enough to predict.

#include <filesystem>
#include <memory>
#include <string>

#include "core/training/checkpoint.hpp"
#include "core/training/forecaster.hpp"
#include "core/training/head.hpp"
#include "core/training/regressor.hpp"

namespace eddyline {

/// Everything about a model but its weights; `model.json` of a checkpoint.
struct ModelDescription {
  PluginChoice operator_choice;
  OperatorSpec spec;
  DatasetInfo data;  // grid, channels, static channels, parameters and units that it was trained on
  std::vector<HeadConfig> heads = {};
  std::shared_ptr<const Case> problem = nullptr;  // whose boundaries the heads know; null without heads or a case
  /// @throws DataError naming `source` when the text is damaged; ConfigError when this program has no such operator.
  [[nodiscard]] static ModelDescription from_json(const std::string& text, const std::string& source);
  [[nodiscard]] std::string to_json() const;
};

/// The operator with its heads, weights as its constructor leaves them. @throws ConfigError when a head does not fit.
[[nodiscard]] std::shared_ptr<Operator> make_operator(const ModelDescription& description,
                                                      const std::shared_ptr<const Normaliser>& normaliser);

struct TrainedModel {
  ModelDescription description;
  std::shared_ptr<const Normaliser> normaliser;
  std::shared_ptr<Operator> model;
  std::shared_ptr<const Forecaster> forecaster;  // null for a model without a past
  std::shared_ptr<const Regressor> regressor;    // null for a model that forecasts
  TrainingState state;
  std::filesystem::path checkpoint;
  [[nodiscard]] std::vector<std::string> channels() const { return channel_names(description.data.channels); }
};

/// @param path  a run directory, its `checkpoints` folder, or one checkpoint.
/// @param which  "best" (lowest validation error) or "last"; of a single checkpoint it is not looked at.
/// @return the averaged weights where the checkpoint has them, in evaluation mode.
/// @throws IoError when there is no checkpoint; DataError listing every difference between the weights and the model.
[[nodiscard]] TrainedModel load_model(const std::filesystem::path& path, const std::string& which = "best");

/// Whether a model may be used on another grid than it was trained on.
enum class GridUse { trained_shape, any_resolution };

/// @throws DataError naming the first difference when the model cannot be used on this data: grid shape, channels,
/// static channels, parameters, units.
void check_compatible(const ModelDescription& model, const DatasetInfo& data, GridUse grid = GridUse::trained_shape);

}  // namespace eddyline
