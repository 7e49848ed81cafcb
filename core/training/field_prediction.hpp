#pragma once
// One sample of a model without a past, with files to look at.

#include "core/training/dataset.hpp"
#include "core/training/prediction.hpp"
#include "core/training/trained_model.hpp"

namespace eddyline {

/// Writes into the folder of the options, for a sample "test/3": test_3.vti (static channels, reference_*,
/// prediction_*, difference_*) and, in two dimensions, test_3.png: static channels, then reference, prediction and
/// difference of every channel. @return relative errors of the sample in `errors`.
/// @throws DataError when the data does not fit the model; ConfigError when there is no such sample.
[[nodiscard]] PredictionResult predict_field(const TrainedModel& model, const Dataset& dataset,
                                             const PredictionOptions& options);

}  // namespace eddyline
