#pragma once
// Checkpoints: a directory `step-000123` with tensors and a manifest of hashes, published whole. The newest whole one
// wins; a torn one is passed over with a warning.

#include <cstdint>
#include <filesystem>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/io/safetensors.hpp"

namespace eddyline {

/// Where a training stands; with the tensors, all that a resume to the bit needs.
struct TrainingState {
  std::int64_t step = 0, epoch = 0;            // finished
  std::map<std::string, std::int64_t> cursor;  // of the sample source
  double loss_sum = 0, gradient_sum = 0;       // over the steps of the epoch under way
  std::int64_t epoch_steps = 0;
  std::int64_t best_step = 0;
  double best_selection = std::numeric_limits<double>::infinity();
  bool complete = false;  // all epochs done
};

struct Checkpoint {
  TrainingState state;
  /// "model", "average", "optimizer", "normaliser": NAME.safetensors each.
  std::map<std::string, std::map<std::string, at::Tensor>> tensors;
  std::string description;  // model.json
};

/// The checkpoints of one run.
class CheckpointStore {
 public:
  /// @param folder  `RUN/checkpoints`; made by the first `publish`.
  explicit CheckpointStore(std::filesystem::path folder) : folder_(std::move(folder)) {}

  /// Writes beside, flushes, renames; then removes all but this one, the one before and the best.
  /// @throws IoError; earlier checkpoints are untouched.
  void publish(const Checkpoint& checkpoint) const;
  /// Newest one whose manifest and hashes hold, nothing when there is none. Warns of every torn one.
  [[nodiscard]] std::optional<std::filesystem::path> newest() const;
  /// The best one that the newest names. @throws DataError when it is torn.
  [[nodiscard]] std::optional<std::filesystem::path> best() const;
  /// Folder of a step.
  [[nodiscard]] std::filesystem::path path(std::int64_t step) const;
  /// Steps of all folders, whole or not, ascending.
  [[nodiscard]] std::vector<std::int64_t> steps() const;

 private:
  std::filesystem::path folder_;
};

/// What is wrong with a checkpoint's files; nothing when it is whole.
[[nodiscard]] std::optional<std::string> checkpoint_damage(const std::filesystem::path& checkpoint);
/// @throws IoError, DataError when it is torn or of a newer format.
[[nodiscard]] Checkpoint read_checkpoint(const std::filesystem::path& checkpoint);
/// The manifest alone. @throws IoError, DataError.
[[nodiscard]] TrainingState read_training_state(const std::filesystem::path& checkpoint);

}  // namespace eddyline
