// Every config of the operators trains: a few steps on tiny data, then the run predicts.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/config/config_reader.hpp"
#include "core/io/csv.hpp"
#include "core/training/evaluation.hpp"
#include "core/training/training_run.hpp"
#include "tests/training/synthetic.hpp"

namespace eddyline::test {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

/// A ready config on 16 x 16 cells, one epoch, narrower where it says so.
TrainConfig tiny(const std::string& file, const std::vector<std::string>& smaller) {
  set_log_level(LogLevel::quiet);
  const fs::path folder = fresh_folder("operators");
  std::vector<std::string> overrides = {"run=" + (folder / "run").string(),
                                        "data.path=" + sine_file(folder, 2).string(),
                                        "training.epochs=2",
                                        "training.validate_every=2",
                                        "training.threads=1",
                                        "training.batch_size=4",
                                        "task.bundle=2",
                                        "task.pushforward=0"};
  overrides.insert(overrides.end(), smaller.begin(), smaller.end());
  TrainConfig config;
  read_config_file(std::string(EDDYLINE_SOURCE_DIR) + "/configs/cylinder/" + file, overrides, config);
  return config;
}

struct Ready {
  const char* file;
  std::vector<std::string> smaller;
};

class ReadyConfig : public testing::TestWithParam<Ready> {};

TEST_P(ReadyConfig, IsAliveAndTrains) {
  TrainConfig config = tiny(GetParam().file, GetParam().smaller);
  const LivenessReport report = training_check(config);
  EXPECT_TRUE(report.passes()) << report.text();
  const TrainingResult result = train(config);
  EXPECT_TRUE(result.complete);
  const CsvTable metrics = read_csv(fs::path(config.run) / "metrics.csv");
  EXPECT_LT(metrics.column("loss").back(), metrics.column("loss")[1]) << "the second epoch learned nothing";
  const Evaluation evaluation = evaluate(config.run, "", {.split = "valid", .cases = 1});
  EXPECT_TRUE(std::isfinite(evaluation.predictors[0].table.mean("nrmse")));
}

INSTANTIATE_TEST_SUITE_P(
    All, ReadyConfig,
    testing::Values(Ready{"tfno.yaml", {"operator.hidden_channels=8", "operator.n_modes=[8,8]"}},
                    Ready{"uno.yaml",
                          {"operator.hidden_channels=8", "operator.uno_n_modes=[8,8,4,4,4,4,4,4,8,8]",
                           "operator.uno_out_channels=[8,8,8,8,8]"}},
                    Ready{"fno_classic.yaml", {"operator.modes=[4,4]", "operator.width=8"}},
                    Ready{"unet.yaml", {"operator.hidden_channels=8"}},
                    Ready{"unet_fourier.yaml", {"operator.hidden_channels=8", "operator.modes=[4,4]"}},
                    Ready{"unet_2015.yaml", {"operator.features=4"}},
                    Ready{"unet_pdebench.yaml", {"operator.init_features=4"}}),
    [](const auto& config) {
      const std::string name = config.param.file;
      return name.substr(0, name.find('.'));
    });

TEST(Baselines, ARunIsMadeAtOnceAndEqualsTheDefinition) {
  for (const std::string name : {"persistence", "linear_extrapolation", "mean"}) {
    const TrainConfig config = tiny("persistence.yaml", {"operator.name=" + name, "task.bundle=2"});
    const TrainingResult result = train(config);
    EXPECT_TRUE(result.complete) << name;
    EXPECT_EQ(result.steps, 0) << name;
    EXPECT_TRUE(train(config).complete) << "a second start";
    const Evaluation evaluation = evaluate(config.run, "", {.split = "valid", .cases = 1});
    const auto ours = evaluation.predictors[0].table.column("nrmse");
    const auto persistence = evaluation.predictors[1].table.column("nrmse");
    for (std::size_t k = 0; k < ours.size(); ++k) {
      if (name == "persistence") {
        EXPECT_NEAR(ours[k], persistence[k], 1e-6) << k;
      }
      if (name == "linear_extrapolation" && k == 0) {
        EXPECT_LT(ours[k], 0.6 * persistence[k]);
      }
    }
  }
  EXPECT_THROW(train(tiny("persistence.yaml", {"operator.name=linear_extrapolation", "task.history=1"})), ConfigError);
}

TEST(Baselines, ForwardIsWhatTheNameSays) {
  OperatorSpec spec;
  spec.dimension = 1;
  spec.history = 2;
  spec.bundle = 3;
  spec.lead_time = false;
  Batch batch;
  batch.inputs = torch::tensor({1.F, 2.F, 4.F, 7.F}).view({1, 2, 1, 2});  // frames (1, 2), (4, 7)
  const auto of = [&](const char* name) {
    return OperatorRegistry::instance().create(name, EmptyConfig{}, spec)->forward(batch);
  };
  EXPECT_TRUE(at::equal(of("persistence"), torch::tensor({4.F, 7.F, 4.F, 7.F, 4.F, 7.F}).view({1, 3, 1, 2})));
  EXPECT_TRUE(
      at::equal(of("linear_extrapolation"), torch::tensor({7.F, 12.F, 10.F, 17.F, 13.F, 22.F}).view({1, 3, 1, 2})));
  EXPECT_TRUE(at::equal(of("mean"), torch::zeros({1, 3, 1, 2})));
}

TEST(Rescaling, AnOperatorThatLeavesItsGridIsRefused) {
  EXPECT_THROW(train(tiny("uno.yaml", {"operator.uno_scalings=[1,1,0.5,0.5,1,1,2,2,0.5,1]"})), ConfigError);
  EXPECT_THROW(train(tiny("tfno.yaml", {"operator.resolution_scaling_factor=[2]"})), ConfigError);
}

}  // namespace
}  // namespace eddyline::test
