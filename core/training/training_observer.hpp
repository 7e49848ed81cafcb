#pragma once
// Who watches a training: metrics.csv, event files, a report. The loop tells, watchers never change it.

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>

#include "core/training/checkpoint.hpp"

namespace eddyline {

/// One step of the optimiser.
struct StepRecord {
  std::int64_t step = 0;   // finished, from 1
  std::int64_t epoch = 0;  // under way, from 0
  double loss = 0, learning_rate = 0, gradient_norm = 0;
};

/// One finished epoch; number 0 is the untrained model.
struct EpochRecord {
  std::int64_t step = 0, epoch = 0;       // finished
  double loss = 0, learning_rate = 0;     // mean over the epoch; rate of its last step. NaN: no step
  double gradient_norm = 0;               // mean over the epoch
  std::map<std::string, double> metrics;  // of the validation, "selection" among them; empty: not validated
};

/// A training may end at any moment and go on from its newest checkpoint: records that came behind it come again, so a
/// watcher that keeps them in a file drops those when it is `restored`.
class TrainingObserver {
 public:
  virtual ~TrainingObserver() = default;
  /// A new run: nothing of an earlier one counts. Followed by the record of epoch 0.
  virtual void begun() {}
  /// The run goes on from this state (a resume, or a rollback within a start): keep what is of its step and epoch or
  /// before, drop the rest.
  virtual void restored(const TrainingState& state) { static_cast<void>(state); }
  virtual void step(const StepRecord& record) { static_cast<void>(record); }
  /// While a validated epoch is told, the model has the weights that were validated (their average).
  virtual void epoch(const EpochRecord& record) { static_cast<void>(record); }
  /// A checkpoint was published whole; `load_model` reads it.
  virtual void published(const std::filesystem::path& checkpoint, const TrainingState& state) {
    static_cast<void>(checkpoint);
    static_cast<void>(state);
  }
};

}  // namespace eddyline
