#pragma once
// Errors of a model without a past over a split, sample by sample: what `eddyline evaluate` shows for field regression.

#include <string>
#include <vector>

#include "core/training/dataset.hpp"
#include "core/training/evaluation.hpp"
#include "core/training/trained_model.hpp"

namespace eddyline {

/// Mean over samples with its spread.
struct SampleStatistics {
  double mean = 0;
  double deviation = 0;       // standard deviation of the samples (n - 1); 0 for one sample
  double standard_error = 0;  // of the mean: deviation / sqrt(n)
  [[nodiscard]] static SampleStatistics of(const std::vector<double>& values);
};

/// Relative errors of one predictor, a value a sample: means over the channels of relative_l2 and relative_h1.
struct FieldErrors {
  std::string name;            // "model", "mean" (of the training split, carried to the grid of the data)
  std::vector<double> l2, h1;  // h1 is empty where the grid or solids do not allow it
};

struct FieldEvaluation {
  std::string dataset, split, checkpoint;
  std::vector<std::int64_t> cells;  // of the data
  bool trained_grid = true;         // false: a resolution that the model was not trained on
  std::vector<std::string> samples;
  std::vector<FieldErrors> predictors;  // the model first
  double seconds_per_sample = 0;
  /// One line a predictor and norm: mean, standard deviation and standard error.
  [[nodiscard]] std::string text() const;
  /// A row a sample and predictor.
  [[nodiscard]] std::string csv() const;
  [[nodiscard]] std::string json() const;
};

/// Data of another resolution than the model's is evaluated as it is when the operator is free of resolution.
/// @throws DataError when the split does not fit the model.
[[nodiscard]] FieldEvaluation evaluate_fields(const TrainedModel& model, const Dataset& dataset,
                                              const std::string& dataset_name, const EvaluationOptions& options);

}  // namespace eddyline
