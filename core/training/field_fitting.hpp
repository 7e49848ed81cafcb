#pragma once
// From scattered observations to a trained field model and its pictures: the engine behind `eddyline train` and
// `eddyline predict` for configs with a `field_model`.

#include <filesystem>
#include <memory>
#include <string>

#include "core/training/field_model.hpp"
#include "core/training/trainer.hpp"

namespace eddyline {

/// Where the observations are; see core/training/observations.hpp for the file.
struct ObservationConfig final : Config {
  std::string path;
  std::string valid;              // a file of its own for validation; empty: a random part of `path`
  double valid_fraction = 0.1;    // that part
  std::vector<double> low, high;  // open box that holds the whole field; empty: the observations' range and a margin
  double margin = 0.1;            // of that range, on each side
  std::string length_unit = "1", time_unit = "1", density_unit = "1";
  void fields(FieldVisitor& visit) override;
  void check(ConfigProblems& problems) const override;
};

/// What `eddyline train CONFIG` reads when the config has a `field_model`:
///
///   run: runs/tracer
///   data: {path: data/tracer.csv, low: [-4, -4], high: [4, 4]}
///   field_model: {name: lagrangian_flow, layers: 6}
///   training: {epochs: 100, batch_size: 2048}
///   seed: 0
struct FieldFittingConfig final : Config {
  std::string run = "runs/field";
  ObservationConfig data;
  PluginChoice field_model{"lagrangian_flow", nullptr};
  TrainingConfig training;
  std::int64_t seed = 0;
  void fields(FieldVisitor& visit) override;
};

/// Whether a config (or its section `train`) names a field model. @throws as reading the file does.
[[nodiscard]] bool is_field_config(const std::filesystem::path& config);
/// Whether a run directory or checkpoint holds a field model.
[[nodiscard]] bool is_field_run(const std::filesystem::path& run);

/// Trains, or goes on from the newest whole checkpoint. @throws as `train` does; DataError when an observation lies
/// outside the box.
TrainingResult train_field(const FieldFittingConfig& config);
/// Text for --dry-run; touches nothing.
[[nodiscard]] std::string field_training_plan(const FieldFittingConfig& config);

struct TrainedField {
  std::string name;  // of the model in the registry
  FieldModelSpec spec;
  std::string length_unit, time_unit;
  std::shared_ptr<FieldModel> model;  // averaged weights, evaluation mode
};
/// @param which  "best" or "last". @throws IoError when there is no checkpoint; DataError when it does not fit.
[[nodiscard]] TrainedField load_field(const std::filesystem::path& run, const std::string& which = "best");

struct FieldPredictionOptions {
  std::filesystem::path run, output;
  std::string checkpoint = "best";
  std::int64_t frames = 0;   // over the trained range of time, both ends included; 0: 21
  std::int64_t cells = 128;  // along the longest axis
  bool vtk = true, pictures = true, hdf5 = true;
  std::int64_t pictures_every = 5;
};
/// Samples the model on a uniform grid over its box: field.pvd with .vti files, field.h5, pictures of the density.
/// @return frames written.
std::int64_t predict_field(const FieldPredictionOptions& options);
/// Text for --dry-run: frames, cells, duration measured on some points, memory. Writes nothing.
[[nodiscard]] std::string field_prediction_plan(const FieldPredictionOptions& options);

}  // namespace eddyline
