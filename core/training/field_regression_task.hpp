#pragma once
// Parameter-to-field regression: static channels and parameters in, the field that belongs to them out.

#include <optional>

#include "core/training/field_table.hpp"
#include "core/training/grid_symmetry.hpp"
#include "core/training/task_context.hpp"

namespace eddyline {

struct FieldRegressionConfig final : TaskConfig {
  std::string loss = "relative_l2";
  std::vector<std::string> symmetries;  // "transpose", "reflect"
  FieldRegressionConfig() {
    history = 0;
    bundle = 1;
    lead_time = false;
  }
  void fields(FieldVisitor& visit) override;
};

class FieldRegressionTask final : public Task {
 public:
  /// @throws DataError when a trajectory has several frames; ConfigError when loss or symmetries do not fit the data.
  FieldRegressionTask(const FieldRegressionConfig& config, const TaskContext& context);

  [[nodiscard]] torch::nn::Module& model() override { return regressor_.base().model(); }
  [[nodiscard]] std::unique_ptr<SampleSource> source() const override;
  /// Mean over samples and channels, on normalised fields.
  [[nodiscard]] torch::Tensor loss(const Batch& batch, std::int64_t epoch) override;
  /// Of the validation split in physical units: "selection", the mean relative L2 error; "h1", the mean relative H1
  /// error where the grid allows it; "mean_field", the relative L2 error of the training split's mean. Not finite
  /// counts as infinity.
  [[nodiscard]] std::map<std::string, double> validate() override;
  /// The field of the last state's conditioning, as its one frame; `steps` must be 1.
  void predict(std::span<const State> past, std::int64_t steps,
               const std::vector<std::shared_ptr<Sink>>& sinks) override;

 private:
  FieldRegressionConfig config_;
  TaskContext context_;
  Regressor regressor_;
  FieldTable train_, valid_;
  std::optional<std::vector<double>> spacing_;  // nothing when the H1 norm is not defined here
};

}  // namespace eddyline
