#include "core/training/trainer.hpp"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/memory.hpp"
#include "core/base/numbers.hpp"
#include "core/base/progress.hpp"
#include "core/base/signals.hpp"
#include "core/base/text.hpp"
#include "core/io/append_file.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/disk_space.hpp"
#include "core/training/metrics_file.hpp"
#include "core/training/optimiser.hpp"
#include "core/training/parameter_count.hpp"

namespace eddyline {
namespace {

using Clock = std::chrono::steady_clock;
constexpr const char* generator_name = "torch_generator";

double minutes_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count() / 60;
}

LearningRateSchedule schedule_of(const TrainingConfig& config, std::int64_t batches) {
  LearningRateSchedule schedule{config.learning_rate, config.final_learning_rate};
  const bool by_epoch = config.schedule == "epoch";
  schedule.stride = by_epoch ? batches : 1;
  const std::int64_t strides_per_epoch = by_epoch ? 1 : batches;
  schedule.warmup = std::llround(config.warmup_epochs * static_cast<double>(strides_per_epoch));
  // By steps the last one has the final rate; by epochs the cosine is that of torch's CosineAnnealingLR, which arrives
  // there after the last epoch.
  schedule.length = config.cosine_epochs > 0 ? config.cosine_epochs * strides_per_epoch
                                             : config.epochs * strides_per_epoch - schedule.warmup - (by_epoch ? 0 : 1);
  return schedule;
}

AdamWOptions optimiser_options(const TrainingConfig& config) {
  return {config.beta1,        config.beta2,          1e-8,
          config.weight_decay, config.decay == "all", config.complex_moment == "modulus"};
}

/// Of one checkpoint, without the part that `seal` adds.
double checkpoint_bytes(torch::nn::Module& model, WeightAverage& average, AdamW& optimiser) {
  double bytes = 1000;  // state.json
  auto moments = optimiser.state();
  moments[generator_name] = at::detail::getDefaultCPUGenerator().get_state();
  for (const auto& tensors : {weights_of(model), average.state(), moments})
    for (const auto& [name, value] : tensors)
      bytes += static_cast<double>(value.nbytes() + name.size()) + 70;  // with its line in the header
  return bytes;
}
constexpr double kept_checkpoints = 3;  // the newest, the one before and the best

/// One run of the loop, from its checkpoint to its end.
class Session {
 public:
  Session(const TrainingConfig& config, Task& task, const std::filesystem::path& run,
          const std::function<void(Checkpoint&)>& seal, std::vector<std::shared_ptr<TrainingObserver>> observers)
      : config_(config),
        task_(task),
        run_(run),
        seal_(seal),
        store_(run / "checkpoints"),
        source_(task.source()),
        schedule_(schedule_of(config, source_->batches_per_epoch())),
        optimiser_(task.model(), optimiser_options(config)),
        average_(task.model(), config.average_decay),
        log_(run / "log.txt"),
        observers_(std::move(observers)) {}

  TrainingResult run() {
    warn_if_disk_is_small(run_, kept_checkpoints * checkpoint_bytes(task_.model(), average_, optimiser_));
    task_.model().train();
    if (!resume()) {
      say("training " + std::to_string(config_.epochs) + " epochs of " + std::to_string(source_->batches_per_epoch()) +
          " batches");
      tell([](TrainingObserver& observer) { observer.begun(); });
      validate_and_publish(false);
    }
    if (task_.model().parameters().empty() && !state_.complete) {
      say("the operator has no parameters: there is nothing to train");
      state_.epoch = config_.epochs;
      state_.complete = true;
      publish();
    }
    progress_.emplace("train", config_.epochs * source_->batches_per_epoch(), state_.step);
    while (state_.epoch < config_.epochs && !over_budget()) {
      state_.cursor = source_->cursor();
      const auto batch = source_->next();
      if (batch)
        step(*batch);
      else
        finish_epoch();
    }
    progress_.reset();
    if (!state_.complete) stop_early();
    say((state_.complete ? "finished" : "stopped by training.max_minutes") + std::string(" after epoch ") +
        std::to_string(state_.epoch) + "; best validation error " + format_number(state_.best_selection, 4) +
        " at step " + std::to_string(state_.best_step));
    return {state_.step, state_.epoch, state_.best_step, state_.best_selection, state_.complete};
  }

 private:
  bool resume() {
    const auto newest = store_.newest();
    if (!newest) return false;
    const Checkpoint checkpoint = read_checkpoint(*newest);
    const auto tensors = [&](const std::string& name) {
      const auto found = checkpoint.tensors.find(name);
      if (found == checkpoint.tensors.end())
        throw DataError("checkpoint '" + newest->string() + "' has no " + name +
                        ".safetensors: it can predict, training cannot continue from it");
      return found->second;
    };
    load_weights(task_.model(), tensors("model"), newest->string());
    average_.restore(tensors("average"), newest->string());
    NamedState optimiser = tensors("optimizer");
    const auto generator = optimiser.find(generator_name);
    if (generator == optimiser.end()) throw DataError("checkpoint '" + newest->string() + "' has no random state");
    auto torch_generator = at::detail::getDefaultCPUGenerator();
    torch_generator.set_state(generator->second);
    optimiser.erase(generator);
    optimiser_.restore(optimiser, newest->string());
    state_ = checkpoint.state;
    source_->restore(state_.cursor);
    tell([&](TrainingObserver& observer) { observer.restored(state_); });
    say("resuming from '" + newest->string() + "', epoch " + std::to_string(state_.epoch) + ", step " +
        std::to_string(state_.step));
    return true;
  }

  void step(const Batch& batch) {
    task_.model().zero_grad();
    const torch::Tensor loss = task_.loss(batch, state_.epoch);
    const double value = loss.item<double>();
    if (!std::isfinite(value)) stop_diverged("loss", value, batch);
    loss.backward();
    const double norm = clip_gradients(task_.model().parameters(), config_.gradient_clip);
    if (!std::isfinite(norm)) stop_diverged("gradient norm", norm, batch);
    const double rate = schedule_(state_.step);
    optimiser_.step(rate);
    average_.update(state_.step);
    ++state_.step;
    ++state_.epoch_steps;
    state_.loss_sum += value;
    state_.gradient_sum += norm;
    state_.cursor = source_->cursor();
    const StepRecord record{state_.step, state_.epoch, value, rate, norm};
    tell([&](TrainingObserver& observer) { observer.step(record); });
    progress_->update(state_.step, "epoch " + std::to_string(state_.epoch + 1) + "/" + std::to_string(config_.epochs) +
                                       ", loss " + format_number(value, 3) + ", rate " + format_number(rate, 3));
    if (pending_signal() != 0) {
      publish();
      say("stopped by a signal after step " + std::to_string(state_.step) + "; start again to continue");
      stop_if_interrupted();
    }
    if (minutes_since(published_) >= config_.checkpoint_minutes) publish();
  }

  void finish_epoch() {
    const bool last = state_.epoch + 1 == config_.epochs;
    if (last || (state_.epoch + 1) % config_.validate_every == 0) {
      validate_and_publish(true);
      return;
    }
    complete_epoch({});
  }

  /// @param ends_epoch  false for the untrained model.
  void validate_and_publish(bool ends_epoch) {
    std::map<std::string, double> metrics;
    try {
      const WeightAverage::Applied applied(average_);
      metrics = task_.validate();
    } catch (const Interrupted&) {
      // The cursor still stands before the end of the epoch: a resume validates again.
      if (ends_epoch) publish();
      throw;
    }
    const auto selection = metrics.find("selection");
    if (selection == metrics.end()) throw ConfigError("the task's validation gives no metric called 'selection'");
    if (selection->second < state_.best_selection || !ends_epoch) {
      state_.best_selection = selection->second;
      state_.best_step = state_.step;
    }
    {
      const WeightAverage::Applied applied(average_);
      if (ends_epoch) {
        complete_epoch(metrics);
      } else {
        tell_epoch(metrics);
        state_.cursor = source_->cursor();
      }
    }
    std::string text = "epoch " + std::to_string(state_.epoch) + ":";
    for (const auto& [name, value] : metrics) text += " " + name + " " + format_number(value, 4);
    say(text);
    publish();
  }

  /// The budget ran out within an epoch: what was learned so far may be the best, and the next start goes on from here.
  void stop_early() {
    publish();
    double selection = 0;
    {
      const WeightAverage::Applied applied(average_);
      selection = task_.validate().at("selection");
    }
    if (selection >= state_.best_selection) return;
    state_.best_selection = selection;
    state_.best_step = state_.step;
    publish();
  }

  void complete_epoch(const std::map<std::string, double>& metrics) {
    ++state_.epoch;
    state_.complete = state_.epoch == config_.epochs;
    tell_epoch(metrics);
    state_.epoch_steps = 0;
    state_.loss_sum = state_.gradient_sum = 0;
    state_.cursor = source_->cursor();
  }

  void tell_epoch(const std::map<std::string, double>& metrics) {
    const double nan = std::numeric_limits<double>::quiet_NaN(), steps = static_cast<double>(state_.epoch_steps);
    const EpochRecord record{state_.step,
                             state_.epoch,
                             state_.epoch_steps > 0 ? state_.loss_sum / steps : nan,
                             schedule_(std::max<std::int64_t>(state_.step - 1, 0)),
                             state_.epoch_steps > 0 ? state_.gradient_sum / steps : nan,
                             metrics};
    tell([&](TrainingObserver& observer) { observer.epoch(record); });
  }

  void tell(const std::function<void(TrainingObserver&)>& what) const {
    for (const auto& observer : observers_) what(*observer);
  }

  void publish() {
    Checkpoint checkpoint;
    checkpoint.state = state_;
    checkpoint.tensors["model"] = copied(weights_of(task_.model()));
    checkpoint.tensors["average"] = average_.state();
    checkpoint.tensors["optimizer"] = optimiser_.state();
    checkpoint.tensors["optimizer"][generator_name] = at::detail::getDefaultCPUGenerator().get_state();
    seal_(checkpoint);
    store_.publish(checkpoint);
    published_ = Clock::now();
    tell([&](TrainingObserver& observer) { observer.published(store_.path(state_.step), state_); });
  }

  [[nodiscard]] bool over_budget() const {
    return config_.max_minutes > 0 && minutes_since(started_) >= config_.max_minutes;
  }

  [[noreturn]] void stop_diverged(const std::string& what, double value, const Batch& batch) {
    const auto last = store_.newest();
    const std::string message = "training diverged at step " + std::to_string(state_.step) + " (epoch " +
                                std::to_string(state_.epoch) + "): the " + what + " is " + format_number(value) +
                                " for samples " + printable(join(batch.sample_ids, ", ")) +
                                "; lower training.learning_rate or training.gradient_clip. Last good checkpoint: " +
                                (last ? last->string() : std::string("none"));
    say(message);
    throw NumericalError(message);
  }

  void say(const std::string& line) {
    log_info(line);
    log_.append(line + "\n");
  }

  const TrainingConfig& config_;
  Task& task_;
  const std::filesystem::path& run_;
  const std::function<void(Checkpoint&)>& seal_;
  CheckpointStore store_;
  std::unique_ptr<SampleSource> source_;
  LearningRateSchedule schedule_;
  AdamW optimiser_;
  WeightAverage average_;
  AppendFile log_;
  std::vector<std::shared_ptr<TrainingObserver>> observers_;
  TrainingState state_;
  std::optional<Progress> progress_;
  Clock::time_point started_ = Clock::now(), published_ = Clock::now();
};

}  // namespace

void TrainingConfig::fields(FieldVisitor& visit) {
  visit("epochs", epochs, rule::between(1, 1e9), "passes over the training windows");
  visit("max_minutes", max_minutes, rule::non_negative().unit("min"),
        "wall time after which this start ends cleanly; the next start continues; 0: no limit");
  visit("batch_size", batch_size, rule::between(1, 1e6), "windows a step");
  visit("shuffle", shuffle, rule::any(), "whether every epoch has an order of its own; false: that of the dataset");
  visit("learning_rate", learning_rate, rule::positive(), "highest learning rate of AdamW");
  visit("final_learning_rate", final_learning_rate, rule::non_negative(), "at the end of the cosine");
  visit("warmup_epochs", warmup_epochs, rule::non_negative(), "epochs of linear warm-up");
  visit("schedule", schedule, rule::one_of({"step", "epoch"}),
        "whether the rate changes with every step or every epoch");
  visit("cosine_epochs", cosine_epochs, rule::non_negative().unit("epochs"),
        "length of the cosine behind the warm-up, may be longer than the training; 0: as long as the training");
  visit("weight_decay", weight_decay, rule::non_negative(), "decoupled weight decay");
  visit("decay", decay, rule::one_of({"weights", "all"}),
        "what decays: weights with two axes or more, or all parameters as in torch.optim.AdamW");
  visit("beta1", beta1, rule::between(0, 1), "decay of AdamW's first moment");
  visit("beta2", beta2, rule::between(0, 1), "decay of AdamW's second moment");
  visit(
      "complex_moment", complex_moment, rule::one_of({"parts", "modulus"}),
      "AdamW's second moment of complex weights: of real and imaginary part, as in torch.optim, or of the modulus, one "
      "for both, as in neuraloperator");
  visit("gradient_clip", gradient_clip, rule::non_negative(), "largest norm of all gradients; 0: no limit");
  visit("average_decay", average_decay, rule::between(0, 1),
        "decay of the running average of the weights that is validated and kept as best; 0: the latest weights");
  visit("validate_every", validate_every, rule::at_least(1), "epochs between validations");
  visit("checkpoint_minutes", checkpoint_minutes, rule::positive().unit("min"),
        "wall time between checkpoints, beside one at every validation");
  visit("threads", threads, rule::between(0, 4096), "0: all cores; the same count gives the same bits");
  visit("device", device, rule::any(), "cpu or auto; this version trains on the CPU");
}

void TrainingConfig::check(ConfigProblems& problems) const {
  if (final_learning_rate > learning_rate)
    problems.add("final_learning_rate", "is above learning_rate (" + format_number(learning_rate) + ")");
  if (warmup_epochs > static_cast<double>(epochs))
    problems.add("warmup_epochs", "is longer than the training of " + std::to_string(epochs) + " epochs");
  for (const auto& [name, value] : {std::pair{"beta1", beta1}, {"beta2", beta2}, {"average_decay", average_decay}})
    if (value == 1) problems.add(name, "must be below 1");
}

EpochOptions epoch_options(const TrainingConfig& config, std::uint64_t seed) {
  return {config.batch_size, seed, config.shuffle};
}

Trainer::Trainer(TrainingConfig config, Task& task, std::filesystem::path run, std::function<void(Checkpoint&)> seal)
    : config_(std::move(config)), task_(task), run_(std::move(run)), seal_(std::move(seal)) {
  observe(std::make_shared<MetricsFile>(run_ / "metrics.csv"));
}

void Trainer::observe(std::shared_ptr<TrainingObserver> observer) { observers_.push_back(std::move(observer)); }

TrainingResult Trainer::run() {
  create_folder(run_);
  return Session(config_, task_, run_, seal_, observers_).run();
}

TrainingPlan plan_training(const TrainingConfig& config, Task& task) {
  TrainingPlan plan;
  const auto source = task.source();
  plan.batches_per_epoch = source->batches_per_epoch();
  plan.parameters = parameter_count(task.model());
  AdamW optimiser(task.model(), optimiser_options(config));
  WeightAverage average(task.model(), config.average_decay);
  task.model().train();
  if (task.model().parameters().empty()) return plan;
  // The first step warms up caches and memory, hence the fastest one; the last epoch has all of the schedule's costs.
  // Two steps see the peak of memory; a few more, while they are quick, make the time a measurement.
  const auto began = Clock::now();
  for (int n = 0; n < 2 || (n < 6 && 60 * minutes_since(began) < 5); ++n) {
    auto batch = source->next();
    if (!batch) batch = source->next();
    const auto start = Clock::now();
    task.model().zero_grad();
    task.loss(*batch, config.epochs - 1).backward();
    static_cast<void>(clip_gradients(task.model().parameters(), config.gradient_clip));
    optimiser.step(0);
    average.update(n);
    if (n == 0) plan.checkpoint_bytes = kept_checkpoints * checkpoint_bytes(task.model(), average, optimiser);
    const double seconds = 60 * minutes_since(start);
    plan.seconds_per_step = n == 0 ? seconds : std::min(plan.seconds_per_step, seconds);
  }
  plan.bytes = peak_memory_bytes();
  return plan;
}

}  // namespace eddyline
