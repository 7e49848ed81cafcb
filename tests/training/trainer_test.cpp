// The loop, its pieces, checkpoints and runs.

#include "core/training/trainer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <torch/optim/adamw.h>

#include <cmath>
#include <csignal>
#include <fstream>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/config/config_reader.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/csv.hpp"
#include "core/io/run_lock.hpp"
#include "core/training/next_step_task.hpp"
#include "core/training/optimiser.hpp"
#include "core/training/trained_model.hpp"
#include "core/training/training_run.hpp"
#include "tests/training/synthetic.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

template <class Thrown, class Body>
std::string message_of(const Body& body) {
  try {
    body();
  } catch (const Thrown& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TrainConfig sine_config(const fs::path& folder, const std::vector<std::string>& lines = {}) {
  set_log_level(LogLevel::quiet);
  std::string text = "run: '" + (folder / "run").string() + "'\ndata: {path: '" + sine_file(folder).string() +
                     "'}\noperator: {name: tiny_convolution}\n"
                     "task: {bundle: 2, pushforward_epoch: 1}\n"
                     "training: {epochs: 4, batch_size: 4, validate_every: 2, threads: 1, learning_rate: 0.01}\n";
  YamlNode root = parse_yaml(text, "test");
  for (const auto& line : lines) apply_override(root, line);
  TrainConfig config;
  read_config(root, config);
  return config;
}

TEST(LearningRate, WarmsUpAndFallsAsACosine) {
  const LearningRateSchedule rate{1.0, 0.1, 4, 9};
  EXPECT_DOUBLE_EQ(rate(0), 0.25);
  EXPECT_DOUBLE_EQ(rate(3), 1.0);
  EXPECT_DOUBLE_EQ(rate(4), 1.0);
  EXPECT_DOUBLE_EQ(rate(7), 0.1 + 0.45 * (1 + std::cos(M_PI / 3)));
  EXPECT_NEAR(rate(13), 0.1, 1e-15);
  EXPECT_NEAR(rate(20), 0.1, 1e-15);
}

TEST(AdamW, EqualsLibTorchsOwn) {
  torch::manual_seed(1);
  torch::nn::Linear ours(3, 2), theirs(3, 2);
  load_weights(*theirs, copied(weights_of(*ours)), "ours");
  AdamW optimiser(*ours, {0.9, 0.99, 1e-8, 0});
  torch::optim::AdamW reference(theirs->parameters(),
                                torch::optim::AdamWOptions(0.05).betas({0.9, 0.99}).weight_decay(0));
  const torch::Tensor input = torch::randn({5, 3});
  for (int step = 0; step < 5; ++step) {
    for (auto module : {ours, theirs}) {
      module->zero_grad();
      module->forward(input).square().sum().backward();
    }
    optimiser.step(0.05);
    reference.step();
  }
  EXPECT_TRUE(at::allclose(ours->weight, theirs->weight, 1e-6, 1e-7)) << ours->weight << theirs->weight;
  // Decay alone: weights shrink by 1 - rate * decay, biases stay.
  const at::Tensor weight = ours->weight.detach().clone(), bias = ours->bias.detach().clone();
  AdamW decaying(*ours, {0.9, 0.99, 1e-8, 0.1});
  ours->weight.mutable_grad().zero_();
  ours->bias.mutable_grad().zero_();
  decaying.step(0.5);
  EXPECT_TRUE(at::allclose(ours->weight, weight * 0.95));
  EXPECT_TRUE(at::equal(ours->bias, bias));
}

TEST(AdamW, ComplexParametersArePairsAndStateRestores) {
  const auto data = std::make_shared<SineDataset>(SineOptions{}, "train");
  NextStepConfig config;
  TaskContext context = context_of(data, data, config);
  NextStepTask task(config, context);
  AdamW optimiser(task.model(), {});
  const Batch batch = *task.source()->next();
  const auto advance = [&](AdamW& with) {
    task.model().zero_grad();
    task.loss(batch, 0).backward();
    with.step(0.01);
  };
  advance(optimiser);
  EXPECT_EQ(optimiser.state().at("spectral.first_moment").sizes().vec(), (std::vector<std::int64_t>{1, 2}));
  const NamedState saved = copied(optimiser.state()), weights = copied(weights_of(task.model()));
  advance(optimiser);
  const NamedState expected = copied(weights_of(task.model()));
  load_weights(task.model(), weights, "before");
  AdamW other(task.model(), {});
  other.restore(saved, "before");
  advance(other);
  for (const auto& [name, value] : weights_of(task.model())) EXPECT_TRUE(at::equal(value, expected.at(name))) << name;
}

struct ComplexWeight final : torch::nn::Module {
  torch::Tensor weight = register_parameter("weight", torch::complex(torch::tensor({1.0}), torch::tensor({2.0})));
};

TEST(AdamW, OneMomentForTheModulusFollowsTheDirectionOfTheGradient) {
  // Without decay the first step has the length of the rate: of the modulus here, of each part in torch.optim.
  const torch::Tensor gradient = torch::complex(torch::tensor({3.0}), torch::tensor({-4.0}));
  for (const bool joins : {true, false}) {
    ComplexWeight model;
    AdamW optimiser(model, {.weight_decay = 0, .joins_parts = joins});
    model.weight.mutable_grad() = gradient;
    optimiser.step(0.1);
    const auto value = model.weight.item<c10::complex<double>>();
    EXPECT_NEAR(value.real(), 1 - 0.1 * (joins ? 0.6 : 1), 1e-6);
    EXPECT_NEAR(value.imag(), 2 + 0.1 * (joins ? 0.8 : 1), 1e-6);
  }
  // Second step, by hand: m = 0.1 g2 + 0.09 g1, v = 0.001 |g2|^2 + 0.000999 |g1|^2, over 1 - 0.9^2 and 1 - 0.999^2.
  ComplexWeight model;
  AdamW optimiser(model, {.weight_decay = 0.5, .joins_parts = true});
  model.weight.mutable_grad() = gradient;
  optimiser.step(0.1);  // one axis: nothing decays
  model.weight.mutable_grad() = torch::complex(torch::tensor({0.0}), torch::tensor({1.0}));
  optimiser.step(0.1);
  const double real = 0.09 * 3 / 0.19, imaginary = (0.1 * 1 - 0.09 * 4) / 0.19;
  const double scale = std::sqrt((0.001 * 1 + 0.000999 * 25) / (1 - 0.999 * 0.999));
  const auto value = model.weight.item<c10::complex<double>>();
  EXPECT_NEAR(value.real(), 1 - 0.06 - 0.1 * real / scale, 1e-6);
  EXPECT_NEAR(value.imag(), 2 + 0.08 - 0.1 * imaginary / scale, 1e-6);
}

TEST(Gradients, AreClippedJointly) {
  torch::nn::Linear layer(2, 1);
  layer->weight.mutable_grad() = torch::tensor({{3.F, 0.F}});
  layer->bias.mutable_grad() = torch::tensor({4.F});
  EXPECT_DOUBLE_EQ(clip_gradients(layer->parameters(), 10), 5);
  EXPECT_FLOAT_EQ(layer->bias.grad().item<float>(), 4);
  EXPECT_DOUBLE_EQ(clip_gradients(layer->parameters(), 1), 5);
  EXPECT_FLOAT_EQ(layer->bias.grad().item<float>(), 0.8F);
  EXPECT_FLOAT_EQ(layer->weight.grad()[0][0].item<float>(), 0.6F);
}

TEST(WeightAverage, ByHand) {
  torch::nn::Linear layer(torch::nn::LinearOptions(1, 1).bias(false));
  const torch::NoGradGuard no_gradient;
  layer->weight.fill_(0);
  WeightAverage average(*layer, 0.5);
  layer->weight.fill_(1);
  average.update(0);  // decay 0.1
  EXPECT_FLOAT_EQ(average.state().at("weight").item<float>(), 0.9F);
  layer->weight.fill_(2);
  average.update(1000);  // decay 0.5
  EXPECT_FLOAT_EQ(average.state().at("weight").item<float>(), 1.45F);
  {
    const WeightAverage::Applied applied(average);
    EXPECT_FLOAT_EQ(layer->weight.item<float>(), 1.45F);
  }
  EXPECT_FLOAT_EQ(layer->weight.item<float>(), 2);
}

TEST(Training, LearnsTheSineAndBeatsPersistence) {
  const fs::path folder = fresh_folder("learns");
  const TrainConfig config = sine_config(folder, {"training.epochs=40", "training.validate_every=10"});
  const TrainingResult result = train(config);
  EXPECT_TRUE(result.complete);
  const CsvTable table = read_csv(folder / "run" / "metrics.csv");
  const auto loss = table.column("loss"), one_step = table.column("one_step"), still = table.column("persistence");
  ASSERT_EQ(loss.size(), 41U);
  EXPECT_LT(loss.back(), 0.2 * loss[1]);
  EXPECT_LT(one_step.back(), 0.05 * still.back());
  EXPECT_LT(table.column("selection").back(), 0.2);
  // The best checkpoint predicts alone.
  const TrainedModel model = load_model(folder / "run");
  EXPECT_EQ(model.state.step, result.best_step);
  EXPECT_EQ(model.channels(), (std::vector<std::string>{"u", "w"}));
  const SineDataset valid({}, "valid");
  const at::Tensor forecast = model.forecaster->forecast(forecast_inputs(valid, {0}, 0, 1), 4);
  EXPECT_LT((forecast[0] - valid.frames(0, 1, 4)).norm().item<double>() / valid.frames(0, 1, 4).norm().item<double>(),
            0.2);
  // Again: nothing is left to do.
  EXPECT_EQ(train(config).steps, result.steps);
}

TEST(Training, TwoDimensionsWithAMaskToo) {
  const SineOptions options{.trajectories = 2, .frames = 8, .cells = 16, .dimension = 2, .mask = true};
  const auto data = std::make_shared<SineDataset>(options, "train");
  NextStepConfig config;
  config.bundle = 1;
  const TaskContext context = context_of(data, data, config);
  NextStepTask task(config, context);
  TrainingConfig training;
  training.epochs = 15;
  training.learning_rate = 0.01;
  training.validate_every = 15;
  const fs::path folder = fresh_folder("mask");
  const TrainingResult result = Trainer(training, task, folder, [](Checkpoint&) {}).run();
  const CsvTable table = read_csv(folder / "metrics.csv");
  EXPECT_LT(table.column("one_step").back(), table.column("persistence").back());
  EXPECT_EQ(result.epochs, 15);
}

TEST(Training, SameSeedSameBitsOtherSeedOthers) {
  std::vector<NamedState> weights;
  for (const char* seed : {"seed=1", "seed=1", "seed=2"}) {
    const fs::path folder = fresh_folder("seed");
    train(sine_config(folder, {seed, "training.epochs=2", "task.noise=0.01"}));
    weights.push_back(read_checkpoint(*CheckpointStore(folder / "run/checkpoints").newest()).tensors.at("model"));
  }
  EXPECT_TRUE(at::equal(weights[0].at("first.weight"), weights[1].at("first.weight")));
  EXPECT_FALSE(at::equal(weights[0].at("first.weight"), weights[2].at("first.weight")));
}

TEST(Training, SameThreadsSameBitsOtherThreadsNearlyTheSame) {
  std::vector<std::string> metrics;
  std::vector<double> losses;
  for (const char* threads : {"training.threads=1", "training.threads=2", "training.threads=2"}) {
    const fs::path folder = fresh_folder("threads");
    train(sine_config(folder, {threads, "training.epochs=1"}));
    metrics.push_back(read_file(folder / "run/metrics.csv"));
    losses.push_back(read_csv(folder / "run/metrics.csv").column("loss").back());
  }
  EXPECT_EQ(metrics[1], metrics[2]);
  EXPECT_NEAR(losses[0], losses[1], 1e-3 * losses[0]);
}

TEST(Training, DivergenceNamesStepSamplesAndCheckpoint) {
  const fs::path folder = fresh_folder("diverges");
  const auto config = sine_config(folder, {"training.learning_rate=1e30", "training.gradient_clip=0"});
  const std::string message = message_of<NumericalError>([&] { train(config); });
  EXPECT_THAT(message, HasSubstr("diverged at step"));
  EXPECT_THAT(message, HasSubstr("train/"));
  EXPECT_THAT(message, HasSubstr("step-000000"));
  EXPECT_NO_THROW(load_model(folder / "run", "last"));
}

TEST(Training, AnotherConfigOrASecondProcessIsRefused) {
  const fs::path folder = fresh_folder("refused");
  train(sine_config(folder, {"training.epochs=1"}));
  EXPECT_THAT(message_of<ConfigError>([&] {
                train(sine_config(folder, {"task.bundle=3", "training.epochs=1"}));
              }),
              HasSubstr("task.bundle: 2 -> 3"));
  EXPECT_EQ(train(sine_config(folder, {"training.epochs=2"})).epochs, 2);
  const RunLock lock(folder / "run");
  EXPECT_THAT(message_of<ResourceError>([&] { train(sine_config(folder, {"training.epochs=2"})); }),
              HasSubstr("process " + std::to_string(::getpid())));
}

TEST(Training, TheBudgetEndsItCleanlyAndTheNextStartContinues) {
  const fs::path folder = fresh_folder("budget");
  const TrainingResult first = train(sine_config(folder, {"training.max_minutes=1e-9"}));
  EXPECT_FALSE(first.complete);
  EXPECT_TRUE(train(sine_config(folder)).complete);
  const fs::path unbroken = fresh_folder("budget_unbroken");
  train(sine_config(unbroken));
  EXPECT_EQ(read_file(folder / "run/metrics.csv"), read_file(unbroken / "run/metrics.csv"));
}

TEST(Training, ThePlanTouchesNothing) {
  const fs::path folder = fresh_folder("plan");
  const std::string plan = training_plan(sine_config(folder));
  EXPECT_THAT(plan, HasSubstr("parameters"));
  EXPECT_THAT(plan, HasSubstr("8 an epoch, 32 in all"));
  EXPECT_FALSE(fs::exists(folder / "run"));
}

TEST(Checkpoints, KeepsTwoAndTheBestAndPassesOverATornOne) {
  const fs::path folder = fresh_folder("store");
  const CheckpointStore store(folder);
  Checkpoint checkpoint;
  checkpoint.tensors["model"]["a"] = at::ones({100});
  checkpoint.description = "{}";
  checkpoint.state.best_step = 20;
  for (const std::int64_t step : {10, 20, 30, 40, 50}) {
    checkpoint.state.step = step;
    store.publish(checkpoint);
  }
  EXPECT_EQ(store.steps(), (std::vector<std::int64_t>{20, 40, 50}));
  EXPECT_EQ(store.newest(), store.path(50));
  EXPECT_EQ(store.best(), store.path(20));
  store.publish(checkpoint);  // the same step again takes the place of the old one
  EXPECT_EQ(store.newest(), store.path(50));
  for (const char* damage : {"short", "flipped", "no manifest"}) {
    const fs::path file = store.path(50) / "model.safetensors";
    const std::string whole = read_file(file), manifest = read_file(store.path(50) / "state.json");
    std::string bytes = whole;
    if (damage == std::string("short")) bytes.resize(bytes.size() / 2);
    if (damage == std::string("flipped")) bytes[bytes.size() - 3] ^= 1;
    write_atomically(file, bytes);
    if (damage == std::string("no manifest")) fs::remove(store.path(50) / "state.json");
    EXPECT_EQ(store.newest(), store.path(40)) << damage;
    EXPECT_THROW(static_cast<void>(read_checkpoint(store.path(50))), Error) << damage;
    write_atomically(file, whole);
    write_atomically(store.path(50) / "state.json", manifest);
    EXPECT_EQ(store.newest(), store.path(50));
  }
}

TEST(Checkpoints, AFullDiskLeavesTheEarlierOne) {
  const fs::path folder = fresh_folder("full");
  const CheckpointStore store(folder);
  Checkpoint checkpoint;
  checkpoint.tensors["model"]["a"] = at::ones({4});
  checkpoint.description = "{}";
  store.publish(checkpoint);
  const auto count_operations = [&] {
    const FailureInjection counting(0);
    checkpoint.state.step = 1;
    store.publish(checkpoint);
    return FailureInjection::operations();
  };
  const int operations = count_operations();
  ASSERT_GT(operations, 8);
  for (int n = 1; n <= operations; ++n) {
    fs::remove_all(folder);
    checkpoint.state.step = 0;
    store.publish(checkpoint);
    checkpoint.state.step = 1;
    const FailureInjection injection(n);
    EXPECT_THROW(store.publish(checkpoint), IoError) << n;
    ASSERT_TRUE(store.newest().has_value()) << n;
    // Either the old one, or the new one whole when only the last flush failed.
    for (const std::int64_t step : store.steps()) EXPECT_EQ(checkpoint_damage(store.path(step)), std::nullopt) << n;
  }
}

// Made by version 0.1.0; see tests/data/checkpoints/README.md. It must load for ever.
TEST(Checkpoints, FormatOneLoads) {
  const TrainedModel model = load_model(fs::path(EDDYLINE_TEST_DATA) / "checkpoints/version_1");
  EXPECT_EQ(model.state.step, 8);
  EXPECT_EQ(model.description.spec.bundle, 2);
  EXPECT_DOUBLE_EQ(model.normaliser->dt_high, 0.05);
  const SineDataset valid({}, "valid");
  const at::Tensor forecast = model.forecaster->forecast(forecast_inputs(valid, {0}, 0, 1), 3);
  EXPECT_NEAR(forecast.norm().item<double>(), 69.02003, 1e-3);
}

TEST(Checkpoints, OneOfANewerFormatIsNamed) {
  const fs::path folder = fresh_folder("newer");
  const CheckpointStore store(folder);
  Checkpoint checkpoint;
  checkpoint.description = "{}";
  store.publish(checkpoint);
  std::string manifest = read_file(store.path(0) / "state.json");
  manifest.replace(manifest.find("\"version\": 1"), 12, "\"version\": 9");
  write_atomically(store.path(0) / "state.json", manifest);
  EXPECT_THAT(message_of<DataError>([&] { static_cast<void>(read_checkpoint(store.path(0))); }),
              HasSubstr("use a newer eddyline"));
}

TEST(Weights, DifferencesAreNamedWithTheNearestName) {
  torch::nn::Linear layer(3, 2);
  NamedState weights = copied(weights_of(*layer));
  weights["wieght"] = weights["weight"];
  weights.erase("weight");
  weights["bias"] = at::zeros({5});
  const std::string message = message_of<DataError>([&] { load_weights(*layer, weights, "file"); });
  EXPECT_THAT(message, HasSubstr("missing 'weight'; did you mean 'wieght'?"));
  EXPECT_THAT(message, HasSubstr("unexpected 'wieght'; did you mean 'weight'?"));
  EXPECT_THAT(message, HasSubstr("'bias' is [5], the model's is [2]"));
}

TEST(TrainedModel, OtherDataIsRefusedByName) {
  const fs::path folder = fresh_folder("other");
  train(sine_config(folder, {"training.epochs=1"}));
  const TrainedModel model = load_model(folder / "run");
  EXPECT_NO_THROW(check_compatible(model.description, SineDataset({}, "valid").info()));
  EXPECT_THAT(
      message_of<DataError>([&] { check_compatible(model.description, SineDataset({.mask = true}, "valid").info()); }),
      HasSubstr("static channels none; the data has mask"));
  EXPECT_THAT(
      message_of<DataError>([&] { check_compatible(model.description, SineDataset({.cells = 16}, "valid").info()); }),
      HasSubstr("32 cells, the data has 16"));
  EXPECT_THROW(load_model(folder), IoError);
}

}  // namespace
}  // namespace eddyline::test
