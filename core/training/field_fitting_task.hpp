#pragma once
// Continuous-field fitting: a FieldModel learns from scattered observations and is sampled on any grid.

#include <memory>

#include "core/training/epoch_order.hpp"
#include "core/training/field_model.hpp"
#include "core/training/observations.hpp"
#include "core/training/task.hpp"

namespace eddyline {

/// Every observation once an epoch.
class ObservationSource final : public SampleSource {
 public:
  ObservationSource(std::shared_ptr<const Observations> observations, EpochOptions epochs);
  [[nodiscard]] std::optional<Batch> next() override;
  [[nodiscard]] std::int64_t batches_per_epoch() const override;
  [[nodiscard]] std::map<std::string, std::int64_t> cursor() const override;
  /// @throws DataError when the cursor does not fit this source.
  void restore(const std::map<std::string, std::int64_t>& cursor) override;

 private:
  std::shared_ptr<const Observations> observations_;
  EpochOrder order_;
};

class FieldFittingTask final : public Task {
 public:
  FieldFittingTask(std::shared_ptr<FieldModel> model, FieldModelSpec spec, std::shared_ptr<const Observations> train,
                   std::shared_ptr<const Observations> valid, EpochOptions epochs);

  [[nodiscard]] torch::nn::Module& model() override { return *model_; }
  [[nodiscard]] std::unique_ptr<SampleSource> source() const override;
  [[nodiscard]] torch::Tensor loss(const Batch& batch, std::int64_t epoch) override;
  /// On the held-out observations: "nrmse_density" and "nrmse_velocity", ||error|| / ||observed|| (nan when none was
  /// observed); "selection", their mean. Not finite counts as infinity.
  [[nodiscard]] std::map<std::string, double> validate() override;
  /// Samples the grid of the last state's case at `steps` times, evenly spaced from behind that state's time to the end
  /// of the trained range.
  void predict(std::span<const State> past, std::int64_t steps,
               const std::vector<std::shared_ptr<Sink>>& sinks) override;

 private:
  std::shared_ptr<FieldModel> model_;
  FieldModelSpec spec_;
  std::shared_ptr<const Observations> train_, valid_;
  EpochOptions epochs_;
};

/// Channel values at points without gradient, in evaluation mode and in chunks: [N, D], [N] double -> [N, C] double.
[[nodiscard]] at::Tensor sampled(FieldModel& model, const at::Tensor& points, const at::Tensor& times);
/// The model at the cell centres of the case's grid at each time, into the sinks.
/// @throws NumericalError when a value is not finite; Interrupted between frames.
void sample_frames(FieldModel& model, const FieldModelSpec& spec, const std::shared_ptr<const Case>& problem,
                   const std::vector<double>& times, const std::vector<std::shared_ptr<Sink>>& sinks);

}  // namespace eddyline
