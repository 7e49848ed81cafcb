// Evaluation against baselines, and predictions with their files.

#include "core/training/evaluation.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/config/config_reader.hpp"
#include "core/io/csv.hpp"
#include "core/training/evaluation_report.hpp"
#include "core/training/optimiser.hpp"
#include "core/training/prediction.hpp"
#include "core/training/training_run.hpp"
#include "tests/training/synthetic.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;
using testing::AllOf;
using testing::HasSubstr;

/// A run on the sine with a few epochs.
fs::path trained_run(const std::string& name, int dimension, int epochs) {
  set_log_level(LogLevel::quiet);
  const fs::path folder = fresh_folder(name);
  TrainConfig config;
  read_config_text("run: '" + (folder / "run").string() + "'\ndata: {path: '" + sine_file(folder, dimension).string() +
                       "'}\noperator: {name: tiny_convolution}\ntask: {bundle: 2, pushforward: 0}\n"
                       "training: {epochs: " +
                       std::to_string(epochs) + ", batch_size: 4, threads: 1, learning_rate: 0.01}\n",
                   "test", config);
  train(config);
  return folder / "run";
}

/// Multiplies the averaged weights of every checkpoint.
void spoil(const fs::path& run, double factor) {
  const CheckpointStore store(run / "checkpoints");
  Checkpoint checkpoint = read_checkpoint(*store.best());
  checkpoint.state.best_step = checkpoint.state.step += 1000;
  for (auto& [name, value] : checkpoint.tensors["average"]) value = value * factor;
  store.publish(checkpoint);
}

TEST(Evaluation, BaselinesByHandAndTheModelBeatsThem) {
  const fs::path run = trained_run("evaluate", 1, 30);
  const Evaluation evaluation = evaluate(run, "", {.split = "valid", .cases = 1});
  ASSERT_EQ(evaluation.predictors.size(), 3U);
  const auto persistence = evaluation.predictors[1].table.column("nrmse");
  ASSERT_EQ(persistence.size(), 11U);
  for (std::size_t k = 0; k < persistence.size(); ++k) {
    // A sine of speed 1.05 shifted by (k + 1) dt; channels u and 3 + 10 u.
    const double shift = 1.05 * 0.05 * static_cast<double>(k + 1);
    const double change = 2 * std::abs(std::sin(M_PI * shift)) * std::sqrt(0.5);
    EXPECT_NEAR(persistence[k], change * std::sqrt(101.0) / std::sqrt(0.5 + 9 + 50), 1e-5) << k;
  }
  const SineDataset valid({}, "valid");
  const TrainedModel model = load_model(run);
  const at::Tensor truth = valid.frames(0, 1, 1)[0].to(at::kDouble);
  const double mean_error = ((truth - model.normaliser->mean_field).norm() / truth.norm()).item<double>();
  EXPECT_NEAR(evaluation.predictors[2].table.column("nrmse").front(), mean_error, 1e-9);
  EXPECT_LT(evaluation.predictors[0].table.mean("nrmse"), evaluation.predictors[1].table.mean("nrmse"));
  EXPECT_TRUE(std::isinf(evaluation.predictors[0].blow_up_time));
  EXPECT_THAT(evaluation.text(), HasSubstr("persistence"));
  EXPECT_THAT(evaluation.csv(), HasSubstr("\nmean,11,"));
  EXPECT_THAT(evaluation.json(), HasSubstr("\"by_case\""));
  EXPECT_THROW(static_cast<void>(evaluate(run, "nowhere", {})), IoError);
}

TEST(Evaluation, ABlowUpIsFlagged) {
  const fs::path run = trained_run("flagged", 1, 1);
  spoil(run, 10);
  const Evaluation evaluation = evaluate(run, "", {.split = "valid"});
  EXPECT_LT(evaluation.predictors[0].blow_up_time, 1);
  EXPECT_THAT(evaluation.text(), HasSubstr("WARNING"));
}

TEST(Prediction, WritesFilesBesideTheReferenceAndBeyondIt) {
  const fs::path run = trained_run("predict", 2, 3);
  PredictionOptions options;
  options.run = run;
  options.split = "valid";
  options.trajectory = 1;
  options.steps = 9;  // the trajectory has 7 behind its first
  options.output = run.parent_path() / "out";
  const std::string plan = prediction_plan(options);
  EXPECT_THAT(plan, AllOf(HasSubstr("tiny_convolution"), HasSubstr("input    valid/1 of"), HasSubstr("frames   9\n"),
                          HasSubstr("measured on 2 frames"), HasSubstr("memory"), HasSubstr("disk     at most ")));
  EXPECT_FALSE(fs::exists(options.output)) << "a plan writes nothing";
  const PredictionResult result = predict(options);
  EXPECT_EQ(result.frames, 9);
  EXPECT_EQ(result.errors.rows.size(), 7U);
  EXPECT_EQ(read_csv(options.output / "valid_1_errors.csv").rows.size(), 7U);
  EXPECT_TRUE(fs::exists(options.output / "valid_1.pvd"));
  EXPECT_TRUE(fs::exists(options.output / "valid_1_000009.vti"));
  EXPECT_TRUE(fs::exists(options.output / "valid_1.h5"));
  // The same numbers as the evaluation's.
  const Evaluation evaluation = evaluate(run, "", {.split = "valid"});
  EXPECT_NEAR(result.errors.column("nrmse").back(), evaluation.predictors[0].by_case[1].column("nrmse").back(), 1e-6);

  EXPECT_THAT(evaluation_plan(run, "", {.split = "valid"}),
              AllOf(HasSubstr("2 rollouts, 14 frames in all"), HasSubstr("measured on 2 frames")));
  EXPECT_THROW(static_cast<void>(evaluation_plan(run, "/nowhere", {.split = "valid"})), Error);

  options.trajectory = 2;
  EXPECT_THROW(predict(options), ConfigError);
  EXPECT_THROW(static_cast<void>(prediction_plan(options)), ConfigError);
  options.trajectory = 0;
  options.first_frame = 8;
  EXPECT_THROW(predict(options), ConfigError);
}

TEST(Prediction, ABlowUpEndsWithTheNumericalExitCodeAndWholeFrames) {
  const fs::path run = trained_run("explodes", 2, 1);
  spoil(run, 1e4);
  PredictionOptions options;
  options.run = run;
  options.split = "valid";
  options.steps = 200;
  options.pictures = false;
  options.output = run.parent_path() / "out";
  try {
    predict(options);
    FAIL() << "a rollout of infinities went through";
  } catch (const NumericalError& error) {
    EXPECT_THAT(error.what(), HasSubstr("not finite"));
  }
  EXPECT_TRUE(fs::exists(options.output / "valid_0.h5"));
  EXPECT_GE(read_csv(options.output / "valid_0_errors.csv").rows.size(), 1U);
}

}  // namespace
}  // namespace eddyline::test
