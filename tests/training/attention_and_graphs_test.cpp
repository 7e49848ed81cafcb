// FactFormer, IFactFormer and MP-PDE through the whole training, and the configs that ship with them.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/config/config_reader.hpp"
#include "core/io/csv.hpp"
#include "core/training/next_step_task.hpp"
#include "core/training/trained_model.hpp"
#include "core/training/training_run.hpp"
#include "tests/training/synthetic.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;

struct Example {
  const char* config;
  std::vector<std::string> smaller;  // overrides that make the model tiny
};
std::ostream& operator<<(std::ostream& out, const Example& value) { return out << value.config; }

class ShippedConfig : public testing::TestWithParam<Example> {};

TEST_P(ShippedConfig, TrainsAndItsCheckpointPredicts) {
  set_log_level(LogLevel::quiet);
  const fs::path folder = fresh_folder(std::string("shipped_") + GetParam().config);
  std::vector<std::string> overrides = {"data.path=" + sine_file(folder, 2).string(),
                                        "run=" + (folder / "run").string(),
                                        "task.history=1",
                                        "task.bundle=2",
                                        "task.rollout_frames=4",
                                        "training.epochs=2",
                                        "training.batch_size=4",
                                        "training.validate_every=1",
                                        "training.threads=1"};
  overrides.insert(overrides.end(), GetParam().smaller.begin(), GetParam().smaller.end());
  TrainConfig config;
  read_command_config(fs::path(EDDYLINE_SOURCE_DIR) / "configs" / "cylinder" / GetParam().config, "train", overrides,
                      config);
  EXPECT_TRUE(train(config).complete);
  const CsvTable table = read_csv(folder / "run" / "metrics.csv");
  const auto losses = table.column("loss");  // the first row is the untrained model, which has none
  ASSERT_EQ(losses.size(), 3u);
  for (std::size_t epoch = 1; epoch < losses.size(); ++epoch) EXPECT_TRUE(std::isfinite(losses[epoch]));
  const TrainedModel model = load_model(folder / "run");
  const SineDataset data({.trajectories = 2, .frames = 8, .cells = 16, .dimension = 2}, "valid");
  const auto frames = model.forecaster->forecast(forecast_inputs(data, {0, 1}, 0, 1), 3);
  EXPECT_EQ(frames.sizes(), (std::vector<std::int64_t>{2, 3, 2, 16, 16}));
  EXPECT_TRUE(at::isfinite(frames).all().item<bool>());
}

INSTANTIATE_TEST_SUITE_P(
    Cylinder, ShippedConfig,
    testing::Values(Example{"factformer.yaml", {"operator.width=8", "operator.heads=2", "operator.head_width=4"}},
                    Example{"ifactformer.yaml",
                            {"operator.width=8", "operator.heads=2", "operator.head_width=4", "operator.repeats=2"}},
                    Example{"mp_pde.yaml", {"operator.width=8", "operator.layers=2"}}));

TEST(OneDimension, TheConfigOfExperimentE1TrainsAFewSteps) {
  set_log_level(LogLevel::quiet);
  const fs::path folder = fresh_folder("mp_pde_e1");
  TrainConfig config;
  read_command_config(fs::path(EDDYLINE_SOURCE_DIR) / "configs/mp_pde_e1/train.yaml", "train",
                      {"data.path=" + sine_file(folder).string(), "run=" + (folder / "run").string(),
                       "operator.width=16", "operator.layers=2", "operator.decoder=linear", "task.history=3",
                       "task.bundle=3", "task.rollout_frames=6", "training.batch_size=4", "training.threads=1"},
                      config);
  EXPECT_TRUE(training_check(config).passes()) << training_check(config).text();
  EXPECT_TRUE(train(config).complete);
  EXPECT_TRUE(std::isfinite(read_csv(folder / "run" / "metrics.csv").column("loss").back()));
}

TEST(OneDimension, MpPdeLearnsTheSine) {
  set_log_level(LogLevel::quiet);
  const fs::path folder = fresh_folder("mp_pde_1d");
  TrainConfig config;
  read_config_text("run: '" + (folder / "run").string() + "'\ndata: {path: '" + sine_file(folder).string() +
                       "'}\noperator: {name: mp_pde, width: 16, layers: 2, graph: {radius: 2, periodic: [x]}}\n"
                       "task: {bundle: 2, pushforward_epoch: 1}\n"
                       "training: {epochs: 30, batch_size: 4, validate_every: 10, threads: 1, learning_rate: 0.01}\n",
                   "test", config);
  EXPECT_TRUE(train(config).complete);
  const CsvTable table = read_csv(folder / "run" / "metrics.csv");
  EXPECT_LT(table.column("one_step").back(), 0.2 * table.column("persistence").back());
}

TEST(Forecaster, RefusesInputsThatAreNotFinite) {
  const auto data = std::make_shared<SineDataset>(SineOptions{}, "train");
  const NextStepConfig task;
  const Forecaster forecaster(context_of(data, data, task).trained);
  ForecastInputs inputs = forecast_inputs(*data, {0, 1}, 0, 1);
  EXPECT_NO_THROW(static_cast<void>(forecaster.batch(inputs)));
  inputs.past = inputs.past.clone();
  inputs.past[1][0][1][5] = NAN;
  try {
    static_cast<void>(forecaster.batch(inputs));
    FAIL() << "a NaN was accepted";
  } catch (const DataError& error) {
    EXPECT_THAT(error.what(),
                testing::HasSubstr(
                    "past frames [2, 1, 2, 32] hold 1 values that are not finite; the first is at [1, 0, 1, 5]"));
  }
}

}  // namespace
}  // namespace eddyline::test
