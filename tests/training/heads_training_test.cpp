// Heads in a training, its checkpoints and its rollouts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/config/config_reader.hpp"
#include "core/training/evaluation.hpp"
#include "core/training/neural_stepper.hpp"
#include "core/training/operator_with_heads.hpp"
#include "core/training/training_run.hpp"
#include "tests/training/synthetic.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TrainConfig config_of(const fs::path& folder, const std::string& heads) {
  set_log_level(LogLevel::quiet);
  TrainConfig config;
  read_config_text("run: '" + (folder / "run").string() + "'\ndata: {path: '" + sine_file(folder, 2).string() +
                       "'}\noperator: {name: tiny_convolution}\nheads: " + heads +
                       "\ntask: {bundle: 2, pushforward_epoch: 1}\nliveness: warn\n"
                       "training: {epochs: 3, batch_size: 4, validate_every: 2, threads: 1, learning_rate: 0.01}\n",
                   "test", config);
  return config;
}

/// Largest change of the mean of the first channel along a rollout of the trained model, 200 frames, relative to the
/// largest mean of its magnitude (a model of three epochs may grow).
double drift(const fs::path& run, const Dataset& dataset) {
  const TrainedModel model = load_model(run);
  const ForecastInputs inputs = forecast_inputs(dataset, {0, 1}, 0, 1);
  const at::Tensor frames = model.forecaster->forecast(inputs, 200).select(2, 0).to(at::kDouble);
  const at::Tensor means = frames.mean({-2, -1});
  const at::Tensor first = inputs.past.select(2, 0).to(at::kDouble).mean({-2, -1});
  return ((means - first).abs().max() / frames.abs().mean({-2, -1}).max()).item<double>();
}

TEST(Heads, HoldInTheRolloutsOfATrainedRun) {
  const SineDataset valid({.trajectories = 2, .frames = 8, .cells = 16, .dimension = 2, .has_case = true}, "valid");
  const fs::path plain = fresh_folder("plain");
  train(config_of(plain, "[]"));
  EXPECT_GT(drift(plain / "run", valid), 1e-6);
  for (const char* head : {"{name: flux_form, channels: [u, w]}", "{name: conservation, channels: [u]}"}) {
    const fs::path folder = fresh_folder("heads");
    train(config_of(folder, std::string("[") + head + "]"));
    EXPECT_LT(drift(folder / "run", valid), 1e-12) << head;
    // Resuming and evaluating know of the heads; another head is another training.
    TrainConfig longer = config_of(folder, std::string("[") + head + "]");
    longer.training.epochs = 4;
    EXPECT_EQ(train(longer).epochs, 4);
    const Evaluation evaluation = evaluate(load_model(folder / "run"), valid, "sine", {});
    EXPECT_TRUE(std::isfinite(evaluation.predictors.front().table.mean("nrmse")));
    try {
      train(config_of(folder, "[]"));
      ADD_FAILURE() << "trained without the head";
    } catch (const ConfigError& error) {
      EXPECT_THAT(error.what(), HasSubstr("heads.0.name"));
    }
  }
}

TEST(Heads, AStepperCarriesItsStateInDouble) {
  const fs::path folder = fresh_folder("stepper");
  const SineDataset valid({.trajectories = 2, .frames = 8, .cells = 16, .dimension = 2, .has_case = true}, "valid");
  train(config_of(folder, "[{name: flux_form, channels: [u]}]"));
  const TrainedModel model = load_model(folder / "run");
  const NeuralStepper stepper(model.forecaster, model.channels(), conditioning_of(valid, 0));
  std::vector<State> past = {cell_state(nullptr, 0, model.channels(), valid.frames(0, 0, 1)[0])};
  const double first = past[0].fields.at("u").values.to(at::kDouble).mean().item<double>();
  for (int call = 0; call < 20; ++call) past = {stepper.advance(past, 0.05, 2).back()};
  const at::Tensor last = past[0].fields.at("u").values;
  EXPECT_EQ(last.scalar_type(), at::kDouble);
  EXPECT_NEAR(last.mean().item<double>(), first, 1e-13);
}

}  // namespace
}  // namespace eddyline::test
