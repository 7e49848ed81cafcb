#pragma once
// How a model learns and is queried; the trainer knows nothing else.

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "core/base/tensor.hpp"
#include "core/rollout/sink.hpp"
#include "core/training/batch.hpp"
#include "core/training/dataset.hpp"
#include "core/training/sample_source.hpp"

namespace eddyline {

class Task {
 public:
  static constexpr const char* registry_kind = "tasks";
  virtual ~Task() = default;
  /// The module whose parameters are trained.
  [[nodiscard]] virtual torch::nn::Module& model() = 0;
  /// Training batches for this task.
  [[nodiscard]] virtual std::unique_ptr<SampleSource> source() const = 0;
  /// Scalar loss with its graph. @param epoch counts from 0, for schedules (pushforward, curricula).
  [[nodiscard]] virtual torch::Tensor loss(const Batch& batch, std::int64_t epoch) = 0;
  /// Validation metrics by name; the one that chooses the best checkpoint is called "selection" (smaller is better).
  [[nodiscard]] virtual std::map<std::string, double> validate() = 0;
  /// Rolls the model out `steps` frames from the given states into the sinks.
  virtual void predict(std::span<const State> past, std::int64_t steps,
                       const std::vector<std::shared_ptr<Sink>>& sinks) = 0;
};

}  // namespace eddyline
