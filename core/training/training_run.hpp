#pragma once
// A training from a config to a run directory: the engine behind `eddyline train`.

#include <string>

#include "core/training/head.hpp"
#include "core/training/liveness.hpp"
#include "core/training/run_monitor.hpp"
#include "core/training/task_context.hpp"
#include "core/training/trainer.hpp"

namespace eddyline {

/// Where the trajectories are.
struct DataConfig final : Config {
  std::string path;             // with the splits "train" and "valid"
  std::string train = "train";  // names of the splits
  std::string valid = "valid";
  void fields(FieldVisitor& visit) override;
};

/// What `eddyline train CONFIG` reads:
///
///   run: runs/cylinder_fno              # directory; made, or resumed when it holds a checkpoint
///   data: {path: data/cylinder}
///   operator: {name: fno, width: 32}
///   heads: [{name: flux_form}]        # laws that the fields obey; none when left out
///   task: {name: next_step, bundle: 4, pushforward: 0.5}
///   training: {epochs: 100, batch_size: 16, learning_rate: 1e-3}
///   seed: 0
///
/// A run directory holds config.yaml (every default filled in), provenance.json, metrics.csv, an event file,
/// report.html, log.txt and checkpoints/.
struct TrainConfig final : Config {
  std::string run = "runs/train";
  DataConfig data;
  PluginChoice operator_choice{"fno", nullptr};
  std::vector<HeadConfig> heads;
  PluginChoice task{"next_step", nullptr};
  TrainingConfig training;
  MonitorConfig monitor;
  std::int64_t seed = 0;
  std::string liveness = "error";  // what a finding of check_liveness does before the first step: or "warn", "off"
  void fields(FieldVisitor& visit) override;
};

/// Checks that the operator is alive, then trains, or goes on from the newest whole checkpoint of the run directory.
/// @throws ConfigError when the run directory was made with another config or other data (the keys are named; epochs,
/// max_minutes, checkpoint_minutes, threads, monitor, run and data.path may change), ResourceError when another process
/// works in it; NumericalError listing what is dead in the operator, unless the config goes on knowingly; and what
/// Trainer::run throws.
TrainingResult train(const TrainConfig& config);

/// Text for --dry-run: parameters, memory, batches an epoch, seconds a step and an epoch measured on a few steps,
/// duration, disk. Touches nothing.
[[nodiscard]] std::string training_plan(const TrainConfig& config);

/// The liveness check alone: what `eddyline train CONFIG --check` prints.
[[nodiscard]] LivenessReport training_check(const TrainConfig& config);

/// Spec of an operator for this data and task.
[[nodiscard]] OperatorSpec operator_spec(const DatasetInfo& info, const TaskConfig& task);

}  // namespace eddyline
