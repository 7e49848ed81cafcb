#pragma once
// All metrics of a trained model on a split, beside the trivial baselines: the engine behind `eddyline evaluate`.

#include <filesystem>
#include <string>
#include <vector>

#include "core/rollout/metrics.hpp"
#include "core/training/trained_model.hpp"
#include "core/training/wake_evaluation.hpp"

namespace eddyline {

struct EvaluationOptions {
  std::string checkpoint = "best";  // or "last"
  std::string split = "test";
  std::int64_t frames = 0;                // of the rollouts; 0: as long as the trajectories
  std::int64_t cases = 0;                 // trajectories used; 0: all
  std::string solver = "incompressible";  // whose wall integrals give the forces on bodies
};

/// Free rollouts of one predictor, averaged over the trajectories.
struct PredictorResult {
  std::string name;    // "model", "persistence" (the last input frame stays), "mean" (of the training split)
  MetricsTable table;  // a row a lead time; columns of RolloutMetrics
  std::vector<MetricsTable> by_case;  // the same of each trajectory
  double blow_up_time = 0;            // earliest lead time flagged as blown up over the trajectories; infinity if none
};

struct Evaluation {
  std::string dataset, split, checkpoint;
  std::vector<std::string> trajectories;
  std::vector<PredictorResult> predictors;  // the model first
  std::vector<WakeResult> wakes;            // of the model, where there is a body and a case to look at
  double seconds_per_frame = 0;             // of the model, one trajectory at a time, without the metrics

  /// One line a predictor: one-step and mean rollout errors and further means; then the errors over lead time and the
  /// wakes.
  [[nodiscard]] std::string text() const;
  /// Rows of all predictors, the name in the first column.
  [[nodiscard]] std::string csv() const;
  [[nodiscard]] std::string json() const;
};

/// @throws DataError when the split does not fit the model or a trajectory is too short; Interrupted between cases.
[[nodiscard]] Evaluation evaluate(const TrainedModel& model, const Dataset& dataset, const std::string& dataset_name,
                                  const EvaluationOptions& options);
/// @param run  run directory or checkpoint. @param dataset  path; empty takes the one of the run's config.yaml.
[[nodiscard]] Evaluation evaluate(const std::filesystem::path& run, const std::string& dataset,
                                  const EvaluationOptions& options);

/// The dataset that a run was trained on, from its config.yaml. @throws ConfigError when there is none.
[[nodiscard]] std::string dataset_of_run(const std::filesystem::path& run);

/// Watches a rollout for values that no training frame had.
class BlowUpGuard {
 public:
  /// @param factor  how far beyond the training range a frame may lie.
  explicit BlowUpGuard(const Normaliser& normaliser, double factor = 3) : normaliser_(normaliser), factor_(factor) {}
  /// Whether the largest magnitude of a channel or the energy (mean over cells and channels of (u / deviation)^2) of
  /// this frame [C, ...] exceeds factor (squared for the energy) times that of the training split. Not finite does.
  [[nodiscard]] bool exceeded(const at::Tensor& cells) const;

 private:
  const Normaliser& normaliser_;
  double factor_;
};

}  // namespace eddyline
