// Normaliser, windows, the next-step task and the stepper made of an operator.

#include <gtest/gtest.h>

#include <cmath>

#include "core/base/error.hpp"
#include "core/rollout/rollout.hpp"
#include "core/training/field_error.hpp"
#include "core/training/neural_stepper.hpp"
#include "core/training/next_step_task.hpp"
#include "tests/training/synthetic.hpp"

namespace eddyline::test {
namespace {

std::shared_ptr<const Dataset> sine(const SineOptions& options = {}, const std::string& split = "train") {
  return std::make_shared<SineDataset>(options, split);
}

TEST(Normaliser, KnowsTheSineByHand) {
  const Normaliser normaliser = fit_normaliser(*sine(), 2);
  // Whole periods: mean 0, mean square 1/2; the second channel is 3 + 10 u.
  EXPECT_NEAR(normaliser.mean[0].item<double>(), 0, 1e-6);
  EXPECT_NEAR(normaliser.mean[1].item<double>(), 3, 1e-5);
  EXPECT_NEAR(normaliser.deviation[0].item<double>(), std::sqrt(0.5), 1e-6);
  EXPECT_NEAR(normaliser.deviation[1].item<double>(), 10 * std::sqrt(0.5), 1e-5);
  // rms of sin(a) - sin(a - d) is 2 sin(d / 2) / sqrt(2).
  double one = 0, two = 0;
  for (int trajectory = 0; trajectory < 4; ++trajectory) {
    const double shift = 2 * M_PI * (1 + 0.1 * trajectory) * 0.05;
    one += 2 * std::pow(std::sin(shift / 2), 2) / 4;
    two += 2 * std::pow(std::sin(shift), 2) / 4;
  }
  EXPECT_NEAR(normaliser.increment_deviation[0][0].item<double>(), std::sqrt(one), 1e-6);
  EXPECT_NEAR(normaliser.increment_deviation[1][0].item<double>(), std::sqrt(two), 1e-6);
  EXPECT_NEAR(normaliser.parameter_mean[0].item<double>(), 1.15, 1e-12);
  EXPECT_NEAR(normaliser.lead_time_scale, 0.05, 1e-12);
  EXPECT_NEAR(normaliser.largest[1].item<double>(), 13, 0.1);
}

TEST(Normaliser, RoundTripAndStorage) {
  const auto data = sine({.dimension = 2, .mask = true});
  const Normaliser normaliser = fit_normaliser(*data, 1);
  const at::Tensor frames = data->frames(1, 0, 5);
  EXPECT_TRUE(at::allclose(normaliser.invert(normaliser.apply(frames)), frames, 1e-5, 1e-5));
  const Normaliser read = Normaliser::from_tensors(normaliser.to_tensors(), "here");
  EXPECT_TRUE(at::equal(read.apply(frames), normaliser.apply(frames)));
  EXPECT_TRUE(at::equal(read.mean_field, normaliser.mean_field));
  EXPECT_EQ(read.dt_high, normaliser.dt_high);
  auto tensors = normaliser.to_tensors();
  tensors.erase("mean");
  EXPECT_THROW(Normaliser::from_tensors(tensors, "here"), DataError);
}

TEST(Normaliser, CountsFluidCellsOnly) {
  // The solid block holds a sine too; the statistics must not see it.
  const auto masked = sine({.trajectories = 1, .frames = 4, .mask = true});
  const at::Tensor values = masked->frames(0, 0, 4).select(1, 1).to(at::kDouble);
  const at::Tensor fluid = at::cat({values.narrow(1, 0, 4), values.narrow(1, 7, 25)}, 1);
  const Normaliser normaliser = fit_normaliser(*masked, 1);
  EXPECT_NEAR(normaliser.mean[1].item<double>(), fluid.mean().item<double>(), 1e-9);
  EXPECT_NEAR(normaliser.deviation[1].item<double>(), fluid.std(false).item<double>(), 1e-9);
}

TEST(WindowSource, EveryWindowOnceAndTheCursorRestores) {
  const auto data = sine();
  const auto normaliser = std::make_shared<Normaliser>(fit_normaliser(*data, 2));
  const WindowOptions options{.history = 2, .targets = 4, .epochs = {.batch_size = 5, .seed = 3}};
  WindowSource source(data, normaliser, options);
  EXPECT_EQ(source.windows(), 4 * (12 - 6 + 1));
  EXPECT_EQ(source.batches_per_epoch(), 6);
  std::vector<std::vector<std::string>> epochs;
  for (int epoch = 0; epoch < 2; ++epoch) {
    auto& ids = epochs.emplace_back();
    while (const auto batch = source.next()) {
      EXPECT_EQ(batch->inputs.size(1), 2);
      EXPECT_EQ(batch->targets.size(1), 4);
      ids.insert(ids.end(), batch->sample_ids.begin(), batch->sample_ids.end());
    }
  }
  EXPECT_NE(epochs[0], epochs[1]);
  for (auto& ids : epochs) {
    std::sort(ids.begin(), ids.end());
    EXPECT_EQ(std::unique(ids.begin(), ids.end()), ids.end());
    EXPECT_EQ(ids.size(), 28U);
  }
  EXPECT_EQ(epochs[0], epochs[1]);
  // Position in the middle of an epoch and at its end.
  for (const int steps : {4, 6, 7, 11}) {
    WindowSource first(data, normaliser, options), second(data, normaliser, options);
    for (int n = 0; n < steps; ++n) static_cast<void>(first.next());
    second.restore(first.cursor());
    for (int n = 0; n < 9; ++n) {
      const auto a = first.next(), b = second.next();
      ASSERT_EQ(a.has_value(), b.has_value());
      if (!a) continue;
      EXPECT_EQ(a->sample_ids, b->sample_ids);
      EXPECT_TRUE(at::equal(a->inputs, b->inputs));
      EXPECT_TRUE(at::equal(a->targets, b->targets));
    }
  }
  WindowSource other(data, normaliser, options);
  EXPECT_THROW(other.restore({{"epoch", 0}, {"batch", 7}}), DataError);
  EXPECT_THROW(WindowSource(data, normaliser, {.history = 8, .targets = 8, .epochs = {}}), DataError);
}

TEST(EpochOrder, WithoutShufflingIsThatOfTheData) {
  EpochOrder order(5, {.batch_size = 2, .shuffles = false});
  for (int epoch = 0; epoch < 2; ++epoch) {
    std::vector<std::int64_t> shown;
    for (auto batch = order.next(); !batch.empty(); batch = order.next())
      shown.insert(shown.end(), batch.begin(), batch.end());
    EXPECT_EQ(shown, (std::vector<std::int64_t>{0, 1, 2, 3, 4})) << epoch;
  }
}

TEST(NextStep, BundleShapesAndSolidsAtZero) {
  const auto data = sine({.dimension = 2, .mask = true});
  NextStepConfig config;
  config.history = 2;
  config.bundle = 3;
  const TaskContext context = context_of(data, data, config);
  const at::Tensor forecast = Forecaster(context.trained).forecast(forecast_inputs(*data, {0, 1}, 0, 2), 7);
  EXPECT_EQ(forecast.sizes().vec(), (std::vector<std::int64_t>{2, 7, 2, 32, 32}));
  EXPECT_EQ(forecast.narrow(-1, 4, 3).abs().max().item<float>(), 0);
  EXPECT_GT(forecast.narrow(-1, 8, 3).abs().max().item<float>(), 0.1);
}

TEST(NextStep, PushforwardDetachesTheFirstCall) {
  const auto data = sine();
  NextStepConfig config;
  config.bundle = 2;
  config.pushforward = 1;
  config.pushforward_epoch = 1;
  const TaskContext context = context_of(data, data, config);
  NextStepTask task(config, context);
  const Batch batch = *task.source()->next();
  EXPECT_FALSE(task.is_pushed(batch, 0));
  EXPECT_TRUE(task.is_pushed(batch, 1));

  const auto gradient = [&](const torch::Tensor& loss) {
    task.model().zero_grad();
    loss.backward();
    return task.model().parameters().front().grad().clone();
  };
  const torch::Tensor pushed = gradient(task.loss(batch, 1));
  // By hand: the prediction of a first call, its graph cut, as the input of a plain second one.
  Batch second = Forecaster(context.trained).advanced(batch, Forecaster(context.trained).frames(batch).detach());
  second.targets = batch.targets.narrow(1, 2, 2);
  EXPECT_TRUE(at::equal(pushed, gradient(task.loss(second, 0))));
  // With the graph kept the gradient differs.
  Batch attached = Forecaster(context.trained).advanced(batch, Forecaster(context.trained).frames(batch));
  attached.targets = second.targets;
  EXPECT_FALSE(at::allclose(pushed, gradient(task.loss(attached, 0))));
  EXPECT_NEAR(second.time[0].item<float>(), batch.time[0].item<float>() + 0.1, 1e-6);
}

TEST(NextStep, LossesByHand) {
  const auto data = sine();
  NextStepConfig config;
  config.bundle = 1;
  config.pushforward = 0;
  const TaskContext context = context_of(data, data, config);
  for (auto& parameter : context.trained.model().parameters()) parameter.data().zero_();  // persistence
  const Batch batch = *NextStepTask(config, context).source()->next();
  const at::Tensor error = (batch.targets - batch.inputs), target = batch.targets;
  const double relative = (error.flatten(1).norm(2, 1) / target.flatten(1).norm(2, 1)).mean().item<double>();
  EXPECT_NEAR(NextStepTask(config, context).loss(batch, 0).item<double>(), relative, 1e-6);
  config.loss = "mse";
  EXPECT_NEAR(NextStepTask(config, context).loss(batch, 0).item<double>(), error.square().mean().item<double>(), 1e-6);
  config.loss = "increment_mse";  // of persistence: 1 on average over all windows
  double sum = 0, count = 0;
  const auto source = NextStepTask(config, context).source();
  while (const auto next = source->next()) {
    const auto samples = static_cast<double>(next->inputs.size(0));
    sum += samples * NextStepTask(config, context).loss(*next, 0).item<double>();
    count += samples;
  }
  EXPECT_NEAR(sum / count, 1, 1e-5);
}

TEST(NextStep, NoiseIsAFunctionOfSeedEpochAndSamples) {
  const auto data = sine();
  NextStepConfig config;
  config.noise = 0.1;
  config.pushforward = 0;
  const TaskContext context = context_of(data, data, config);
  NextStepTask task(config, context);
  const Batch batch = *task.source()->next();
  const double loss = task.loss(batch, 0).item<double>();
  EXPECT_EQ(loss, task.loss(batch, 0).item<double>());
  EXPECT_NE(loss, task.loss(batch, 1).item<double>());
}

TEST(NextStep, PersistenceBaselineByHand) {
  // One step of a sine shifted by d: ||difference||^2 / ||u||^2 = (2 sin(d/2))^2 for the first channel.
  const auto data = sine({.trajectories = 1});
  NextStepConfig config;
  const TaskContext context = context_of(data, data, config);
  for (auto& parameter : context.trained.model().parameters()) parameter.data().zero_();
  const auto metrics = NextStepTask(config, context).validate();
  // Channel 2 is 3 + 10 u with the same relative deviation: norms 0.5 s^2 and (9 + 50) s^2 / 100.
  const double change = std::pow(2 * std::sin(M_PI * 0.05), 2) * 0.5;
  const double expected = (change + change) / (0.5 + 0.59);
  EXPECT_NEAR(metrics.at("persistence"), expected, 1e-5);
  EXPECT_NEAR(metrics.at("one_step"), expected, 1e-5);
  EXPECT_GT(metrics.at("selection"), 0.3);
}

TEST(FieldError, BlowUpIsInfinite) {
  const at::Tensor reference = at::ones({1, 2, 1, 4});
  at::Tensor prediction = reference.clone();
  prediction[0][1][0][2] = std::nan("");
  const at::Tensor error = frame_error(prediction, reference, {}, at::ones({1}, at::kDouble));
  EXPECT_EQ(error[0][0].item<double>(), 0);
  EXPECT_TRUE(std::isinf(error[0][1].item<double>()));
}

TEST(NeuralStepper, AgreesWithTheBatchedForecastAndGuardsItsRange) {
  const auto data = sine({.mask = true});
  NextStepConfig config;
  config.history = 2;
  config.bundle = 3;
  const TaskContext context = context_of(data, data, config);
  const NeuralStepper stepper(std::make_shared<Forecaster>(context.trained), channel_names(data->info().channels),
                              conditioning_of(*data, 1));
  EXPECT_EQ(stepper.history(), 2);
  EXPECT_EQ(stepper.bundle(), 3);
  const at::Tensor start = data->frames(1, 0, 2).to(at::kDouble);
  const auto times = data->trajectory(1).times;
  const std::vector<State> past = {cell_state(nullptr, times[0], {"u", "w"}, start[0]),
                                   cell_state(nullptr, times[1], {"u", "w"}, start[1])};
  const at::Tensor expected = Forecaster(context.trained).forecast(forecast_inputs(*data, {1}, 0, 2), 7)[0];
  std::vector<at::Tensor> got;
  rollout(stepper, past, 0.05, 7, {}, [&](const Frame& frame) {
    EXPECT_NEAR(frame.state->time, 0.05 * static_cast<double>(frame.index + 1), 1e-12);
    got.push_back(cell_tensor(*frame.state, {"u", "w"}));
  });
  ASSERT_EQ(got.size(), 7U);
  EXPECT_TRUE(at::allclose(at::stack(got), expected.to(at::kDouble), 1e-5, 1e-5));
  try {
    static_cast<void>(stepper.advance(past, 0.1, 1));
    FAIL() << "an untrained time step went through";
  } catch (const ConfigError& error) {
    EXPECT_NE(std::string(error.what()).find("0.05"), std::string::npos) << error.what();
  }
  EXPECT_THROW(NeuralStepper(std::make_shared<Forecaster>(context.trained), {"u", "w"}, {}), ShapeError);
  EXPECT_THROW(static_cast<void>(stepper.advance(std::span(past).first(1), 0.05, 1)), DataError);
}

}  // namespace
}  // namespace eddyline::test
