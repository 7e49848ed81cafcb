#pragma once
// Forecasting: the next frames from the past ones.
//
// Temporal bundling and the pushforward trick: Brandstetter, Worrall & Welling, Message Passing Neural PDE Solvers
// (2022), arXiv:2202.03376, section 3.1. Checkpoints are chosen by the error of free rollouts.

#include "core/training/forecaster.hpp"
#include "core/training/task_context.hpp"
#include "core/training/window_source.hpp"

namespace eddyline {

struct NextStepConfig final : TaskConfig {
  std::string loss = "relative_l2";
  double pushforward = 0.5;            // probability that a batch is pushed forward
  std::int64_t pushforward_epoch = 5;  // first epoch that does
  double noise = 0;                    // standard deviation added to normalised inputs
  std::int64_t rollout_frames = 0;     // of the validation rollouts; 0: as long as the trajectories
  std::int64_t rollout_cases = 0;      // validation trajectories used; 0: all
  void fields(FieldVisitor& visit) override;
};

class NextStepTask final : public Task {
 public:
  /// @throws DataError when trajectories are too short.
  NextStepTask(const NextStepConfig& config, const TaskContext& context);

  [[nodiscard]] torch::nn::Module& model() override { return forecaster_->model(); }
  [[nodiscard]] std::unique_ptr<SampleSource> source() const override;
  /// Pushed forward: the first call runs without gradient, the loss is on the second, whose inputs are the first's
  /// predictions. Whether a batch is pushed, and its noise, are pure functions of (seed, epoch, samples).
  [[nodiscard]] torch::Tensor loss(const Batch& batch, std::int64_t epoch) override;
  /// Of free rollouts over the validation split: "selection", the mean over trajectories, channels and frames of
  /// ||prediction - reference|| / ||reference||; "rollout_last", the same of the last frame; of one call: "one_step",
  /// the mean ratio of squared norms (NMSE), and "persistence", the same for a frame that does not change. Not finite
  /// counts as infinity.
  [[nodiscard]] std::map<std::string, double> validate() override;
  void predict(std::span<const State> past, std::int64_t steps,
               const std::vector<std::shared_ptr<Sink>>& sinks) override;

  /// Whether `loss` pushes this batch forward.
  [[nodiscard]] bool is_pushed(const Batch& batch, std::int64_t epoch) const;

 private:
  [[nodiscard]] torch::Tensor distance(const torch::Tensor& predicted, const torch::Tensor& target,
                                       const Batch& batch) const;
  NextStepConfig config_;
  TaskContext context_;
  std::shared_ptr<const Forecaster> forecaster_;
};

}  // namespace eddyline
