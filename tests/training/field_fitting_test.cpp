// From formulas to observations to a trained field model and its files.

#include "core/training/field_fitting.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>

#include "core/base/error.hpp"
#include "core/config/config_reader.hpp"
#include "core/io/csv.hpp"
#include "core/training/field_fitting_task.hpp"
#include "core/training/observation_sampling.hpp"
#include "operators/lagrangian_flow/lagrangian_flow.hpp"
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

fs::path file_with(const std::string& text) {
  const fs::path path = fresh_folder("observations") / "points.csv";
  std::ofstream(path) << text;
  return path;
}

TEST(Observations, ColumnsAreReadByName) {
  const Observations two = read_observations(file_with("t,rho,x,y,v,u\n0.5,2,1,3,nan,7\n0.25,nan,4,5,6,8\n"));
  EXPECT_EQ(two.dimension(), 2);
  EXPECT_EQ(two.points[0][1].item<double>(), 3);
  EXPECT_EQ(two.times[1].item<double>(), 0.25);
  EXPECT_EQ(two.values[0][1].item<double>(), 7);
  EXPECT_TRUE(std::isnan(two.values[0][2].item<double>()));
  const Observations one = read_observations(file_with("x,t,rho\n1,2,3\n"));
  EXPECT_EQ(one.dimension(), 1);
  EXPECT_TRUE(std::isnan(one.values[0][1].item<double>()));
}

TEST(Observations, BadFilesAreNamed) {
  const auto message = [](const std::string& text) {
    return message_of<DataError>([&] { static_cast<void>(read_observations(file_with(text))); });
  };
  EXPECT_THAT(message("x,t,rho\n"), HasSubstr("holds no observation"));
  EXPECT_THAT(message("x,t\n1,2\n"), HasSubstr("no column 'rho'"));
  EXPECT_THAT(message("x,t,rho,v\n1,2,3,4\n"), HasSubstr("unknown column 'v'"));
  EXPECT_THAT(message("x,t,rho\n1,2,3\nnan,2,3\n"), HasSubstr("'x' of observation 2 is nan"));
  EXPECT_THAT(message("x,t,rho\n1,inf,3\n"), HasSubstr("'t' of observation 1 is inf"));
  EXPECT_THAT(message("x,t,rho\n1,2,-3\n"), HasSubstr("'rho' of observation 1 is -3"));
  EXPECT_THAT(message("x,t,rho,u\n1,2,3,-inf\n"), HasSubstr("'u' of observation 1 is -inf"));
  EXPECT_THROW(static_cast<void>(read_observations("no_such_file.csv")), IoError);
  EXPECT_THAT(message_of<DataError>([] {
                static_cast<void>(split_observations(read_observations(file_with("x,t,rho\n1,2,3\n")), 0.1, 0));
              }),
              HasSubstr("leaves none"));
}

TEST(ObservationSource, RestoresToTheVerySameBatches) {
  std::string text = "x,t,rho\n";
  for (int n = 0; n < 10; ++n) text += std::to_string(n) + ",0.5," + std::to_string(n) + "\n";
  const auto data = std::make_shared<const Observations>(read_observations(file_with(text)));
  ObservationSource source(data, {.batch_size = 4, .seed = 3});
  EXPECT_EQ(source.batches_per_epoch(), 3);
  for (int n = 0; n < 5; ++n) static_cast<void>(source.next());  // into the second epoch
  const auto cursor = source.cursor();
  const auto expected = source.next();
  ObservationSource other(data, {.batch_size = 4, .seed = 3});
  other.restore(cursor);
  const auto found = other.next();
  ASSERT_TRUE(expected && found);
  EXPECT_TRUE(torch::equal(expected->positions, found->positions));
  EXPECT_TRUE(torch::equal(expected->targets, found->targets));
  EXPECT_THROW(other.restore({{"epoch", 0}, {"batch", 9}}), DataError);
}

/// A cloud that moves with constant speed (0.8, -0.4): an exact solution.
ObserveConfig moving_cloud(const fs::path& output) {
  ObserveConfig config;
  config.output = output.string();
  config.points = 3000;
  config.low = {-0.95, -0.95};
  config.high = {0.95, 0.95};
  config.density = "exp(-((x + 0.4 - 0.8*t)^2 + (y - 0.2 + 0.4*t)^2)/0.08)";
  config.velocity = {"0.8 + 0*x", "-0.4 + 0*x"};
  config.seed = 4;
  return config;
}

FieldFittingConfig fitting_config(const fs::path& folder, std::int64_t epochs) {
  FieldFittingConfig config;
  read_config_text(
      "run: " + (folder / "run").string() + "\ndata: {path: " + (folder / "cloud.csv").string() +
          ", low: [-1, -1], high: [1, 1]}\n"
          "field_model: {name: lagrangian_flow, layers: 2, hidden_features: 16, embedding_features: 16}\n"
          "training: {epochs: " +
          std::to_string(epochs) +
          ", batch_size: 270, learning_rate: 5e-3, warmup_epochs: 0, validate_every: 10, average_decay: 0.9, "
          "threads: 1}\n",
      "the test", config);
  return config;
}

TEST(FieldFitting, LearnsAMovingCloudAndKeepsItsMass) {
  const fs::path folder = fresh_folder("field_fitting");
  observe(moving_cloud(folder / "cloud.csv"));
  const TrainingResult result = train_field(fitting_config(folder, 30));
  EXPECT_EQ(result.steps, 300);
  EXPECT_LT(result.best_selection, 0.5);
  ASSERT_TRUE(is_field_run(folder / "run"));

  const TrainedField field = load_field(folder / "run");
  field.model->to(torch::kDouble);
  auto inner = std::dynamic_pointer_cast<lagrangian_flow::LagrangianFlowImpl>(field.model->children().at(0));
  ASSERT_NE(inner, nullptr);
  lagrangian_flow::LagrangianFlow flow(inner);
  torch::manual_seed(2);
  const auto x = 1.8 * torch::rand({200, 2}, torch::kDouble) - 0.9, t = torch::rand({200, 1}, torch::kDouble);
  const auto terms = continuity_terms(flow, x, t);
  EXPECT_LT((terms.residual().abs().max() / terms.density_rate.abs().max()).item<double>(), 1e-10);

  constexpr std::int64_t cells = 200;
  const auto line = (torch::arange(cells, torch::kDouble) + 0.5) * (2.0 / cells) - 1;
  const auto planes = torch::meshgrid({line, line}, "ij");
  const auto grid = torch::stack({planes[0].flatten(), planes[1].flatten()}, 1);
  std::vector<double> masses;
  for (const double time : {0.0, 0.5, 1.0})
    masses.push_back(sampled(*field.model, grid, torch::full({grid.size(0)}, time, torch::kDouble))
                         .select(1, 0)
                         .sum()
                         .item<double>());
  EXPECT_NEAR(masses[1] / masses[0], 1, 1e-3);
  EXPECT_NEAR(masses[2] / masses[0], 1, 1e-3);

  FieldPredictionOptions options;
  options.run = folder / "run";
  options.output = folder / "prediction";
  options.frames = 3;
  options.cells = 16;
  options.pictures_every = 1;
  EXPECT_THAT(field_prediction_plan(options), HasSubstr("3 of 256 cells"));
  EXPECT_FALSE(fs::exists(options.output));
  EXPECT_EQ(predict_field(options), 3);
  for (const char* name : {"field.pvd", "field_000002.vti", "field.h5", "pictures/field_density_000002.png"})
    EXPECT_TRUE(fs::exists(options.output / name)) << name;
}

TEST(FieldFitting, AStoppedTrainingGoesOnToTheSameBits) {
  const fs::path folder = fresh_folder("field_resume");
  observe(moving_cloud(folder / "cloud.csv"));
  auto whole = fitting_config(folder, 4);
  const double expected = train_field(whole).best_selection;
  auto broken = whole;
  broken.run = (folder / "broken").string();
  broken.training.max_minutes = 1e-9;  // ends before the first step; every start does the same
  EXPECT_FALSE(train_field(broken).complete);
  broken.training.max_minutes = 0;
  const TrainingResult resumed = train_field(broken);
  EXPECT_TRUE(resumed.complete);
  EXPECT_EQ(resumed.best_selection, expected);
  broken.data.margin = 0.3;
  EXPECT_THAT(message_of<ConfigError>([&] { static_cast<void>(train_field(broken)); }), HasSubstr("data.margin"));
}

TEST(FieldFitting, ObservationsOutsideTheBoxAreNamed) {
  const fs::path folder = fresh_folder("field_outside");
  observe(moving_cloud(folder / "cloud.csv"));
  auto config = fitting_config(folder, 1);
  config.data.high = {1, 0.5};
  EXPECT_THAT(message_of<DataError>([&] { static_cast<void>(train_field(config)); }),
              testing::AllOf(HasSubstr("do not lie inside the box"), HasSubstr("0.5")));
}

TEST(Observe, SamplesAreAFunctionOfTheSeedAndBadFormulasAreNamed) {
  const fs::path folder = fresh_folder("observe");
  auto config = moving_cloud(folder / "a.csv");
  config.points = 50;
  observe(config);
  config.output = (folder / "b.csv").string();
  observe(config);
  EXPECT_EQ(read_observations(folder / "a.csv").fingerprint, read_observations(folder / "b.csv").fingerprint);
  const CsvTable table = read_csv(folder / "a.csv");
  EXPECT_EQ(table.rows.size(), 50U);
  const auto& row = table.rows[7];  // x, y, t, rho, u, v
  EXPECT_NEAR(row[3],
              std::exp(-(std::pow(row[0] + 0.4 - 0.8 * row[2], 2) + std::pow(row[1] - 0.2 + 0.4 * row[2], 2)) / 0.08),
              1e-12);
  config.density = "x";
  EXPECT_THAT(message_of<ConfigError>([&] { observe(config); }), HasSubstr("cannot be negative"));
  config.density = "speed";
  EXPECT_THROW(observe(config), ConfigError);
}

TEST(FieldFitting, TheReadyConfigTrainsAFewSteps) {
  const fs::path folder = fresh_folder("field_config");
  const fs::path path = fs::path(EDDYLINE_SOURCE_DIR) / "configs/lagrangian_flow/rotating_gaussians.yaml";
  ASSERT_TRUE(is_field_config(path));
  ObserveConfig observations;
  read_command_config(path, "observe", {"points=400", "output=" + (folder / "points.csv").string()}, observations);
  observe(observations);
  FieldFittingConfig config;
  read_command_config(path, "train",
                      {"run=" + (folder / "run").string(), "data.path=" + (folder / "points.csv").string(),
                       "training.epochs=2", "training.batch_size=180", "training.threads=1"},
                      config);
  EXPECT_EQ(train_field(config).steps, 4);
}

}  // namespace
}  // namespace eddyline::test
