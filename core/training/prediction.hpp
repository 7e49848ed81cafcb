#pragma once
// A surrogate run from the frames of a dataset: the engine behind `eddyline predict`.

#include <filesystem>
#include <limits>
#include <string>

#include "core/rollout/metrics.hpp"

namespace eddyline {

struct PredictionOptions {
  std::filesystem::path run;        // run directory or checkpoint
  std::string checkpoint = "best";  // or "last"
  std::string dataset;              // empty: the one that the run was trained on
  std::string split = "test";
  std::int64_t trajectory = 0;  // its first frames are the input
  std::int64_t first_frame = 0;
  std::int64_t steps = 0;        // frames; 0: as many as the trajectory has behind the input
  std::filesystem::path output;  // folder
  bool vtk = true, pictures = true, hdf5 = true;
  std::int64_t pictures_every = 5;  // frames
  double blow_up_factor = 3;        // warn when a frame lies this far beyond the training range
};

struct PredictionResult {
  std::int64_t frames = 0;
  double blow_up_time = std::numeric_limits<double>::infinity();  // time of the first flagged frame
  MetricsTable errors;                                            // empty without a reference
  double seconds = 0;                                             // of the rollout with its output
  /// Frames, duration and errors in words.
  [[nodiscard]] std::string text() const;
};

/// Rolls the model out (a model without a past: see predict_field) and writes NAME.pvd with .vti (prediction, and
/// reference and difference where the trajectory has the frame), NAME_errors.csv, pictures and NAME.h5 into the folder.
/// @throws DataError when the data does not fit the model; NumericalError (exit code 4) when a frame is not finite, the
/// frames before it being whole on disk.
PredictionResult predict(const PredictionOptions& options);
/// Text for --dry-run: the same checks, duration measured on one call of the model, memory, disk. Writes nothing.
[[nodiscard]] std::string prediction_plan(const PredictionOptions& options);

}  // namespace eddyline
