#include "core/training/next_step_task.hpp"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/random.hpp"
#include "core/base/signals.hpp"
#include "core/rollout/rollout.hpp"
#include "core/training/field_error.hpp"
#include "core/training/neural_stepper.hpp"

namespace eddyline {
namespace {

/// Key of everything random about one batch.
std::string batch_key(const char* consumer, const Batch& batch, std::int64_t epoch) {
  return std::string("training/") + consumer + "/" + std::to_string(epoch) + "/" +
         (batch.sample_ids.empty() ? std::string() : batch.sample_ids.front());
}

}  // namespace

void NextStepConfig::fields(FieldVisitor& visit) {
  visit("history", history, rule::between(1, 1000), "past frames that the operator sees");
  visit("bundle", bundle, rule::between(1, 1000), "frames that one call predicts");
  visit("loss", loss, rule::one_of({"relative_l2", "mse", "increment_mse"}),
        "relative_l2: ||error|| / ||target|| of a sample; mse: mean square; increment_mse: in units of the increments; "
        "all on normalised frames");
  visit("pushforward", pushforward, rule::between(0, 1),
        "probability that a batch is trained on the operator's own predictions");
  visit("pushforward_epoch", pushforward_epoch, rule::non_negative(), "first epoch with pushforward");
  visit("noise", noise, rule::non_negative(), "standard deviation of the noise on normalised inputs");
  visit("rollout_frames", rollout_frames, rule::non_negative(), "frames of a validation rollout; 0: all there are");
  visit("rollout_cases", rollout_cases, rule::non_negative(), "trajectories rolled out in validation; 0: all");
}

NextStepTask::NextStepTask(const NextStepConfig& config, const TaskContext& context)
    : config_(config), context_(context), forecaster_(std::make_shared<Forecaster>(context.trained)) {}

std::unique_ptr<SampleSource> NextStepTask::source() const {
  const std::int64_t bundles = config_.pushforward > 0 ? 2 : 1;
  return std::make_unique<WindowSource>(context_.train, context_.trained.shared_normaliser(),
                                        WindowOptions{config_.history, bundles * config_.bundle, context_.epochs});
}

bool NextStepTask::is_pushed(const Batch& batch, std::int64_t epoch) const {
  if (epoch < config_.pushforward_epoch || config_.pushforward == 0) return false;
  return RandomStream(context_.epochs.seed, batch_key("pushforward", batch, epoch)).uniform() < config_.pushforward;
}

torch::Tensor NextStepTask::loss(const Batch& batch, std::int64_t epoch) {
  const Forecaster& forecaster = *forecaster_;
  Batch now = batch;
  std::int64_t first_target = 0;
  if (config_.noise > 0) {
    const auto generator =
        at::detail::createCPUGenerator(derived_seed(context_.epochs.seed, batch_key("noise", batch, epoch)));
    const at::Tensor noise = at::randn(now.inputs.sizes(), generator, now.inputs.options()) * config_.noise;
    now.inputs = now.inputs + (now.mask.defined() ? noise * now.mask.unsqueeze(1).unsqueeze(1) : noise);
  }
  if (is_pushed(batch, epoch)) {
    const torch::NoGradGuard no_gradient;
    now = forecaster.advanced(now, forecaster.frames(now));
    first_target = config_.bundle;
  }
  return distance(forecaster.frames(now), batch.targets.narrow(1, first_target, config_.bundle), batch);
}

torch::Tensor NextStepTask::distance(const torch::Tensor& predicted, const torch::Tensor& target,
                                     const Batch& batch) const {
  torch::Tensor error = predicted - target;
  if (config_.loss == "increment_mse") error = error / context_.trained.normaliser().increment_scale(error);
  torch::Tensor counted = target, cells = torch::ones({}, target.options());
  if (batch.mask.defined()) {
    const torch::Tensor mask = batch.mask.unsqueeze(1).unsqueeze(1).to(error.dtype());
    error = error * mask;
    counted = target * mask;
    cells = mask.mean();
  }
  if (config_.loss != "relative_l2") return error.square().mean() / cells;
  // The tiny numbers keep the square root differentiable at zero error and the ratio finite at a zero target.
  const torch::Tensor ratio = error.flatten(1).square().sum(1) / (counted.flatten(1).square().sum(1) + 1e-12);
  return (ratio + 1e-24).sqrt().mean();
}

std::map<std::string, double> NextStepTask::validate() {
  const Dataset& valid = *context_.valid;
  const Forecaster& forecaster = *forecaster_;
  const std::int64_t history = config_.history;
  const std::int64_t mask_index = mask_channel(valid.info());
  std::int64_t count = valid.size();
  if (config_.rollout_cases > 0) count = std::min(count, config_.rollout_cases);
  std::vector<at::Tensor> errors, last_errors, one_step, persistence;
  // Trajectories of one length and time step at a time, in batches.
  for (std::int64_t index = 0; index < count;) {
    stop_if_interrupted();
    const std::int64_t frames = valid.trajectory(index).frames();
    std::vector<std::int64_t> group;
    while (index < count && static_cast<std::int64_t>(group.size()) < context_.epochs.batch_size &&
           valid.trajectory(index).frames() == frames)
      group.push_back(index++);
    std::int64_t steps = frames - history;
    if (config_.rollout_frames > 0) steps = std::min(steps, config_.rollout_frames);
    if (steps < 1)
      throw DataError("validation trajectory " + valid.trajectory(group.front()).id + " has " + std::to_string(frames) +
                      " frames; task.history " + std::to_string(history) + " leaves none to predict");
    const ForecastInputs inputs = forecast_inputs(valid, group, 0, history);
    std::vector<at::Tensor> truth;
    for (const std::int64_t member : group) truth.push_back(valid.frames(member, history, steps));
    const at::Tensor reference = at::stack(truth);
    at::Tensor mask;
    if (mask_index >= 0) mask = inputs.statics.select(1, mask_index) > 0;
    const at::Tensor& deviation = context_.trained.normaliser().deviation;
    const at::Tensor error = frame_error(forecaster.forecast(inputs, steps), reference, mask, deviation);
    const at::Tensor still = inputs.past.narrow(1, history - 1, 1);
    errors.push_back(error.mean(1));
    last_errors.push_back(error.select(1, steps - 1));
    one_step.push_back(error.select(1, 0).square());
    persistence.push_back(frame_error(still, reference.narrow(1, 0, 1), mask, deviation).select(1, 0).square());
  }
  return {{"selection", mean_or_infinity(at::cat(errors))},
          {"rollout_last", mean_or_infinity(at::cat(last_errors))},
          {"one_step", mean_or_infinity(at::cat(one_step))},
          {"persistence", mean_or_infinity(at::cat(persistence))}};
}

void NextStepTask::predict(std::span<const State> past, std::int64_t steps,
                           const std::vector<std::shared_ptr<Sink>>& sinks) {
  if (past.empty()) throw DataError("the model needs " + std::to_string(config_.history) + " past frames, got none");
  const NeuralStepper stepper(forecaster_, channel_names(context_.train->info().channels),
                              conditioning_of(past.back()));
  rollout(stepper, past, context_.trained.normaliser().lead_time_scale, steps, sinks);
}

const TaskRegistry::Registration<NextStepTask, NextStepConfig> next_step{
    "next_step", "the next frames from the past ones, with temporal bundling and pushforward"};

}  // namespace eddyline
