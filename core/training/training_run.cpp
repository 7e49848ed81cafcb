#include "core/training/training_run.hpp"

#include <torch/version.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/memory.hpp"
#include "core/base/numbers.hpp"
#include "core/base/random.hpp"
#include "core/base/version.hpp"
#include "core/config/config_reader.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/disk_space.hpp"
#include "core/io/run_lock.hpp"
#include "core/parallel/device.hpp"
#include "core/parallel/threads.hpp"
#include "core/training/operator_with_heads.hpp"
#include "core/training/run_report.hpp"
#include "core/training/same_config.hpp"
#include "core/training/trained_model.hpp"

namespace eddyline {
namespace {

namespace fs = std::filesystem;

template <class T>
const T& settings(const PluginChoice& choice, const char* what) {
  const auto* typed = dynamic_cast<const T*>(choice.config.get());
  if (typed == nullptr) throw ConfigError(std::string(what) + " '" + choice.name + "' cannot be trained this way");
  return *typed;
}

/// Everything that a training is made of.
struct Parts {
  ModelDescription description;
  std::shared_ptr<const Normaliser> normaliser;
  std::shared_ptr<const Dataset> train, valid;
  std::unique_ptr<Task> task;
  std::optional<NormalisedOperator> trained;
  int threads = 1;
};

/// @param known  normaliser of an earlier start; fitted when there is none.
Parts make_parts(const TrainConfig& config, std::optional<Normaliser> known) {
  Parts parts;
  parts.threads = use_threads(config.training.threads);
  parts.train = open_dataset(config.data.path, config.data.train);
  parts.valid = open_dataset(config.data.path, config.data.valid);
  const DatasetInfo& info = parts.train->info();
  if (!info.grid) throw DataError("'" + config.data.path + "' lies on no grid; the task needs one");
  const auto& task = settings<TaskConfig>(config.task, "task");
  parts.description = {config.operator_choice, operator_spec(info, task), info};
  const OperatorSpec& spec = parts.description.spec;
  check_compatible(parts.description, parts.valid->info());
  parts.normaliser = std::make_shared<Normaliser>(
      known ? std::move(*known) : fit_normaliser(*parts.train, spec.forecasts() ? spec.bundle : 0));
  const auto seed = static_cast<std::uint64_t>(config.seed);
  torch::manual_seed(derived_seed(seed, "training/weights"));
  if (!config.heads.empty()) {
    parts.description.heads = config.heads;
    parts.description.problem = parts.train->problem(0);
  }
  std::shared_ptr<Operator> model = make_operator(parts.description, parts.normaliser);
  parts.description.spec.output = model->output();
  parts.trained.emplace(std::move(model), spec, parts.normaliser, mask_channel(info));
  parts.task = TaskRegistry::instance().create(
      config.task.name, *config.task.config,
      TaskContext{parts.train, parts.valid, *parts.trained, epoch_options(config.training, seed)});
  return parts;
}

/// Of the operator as it is now, on the first batch that it would learn from; models of another kind pass.
LivenessReport liveness_of(const Parts& parts, bool is_fresh) {
  auto* model = dynamic_cast<Operator*>(&parts.task->model());
  if (model == nullptr) return {};
  const auto batch = parts.task->source()->next();
  if (!batch) throw DataError("the training split gives no batch");
  return check_liveness(*model, parts.description, *batch, is_fresh);
}

nlohmann::ordered_json provenance_of(const TrainConfig& config, const Parts& parts) {
  nlohmann::ordered_json json;
  json["program"] = std::string("eddyline ") + version();
  json["revision"] = source_revision();
  json["machine"] = machine_description();
  json["libtorch"] = TORCH_VERSION;
  json["threads"] = parts.threads;
  json["seed"] = config.seed;
  json["data"] = {
      {"path", config.data.path}, {"train", parts.train->fingerprint()}, {"valid", parts.valid->fingerprint()}};
  return json;
}

/// The data must be the same; another machine or thread count only ends bit equality.
void check_provenance(const fs::path& path, const nlohmann::ordered_json& now) {
  nlohmann::ordered_json before;
  try {
    before = nlohmann::ordered_json::parse(read_file(path));
    for (const char* split : {"train", "valid"})
      if (before.at("data").at(split) != now.at("data").at(split))
        throw DataError("the " + std::string(split) + " split differs from the one that '" +
                        path.parent_path().string() + "' was trained on; choose another run directory");
    for (const char* key : {"program", "revision", "machine", "libtorch", "threads"})
      if (before.at(key) != now.at(key))
        log_warning(std::string(key) + " changed from " + before.at(key).dump() + " to " + now.at(key).dump() +
                    ": the result may differ in the last bits from an unbroken run");
  } catch (const nlohmann::json::exception& error) {
    throw DataError("'" + path.string() + "' is damaged: " + error.what());
  }
}

}  // namespace

void DataConfig::fields(FieldVisitor& visit) {
  visit("path", path, rule::any().required(), "dataset");
  visit("train", train, rule::any(), "split that is learned from");
  visit("valid", valid, rule::any(), "split that chooses the best checkpoint");
}

void TrainConfig::fields(FieldVisitor& visit) {
  visit("run", run, rule::any(), "run directory; a checkpoint in it is taken up");
  visit("data", data, "where the trajectories are");
  visit("operator", operator_choice, OperatorRegistry::instance(), "the learned map");
  visit("heads", heads, "laws that the predicted fields obey, in the order in which they are applied");
  visit("task", task, TaskRegistry::instance(), "how it learns");
  visit("training", training, "optimisation");
  visit("monitor", monitor, "what the run shows of itself beside metrics.csv");
  visit("seed", seed, rule::non_negative(), "of weights, order and noise");
  visit("liveness", liveness, rule::one_of({"error", "warn", "off"}),
        "what a dead parameter, an ignored input or a broken promise of the operator does before the first step");
}

OperatorSpec operator_spec(const DatasetInfo& info, const TaskConfig& task) {
  OperatorSpec spec;
  spec.dimension = info.grid->dimension();
  spec.history = task.history;
  spec.bundle = task.bundle;
  spec.lead_time = task.lead_time;
  spec.wall_exponent = task.wall_exponent;
  spec.channels = static_cast<std::int64_t>(info.channels.size());
  spec.static_channels = static_cast<std::int64_t>(info.static_channels.size());
  spec.parameters = static_cast<std::int64_t>(info.parameters.size());
  spec.coordinates = cell_coordinates(*info.grid);
  return spec;
}

TrainingResult train(const TrainConfig& config) {
  check_device(config.training.device);
  const fs::path run = config.run;
  create_folder(run);
  const RunLock lock(run);
  const auto newest = CheckpointStore(run / "checkpoints").newest();
  std::optional<Normaliser> known;
  if (newest) {
    check_same_config(run / "config.yaml", config,
                      {"run", "data.path", "training.epochs", "training.max_minutes", "training.checkpoint_minutes",
                       "training.threads", "training.device", "liveness", "monitor.events", "monitor.report"});
    Checkpoint checkpoint = read_checkpoint(*newest);
    known = Normaliser::from_tensors(checkpoint.tensors["normaliser"], newest->string());
  }
  const Parts parts = make_parts(config, std::move(known));
  if (config.liveness != "off") {
    const LivenessReport report = liveness_of(parts, !newest);
    if (!report.passes() && config.liveness == "error")
      throw NumericalError("operator '" + config.operator_choice.name + "': " + report.text() +
                           "; repair it, or set liveness: warn to train it all the same");
    if (!report.passes()) log_warning(report.text());
  }
  const auto provenance = provenance_of(config, parts);
  if (newest)
    check_provenance(run / "provenance.json", provenance);
  else
    write_atomically(run / "provenance.json", provenance.dump(2) + "\n");
  write_atomically(run / "config.yaml", resolved_yaml(config));
  const std::string description = parts.description.to_json();
  Trainer trainer(config.training, *parts.task, run, [&](Checkpoint& checkpoint) {
    checkpoint.tensors["normaliser"] = parts.normaliser->to_tensors();
    checkpoint.description = description;
  });
  trainer.observe(std::make_shared<RunMonitor>(config.monitor, run, *parts.trained, parts.valid));
  return trainer.run();
}

LivenessReport training_check(const TrainConfig& config) { return liveness_of(make_parts(config, std::nullopt), true); }

std::string training_plan(const TrainConfig& config) {
  check_device(config.training.device);
  const Parts parts = make_parts(config, std::nullopt);
  const TrainingPlan plan = plan_training(config.training, *parts.task);
  // Rollouts hold whole trajectories, which may need more than a step does.
  static_cast<void>(report_rollouts(*parts.trained, *parts.valid));
  const double bytes = peak_memory_bytes();
  const double steps = static_cast<double>(plan.batches_per_epoch) * static_cast<double>(config.training.epochs);
  double sealed = static_cast<double>(parts.description.to_json().size());
  for (const auto& [name, value] : parts.normaliser->to_tensors())
    sealed += static_cast<double>(value.nbytes() + name.size()) + 70;
  const double disk = plan.checkpoint_bytes + 3 * sealed;
  std::vector<std::string> lines = {
      "operator     " + config.operator_choice.name + ", " + std::to_string(plan.parameters) + " parameters",
      "data         " + std::to_string(parts.train->size()) + " training and " + std::to_string(parts.valid->size()) +
          " validation trajectories",
      "steps        " + std::to_string(plan.batches_per_epoch) + " an epoch, " + format_number(steps) + " in all",
      "time         " + format_duration(plan.seconds_per_step) + " a step with " + std::to_string(parts.threads) +
          " threads, " + format_duration(plan.seconds_per_step * static_cast<double>(plan.batches_per_epoch)) +
          " an epoch, about " + format_duration(plan.seconds_per_step * steps) + " without validation",
      "memory       " + format_bytes(bytes) + ", the peak of a few steps and a validation rollout",
      "disk         at most " + format_bytes(disk) + " of checkpoints (three) in " + config.run};
  warn_if_disk_is_small(config.run, disk);
  return join(lines, "\n");
}

}  // namespace eddyline
