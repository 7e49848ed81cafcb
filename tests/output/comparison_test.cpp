#include "core/rollout/comparison_sink.hpp"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <vtkCellData.h>
#include <vtkDataArray.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkXMLImageDataReader.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/rollout/rollout_file_sink.hpp"
#include "tests/output/output_fixture.hpp"

namespace eddyline {
namespace {

using output_test::channels;
using output_test::example_case;
using output_test::example_state;
using output_test::ScratchFolder;

TEST(ComparisonSink, WritesFilesErrorsAndPictures) {
  const ScratchFolder folder;
  const auto problem = example_case(48);
  // The prediction runs ahead of the reference by a tenth of its time.
  const auto reference = [&](const Frame& frame) -> std::optional<State> {
    if (frame.index > 20) return std::nullopt;
    return example_state(problem, frame.state->time / 1.1);
  };
  ComparisonOptions options;
  options.start_time = 1;
  ComparisonSink sink(folder.path(), "wake", reference, options);
  sink.open(problem, channels());
  for (int i = 1; i <= 22; ++i) {
    const State state = example_state(problem, 1 + 0.1 * i);
    sink.write({&state, i, 0, 0});
    sink.write({&state, i, 1, 0});
    if (i == 5) {
      EXPECT_EQ(read_csv(folder / "wake_errors.csv").rows.size(), 5U);
    }
  }
  sink.close(RunStatus::interrupted);

  const CsvTable errors = read_csv(folder / "wake_errors.csv");
  EXPECT_EQ(errors.columns, sink.table().columns);
  EXPECT_EQ(errors.rows.size(), 20U);
  EXPECT_EQ(errors.column("nrmse"), sink.table().column("nrmse"));
  EXPECT_NEAR(errors.column("lead_time")[0], 0.1, 1e-15);
  for (const char* name : {"wake.pvd", "wake_errors.json", "wake_errors.png", "wake_errors.svg", "wake_summary.png"})
    EXPECT_TRUE(std::filesystem::exists(folder / name)) << name;

  vtkNew<vtkXMLImageDataReader> reader;
  reader->SetFileName((folder / "wake_000020.vti").c_str());
  reader->Update();
  vtkCellData* cells = reader->GetOutput()->GetCellData();
  ASSERT_EQ(cells->GetNumberOfArrays(), 7);
  for (int cell = 0; cell < 48 * 24; ++cell)
    for (int c = 0; c < 2; ++c)
      EXPECT_NEAR(cells->GetArray("difference_velocity")->GetComponent(cell, c),
                  cells->GetArray("prediction_velocity")->GetComponent(cell, c) -
                      cells->GetArray("reference_velocity")->GetComponent(cell, c),
                  2e-6);
  reader->SetFileName((folder / "wake_000022.vti").c_str());
  reader->Update();
  EXPECT_EQ(reader->GetOutput()->GetCellData()->GetNumberOfArrays(), 3);  // velocity, pressure, solid
}

TEST(ComparisonSink, LongRolloutsKeepFewPlanes) {
  const ScratchFolder folder;
  const auto problem = example_case(8);
  ComparisonOptions options;
  options.vtk = false;
  ComparisonSink sink(
      folder.path(), "a", [](const Frame& frame) { return *frame.state; }, options);
  sink.open(problem, channels());
  for (int i = 0; i < 200; ++i) {
    const State state = example_state(problem, 0.1 * i);
    sink.write({&state, i, 0, 0});
  }
  sink.close(RunStatus::complete);
  const auto nrmse = sink.table().column("nrmse");
  EXPECT_TRUE(std::all_of(nrmse.begin(), nrmse.end(), [](double error) { return error == 0; }));
  EXPECT_TRUE(std::filesystem::exists(folder / "a_summary.png"));
  EXPECT_FALSE(std::filesystem::exists(folder / "a.pvd"));
}

TEST(RolloutFileSink, IsOneTrajectoryOfTheWell) {
  const ScratchFolder folder;
  const auto problem = example_case(8);
  const auto path = folder / "neu/verlauf \u00e4.hdf5";
  RolloutFileSink sink(path, 3);
  sink.open(problem, channels());
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(std::filesystem::exists(path));
    const State state = example_state(problem, 0.5 * i);
    sink.write({&state, 10 * i, 0, 0});
  }
  const State more = example_state(problem, 3);
  EXPECT_THROW(sink.write({&more, 3, 0, 0}), DataError);
  sink.close(RunStatus::complete);

  const hdf5::File file = hdf5::File::open(path);
  EXPECT_EQ(file.string_attribute("t0_fields", "field_names"), (std::vector<std::string>{"pressure"}));
  EXPECT_EQ(file.string_attribute("t1_fields", "field_names"), (std::vector<std::string>{"velocity"}));
  EXPECT_EQ(file.string_attribute("t1_fields/velocity", "unit"), (std::vector<std::string>{"m/s"}));
  EXPECT_EQ(file.number_attribute("/", "viscosity"), (std::vector<double>{0.01}));
  const at::Tensor velocity = file.read("t1_fields/velocity"), pressure = file.read("t0_fields/pressure");
  ASSERT_EQ(velocity.sizes(), (std::vector<std::int64_t>{1, 3, 8, 4, 2}));
  ASSERT_EQ(pressure.sizes(), (std::vector<std::int64_t>{1, 3, 8, 4}));
  const State state = example_state(problem, 1);
  EXPECT_TRUE(at::equal(velocity[0][2].select(-1, 1).t(), state.fields.at("velocity_y").values.to(at::kFloat)));
  EXPECT_TRUE(at::equal(pressure[0][2].t(), state.fields.at("pressure").values.to(at::kFloat)));
  EXPECT_TRUE(at::equal(file.read("dimensions/time"), at::tensor({0.0, 0.5, 1.0}, at::kFloat)));
  EXPECT_TRUE(at::equal(file.read("eddyline/frames"), at::tensor({0, 10, 20}, at::kLong)));
  EXPECT_EQ(Case::from_yaml(file.read_strings("eddyline/cases").at(0), "file")->grid(), problem->grid());
}

TEST(RolloutFileSink, AnInterruptedRunLeavesTheFramesItHad) {
  const ScratchFolder folder;
  const auto problem = example_case(8);
  RolloutFileSink sink(folder / "a.hdf5", 100);
  sink.open(problem, channels());
  for (int i = 0; i < 4; ++i) {
    const State state = example_state(problem, i);
    sink.write({&state, i, 0, 0});
  }
  sink.close(RunStatus::interrupted);
  const hdf5::File file = hdf5::File::open(folder / "a.hdf5");
  EXPECT_EQ(file.info("t1_fields/velocity").shape, (std::vector<std::int64_t>{1, 4, 8, 4, 2}));
  EXPECT_TRUE(at::equal(file.read("t0_fields/pressure")[0][3].t(),
                        example_state(problem, 3).fields.at("pressure").values.to(at::kFloat)));
  const std::filesystem::directory_iterator entries(folder.path());
  EXPECT_EQ(std::distance(begin(entries), end(entries)), 1);  // no temporary is left
}

TEST(RolloutFileSink, LeavesNothingWhenTheDiskIsFull) {
  const ScratchFolder folder;
  const auto problem = example_case(8);
  RolloutFileSink sink(folder / "a.hdf5", 1);
  sink.open(problem, channels());
  const State state = example_state(problem, 0);
  sink.write({&state, 0, 0, 0});
  {
    const FailureInjection full(1);
    EXPECT_THROW(sink.close(RunStatus::complete), IoError);
  }
  EXPECT_FALSE(std::filesystem::exists(folder / "a.hdf5"));
}

TEST(ComparisonPicture, RefusesListsOfDifferentLength) {
  const auto problem = example_case(8);
  const at::Tensor plane = at::zeros({4, 8});
  EXPECT_THROW(
      static_cast<void>(comparison_picture(*problem, "a", "w", ColourMap::diverging, {0, 1}, {plane, plane}, {plane})),
      ShapeError);
}

}  // namespace
}  // namespace eddyline
