// Parameter-to-field regression: norms, symmetries, the task, its training, evaluation and prediction.

#include "core/training/field_regression_task.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/config/config_reader.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/csv.hpp"
#include "core/training/evaluation_report.hpp"
#include "core/training/field_evaluation.hpp"
#include "core/training/field_source.hpp"
#include "core/training/forecaster.hpp"
#include "core/training/next_step_task.hpp"
#include "core/training/prediction.hpp"
#include "core/training/relative_norm.hpp"
#include "core/training/training_run.hpp"
#include "tests/training/synthetic.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

const std::string data = std::string(EDDYLINE_TEST_DATA) + "/neuraloperator";

/// A prediction made by formula from samples of the test data: 0.9 u + 0.05 coefficient.
struct Fields {
  explicit Fields(const std::string& split) {
    const FieldTable table = field_table(*open_dataset(data, split));
    reference = table.targets.to(at::kDouble);
    prediction = reference * 0.9 + table.statics.to(at::kDouble) * 0.05;
  }
  at::Tensor reference, prediction;
};

TEST(RelativeNorm, EqualsNeuraloperators) {
  // neuraloperator 2.0.0: LpLoss(d=2, p=2) and H1Loss(d=2) of each sample, float64.
  const double l2[] = {0.101304389849043, 0.0972937521959992, 0.105613848804629, 0.101532257580342};
  const double h1[] = {0.172973204902816, 0.147625499498096, 0.185688020548066, 0.183165888017436};
  const Fields coarse("test"), fine("test_32");
  const at::Tensor ours_l2 = relative_l2(coarse.prediction, coarse.reference);
  const at::Tensor ours_h1 = relative_h1(coarse.prediction, coarse.reference, {1.0 / 16, 1.0 / 16});
  ASSERT_EQ(ours_h1.sizes().vec(), (std::vector<std::int64_t>{4, 1}));
  for (int n = 0; n < 4; ++n) {
    EXPECT_NEAR(ours_l2[n][0].item<double>(), l2[n], 1e-14);
    EXPECT_NEAR(ours_h1[n][0].item<double>(), h1[n], 1e-14);
  }
  // Their sums over the samples at 32 x 32; one line in one dimension, LpLoss(d=1) and H1Loss(d=1).
  const std::vector<double> spacing = uniform_spacing(*open_dataset(data, "test_32")->info().grid);
  EXPECT_NEAR(relative_l2(fine.prediction, fine.reference).sum().item<double>(), 0.4062780026497344, 1e-14);
  EXPECT_NEAR(relative_h1(fine.prediction, fine.reference, spacing).sum().item<double>(), 0.79933288384698908, 1e-13);
  const auto line = [](const at::Tensor& fields) { return fields.select(2, 3); };
  EXPECT_NEAR(relative_l2(line(fine.prediction), line(fine.reference)).sum().item<double>(), 0.49880571919514299,
              1e-14);
  EXPECT_NEAR(relative_h1(line(fine.prediction), line(fine.reference), {1.0 / 32}).sum().item<double>(),
              0.85929844803839606, 1e-13);
}

TEST(RelativeNorm, GradientsEqualNeuraloperators) {
  const Fields fields("test");
  const torch::Tensor prediction = fields.prediction.to(at::kFloat).requires_grad_();
  relative_h1(prediction, fields.reference.to(at::kFloat), {1.0 / 16, 1.0 / 16}).sum().backward();
  EXPECT_NEAR(prediction.grad()[1][0][5][6].item<double>(), -0.01886848174035549, 1e-6);
  EXPECT_NEAR(prediction.grad().norm().item<double>(), 0.631567656993866, 1e-5);
}

TEST(GridSymmetry, PointsMirrorAtTheMiddleAndEveryFormIsItsOwnInverse) {
  const at::Tensor field = at::arange(16, at::kFloat).reshape({4, 4});
  const at::Tensor mirrored = transformed(field, {.reflect_x = true}, WallPoints::kept);
  EXPECT_TRUE(at::equal(mirrored[1], at::tensor({4.F, 7.F, 6.F, 5.F})));
  EXPECT_TRUE(
      at::equal(transformed(field, {.reflect_x = true}, WallPoints::nearest)[1], at::tensor({7.F, 7.F, 6.F, 5.F})));
  EXPECT_TRUE(at::equal(transformed(field, {.reflect_y = true}, WallPoints::kept).select(1, 1),
                        at::tensor({1.F, 13.F, 9.F, 5.F})));
  EXPECT_TRUE(at::equal(transformed(field, {.transpose = true}, WallPoints::kept), field.t()));
  for (const GridSymmetry& form : {GridSymmetry{true, false, false}, {false, true, false}, {false, false, true}})
    EXPECT_TRUE(at::equal(transformed(transformed(field, form, WallPoints::kept), form, WallPoints::kept), field));
}

TEST(FieldSource, EverySampleOnceInAFormThatTheEpochChooses) {
  const auto dataset = open_dataset(data, "train");
  FieldRegressionConfig config;
  config.symmetries = {"transpose", "reflect"};
  const TaskContext context = context_of(dataset, dataset, config, 3, 5);
  FieldRegressionTask task(config, context);
  const auto source = task.source();
  EXPECT_EQ(source->batches_per_epoch(), 3);
  std::map<std::string, int> seen;
  int moved = 0;
  for (int epoch = 0; epoch < 4; ++epoch) {
    for (auto batch = source->next(); batch; batch = source->next()) {
      EXPECT_EQ(batch->inputs.sizes().vec(), (std::vector<std::int64_t>{batch->targets.size(0), 0, 1, 16, 16}));
      for (std::size_t n = 0; n < batch->sample_ids.size(); ++n) {
        ++seen[batch->sample_ids[n]];
        const std::int64_t index = std::stoll(batch->sample_ids[n].substr(6));
        if (!at::equal(batch->statics[static_cast<std::int64_t>(n)], dataset->statics(index))) ++moved;
      }
    }
  }
  EXPECT_EQ(seen.size(), 12U);
  for (const auto& [id, count] : seen) EXPECT_EQ(count, 4) << id;
  EXPECT_GT(moved, 30);  // of 48; seven forms of eight move a sample
  // A cursor continues with the same batches.
  static_cast<void>(source->next());
  const auto cursor = source->cursor();
  const auto other = task.source();
  other->restore(cursor);
  const auto expected = source->next(), batch = other->next();
  EXPECT_TRUE(at::equal(batch->targets, expected->targets));
  EXPECT_TRUE(at::equal(batch->statics, expected->statics));
  EXPECT_THROW(other->restore({{"epoch", 0}, {"batch", 9}}), DataError);
}

TEST(FieldRegression, LossesByHand) {
  const auto dataset = open_dataset(data, "train");
  for (const char* loss : {"relative_l2", "h1", "mse"}) {
    FieldRegressionConfig config;
    config.loss = loss;
    const TaskContext context = context_of(dataset, dataset, config, 0, 12);
    FieldRegressionTask task(config, context);
    for (auto& parameter : task.model().parameters()) parameter.data().zero_();  // predicts the mean, 0 normalised
    const Batch batch = *task.source()->next();
    const double value = task.loss(batch, 0).item<double>();
    EXPECT_NEAR(value, 1, 1e-5) << loss;  // the targets have mean 0 and deviation 1
  }
  FieldRegressionConfig config;
  const TaskContext context = context_of(dataset, dataset, config);
  FieldRegressionTask task(config, context);
  for (auto& parameter : task.model().parameters()) parameter.data().zero_();
  const FieldTable table = field_table(*dataset);
  const double mean = table.targets.mean().item<double>();
  const auto metrics = task.validate();
  EXPECT_NEAR(metrics.at("selection"),
              relative_l2(at::full_like(table.targets, mean), table.targets).mean().item<double>(), 1e-6);
  EXPECT_TRUE(metrics.contains("h1"));
  EXPECT_LT(metrics.at("mean_field"), metrics.at("selection"));
}

TEST(FieldRegression, AWallExponentHoldsTheWallsAtZeroOnAnyGrid) {
  const auto dataset = open_dataset(data, "train");
  FieldRegressionConfig config;
  config.wall_exponent = 0.5;
  const TaskContext context = context_of(dataset, dataset, config);
  const Regressor regressor(context.trained), free(context_of(dataset, dataset, FieldRegressionConfig{}).trained);
  for (const char* split : {"test", "test_32"}) {
    const FieldTable table = field_table(*open_dataset(data, split));
    const at::Tensor field = regressor.predict(table.inputs(0, 2)), plain = free.predict(table.inputs(0, 2));
    EXPECT_LT(field.select(-1, 0).abs().max().item<float>(), 1e-6);
    EXPECT_LT(field.select(-2, 0).abs().max().item<float>(), 1e-6);
    const std::int64_t middle = field.size(-1) / 2, quarter = middle / 2;
    const auto ratio = [&](std::int64_t row) {
      return (field / plain).select(-2, row).select(-1, middle)[0][0].item<double>();
    };
    EXPECT_NEAR(ratio(middle), 1, 1e-5);
    EXPECT_NEAR(ratio(quarter), std::sqrt(0.75), 1e-5);
  }
}

TEST(FieldRegression, DataThatDoesNotFitIsRefused) {
  const auto frames = std::make_shared<SineDataset>(SineOptions{}, "train");
  FieldRegressionConfig config;
  const auto darcy = open_dataset(data, "train");
  const TaskContext context = context_of(darcy, darcy, config);
  EXPECT_THROW(FieldRegressionTask(config, TaskContext{frames, frames, context.trained, 4, 0}), DataError);
  EXPECT_THROW(Regressor(context_of(frames, frames, NextStepConfig{}).trained), ConfigError);
  EXPECT_THROW(Forecaster(context.trained), ConfigError);
}

TrainConfig darcy_config(const fs::path& folder, const std::vector<std::string>& lines = {}) {
  set_log_level(LogLevel::quiet);
  std::string text = "run: '" + (folder / "run").string() + "'\ndata: {path: '" + data +
                     "', train: 'train[:8]', valid: 'train[8:]'}\n"
                     "operator: {name: fno, n_modes: [4, 4], hidden_channels: 6, n_layers: 2}\n"
                     "task: {name: field_regression, loss: h1, symmetries: [transpose]}\n"
                     "training: {epochs: 4, batch_size: 3, validate_every: 1, threads: 1, learning_rate: 0.01, "
                     "schedule: epoch, decay: all, warmup_epochs: 0}\n";
  YamlNode root = parse_yaml(text, "test");
  for (const auto& line : lines) apply_override(root, line);
  TrainConfig config;
  read_config(root, config);
  return config;
}

TEST(FieldRegression, ResumesToTheSameBits) {
  const fs::path folder = fresh_folder("regression_resume");
  const TrainConfig config = darcy_config(folder);
  train(config);
  const CheckpointStore store(folder / "run" / "checkpoints");
  const fs::path last = *store.newest();
  const std::string model = read_file(last / "model.safetensors"),
                    optimiser = read_file(last / "optimizer.safetensors");
  const std::string metrics = read_file(folder / "run" / "metrics.csv");
  fs::remove_all(last);  // as if the machine had stopped before it
  train(config);
  EXPECT_EQ(*store.newest(), last);
  EXPECT_EQ(read_file(last / "model.safetensors"), model);
  EXPECT_EQ(read_file(last / "optimizer.safetensors"), optimiser);
  EXPECT_EQ(read_file(folder / "run" / "metrics.csv"), metrics);
}

TEST(FieldRegression, LearnsAndIsEvaluatedAtBothResolutions) {
  const fs::path folder = fresh_folder("regression_learns");
  train(darcy_config(folder, {"training.epochs=30", "training.validate_every=10", "training.average_decay=0"}));
  const CsvTable table = read_csv(folder / "run" / "metrics.csv");
  EXPECT_LT(table.column("loss").back(), 0.7 * table.column("loss")[1]);
  const TrainedModel model = load_model(folder / "run");
  EXPECT_EQ(model.forecaster, nullptr);
  EXPECT_EQ(model.description.spec.history, 0);

  const FieldEvaluation train_split = evaluate_fields(model, *open_dataset(data, "train[:8]"), data, {});
  EXPECT_LT(SampleStatistics::of(train_split.predictors[0].l2).mean,
            SampleStatistics::of(train_split.predictors[1].l2).mean);
  // The mean baseline by hand.
  const FieldTable samples = field_table(*open_dataset(data, "train[:8]"));
  const at::Tensor mean = samples.targets.mean(0, true).expand_as(samples.targets);
  EXPECT_NEAR(SampleStatistics::of(train_split.predictors[1].l2).mean,
              relative_l2(mean, samples.targets).mean().item<double>(), 1e-6);
  EXPECT_TRUE(train_split.trained_grid);

  const FieldEvaluation fine = evaluate_fields(model, *open_dataset(data, "test_32"), data, {.split = "test_32"});
  EXPECT_FALSE(fine.trained_grid);
  EXPECT_EQ(fine.predictors[0].l2.size(), 4U);
  EXPECT_LT(SampleStatistics::of(fine.predictors[0].l2).mean, 1);
  EXPECT_THAT(fine.text(), HasSubstr("not the resolution of the training"));
  EXPECT_THAT(fine.csv(), HasSubstr("\nmean,test_32/3,"));
  EXPECT_THAT(fine.json(), HasSubstr("\"standard_error\""));

  PredictionOptions options;
  options.run = folder / "run";
  options.split = "test_32";
  options.trajectory = 1;
  options.output = folder / "out";
  EXPECT_THAT(prediction_plan(options), HasSubstr("frames   1\n"));
  EXPECT_THAT(evaluation_plan(folder / "run", data, {.split = "test_32"}), HasSubstr("4 fields"));
  const PredictionResult result = predict(options);
  EXPECT_NEAR(result.errors.column("relative_l2").front(), fine.predictors[0].l2[1], 1e-6);
  EXPECT_TRUE(fs::exists(options.output / "test_32_1.vti"));
  EXPECT_TRUE(fs::exists(options.output / "test_32_1.png"));
  EXPECT_THAT(result.text(), HasSubstr("relative_l2 error"));
  options.steps = 3;
  EXPECT_THROW(predict(options), ConfigError);
}

TEST(SampleStatistics, ByHand) {
  const SampleStatistics statistics = SampleStatistics::of({1, 2, 6});
  EXPECT_DOUBLE_EQ(statistics.mean, 3);
  EXPECT_DOUBLE_EQ(statistics.deviation, std::sqrt(7.0));
  EXPECT_DOUBLE_EQ(statistics.standard_error, std::sqrt(7.0 / 3));
  EXPECT_EQ(SampleStatistics::of({4}).deviation, 0);
}

}  // namespace
}  // namespace eddyline::test
