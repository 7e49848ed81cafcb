#pragma once
// The training loop: it knows a Task and nothing of what is learned.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "core/training/checkpoint.hpp"
#include "core/training/epoch_order.hpp"
#include "core/training/task.hpp"
#include "core/training/training_observer.hpp"

namespace eddyline {

struct TrainingConfig final : Config {
  std::int64_t epochs = 100;
  double max_minutes = 0;  // of wall time of this start; 0 is no limit. Ends cleanly, to be continued by the next start
  std::int64_t batch_size = 16;
  bool shuffle = true;                // the samples of an epoch
  double learning_rate = 1e-3;        // highest
  double final_learning_rate = 1e-5;  // at the end of the cosine
  double warmup_epochs = 1;
  std::string schedule = "step";   // how often the rate changes: every step or every epoch
  std::int64_t cosine_epochs = 0;  // of the cosine behind the warm-up; 0 ends it with the training
  double weight_decay = 1e-5;
  std::string decay = "weights";         // what decays: weights (two axes or more), or all parameters
  double beta1 = 0.9, beta2 = 0.999;     // of AdamW
  std::string complex_moment = "parts";  // second moment of complex weights: of the parts, or of the modulus
  double gradient_clip = 1;              // largest norm of all gradients; 0 is no limit
  double average_decay = 0.999;          // of the running average of the weights; 0 validates the latest ones
  std::int64_t validate_every = 5;       // epochs; the last epoch is always validated
  double checkpoint_minutes = 10;        // beside the checkpoint of every validation
  std::int64_t threads = 0;              // 0 is all cores; the same count gives the same bits
  std::string device = "cpu";            // or "auto"; this version trains on the CPU
  void fields(FieldVisitor& visit) override;
  void check(ConfigProblems& problems) const override;
};

[[nodiscard]] EpochOptions epoch_options(const TrainingConfig& config, std::uint64_t seed);

struct TrainingResult {
  std::int64_t steps = 0, epochs = 0;
  std::int64_t best_step = 0;
  double best_selection = 0;
  bool complete = false;  // false when max_minutes ended it
};

/// Trains in a run directory and resumes by itself from its newest whole checkpoint, to the bit for the same thread
/// count. Writes metrics.csv (see MetricsFile), log.txt and checkpoints/.
class Trainer {
 public:
  /// @param seal  adds what the trainer does not know (description, normaliser) to a checkpoint before it is written.
  Trainer(TrainingConfig config, Task& task, std::filesystem::path run, std::function<void(Checkpoint&)> seal);
  /// Told of everything from the next `run` on, in the order of these calls, metrics.csv first.
  void observe(std::shared_ptr<TrainingObserver> observer);
  /// @throws Interrupted after a checkpoint when a signal is pending; NumericalError naming step, samples and last good
  /// checkpoint when loss or gradient is not finite; IoError with earlier checkpoints untouched.
  TrainingResult run();

 private:
  TrainingConfig config_;
  Task& task_;
  std::filesystem::path run_;
  std::function<void(Checkpoint&)> seal_;
  std::vector<std::shared_ptr<TrainingObserver>> observers_;
};

/// What a training will cost, for --dry-run.
struct TrainingPlan {
  std::int64_t parameters = 0, batches_per_epoch = 0;
  double seconds_per_step = 0;  // measured
  double bytes = 0;             // peak memory of the process while measuring
  double checkpoint_bytes = 0;  // of all that are kept
};
/// Runs two to six steps at learning rate 0; writes nothing.
[[nodiscard]] TrainingPlan plan_training(const TrainingConfig& config, Task& task);

}  // namespace eddyline
