#include "core/plot/plot.hpp"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkPNGReader.h>
#include <vtkSmartPointer.h>
#include <vtkXMLDataElement.h>
#include <vtkXMLUtilities.h>

#include <cmath>
#include <numbers>

#include "core/base/error.hpp"
#include "core/io/atomic_file.hpp"
#include "core/rollout/comparison_sink.hpp"
#include "core/rollout/rollout_file_sink.hpp"
#include "core/rollout/vtk_sink.hpp"
#include "tests/output/output_fixture.hpp"

namespace eddyline {
namespace {

using output_test::channels;
using output_test::example_case;
using output_test::example_state;
using output_test::ScratchFolder;
using testing::ElementsAre;
using testing::HasSubstr;

constexpr int frame_count = 5;

/// Frames of the travelling wave as VTK files and as a rollout file.
void write_frames(const ScratchFolder& folder) {
  const auto problem = example_case(64);
  VtkSink vtk(folder.path(), "wake");
  RolloutFileSink hdf5(folder / "wake.h5", frame_count);
  for (Sink* sink : {static_cast<Sink*>(&vtk), static_cast<Sink*>(&hdf5)}) {
    sink->open(problem, channels());
    for (int i = 0; i < frame_count; ++i) {
      const State state = example_state(problem, 0.5 * i);
      sink->write({&state, i, 0, 0});
    }
    sink->close(RunStatus::complete);
  }
}

/// A prediction whose pressure lies 1 above the reference everywhere; the last frame has no reference.
void write_comparison(const ScratchFolder& folder) {
  const auto problem = example_case(64);
  ComparisonSink sink(folder.path(), "test_0", [&](const Frame& frame) -> std::optional<State> {
    if (frame.index == frame_count - 1) return std::nullopt;
    return example_state(problem, frame.state->time);
  });
  sink.open(problem, channels());
  for (int i = 0; i < frame_count; ++i) {
    State state = example_state(problem, 0.5 * i);
    state.fields["pressure"].values = state.fields["pressure"].values + 1;
    sink.write({&state, i, 0, 0});
  }
  sink.close(RunStatus::complete);
}

/// A picture of one panel on [0, 4] x [-1, 1], read back.
class PanelPicture {
 public:
  explicit PanelPicture(const std::filesystem::path& path) {
    reader_->SetFileName(path.c_str());
    reader_->Update();
    size_ = {reader_->GetOutput()->GetDimensions()[0], reader_->GetOutput()->GetDimensions()[1]};
  }
  /// Around the panel: 62 pixels on the left, 122 on the right, 44 above and 52 below.
  [[nodiscard]] Colour at(double x, double y) const {
    const double width = size_.first - 62 - 122, height = size_.second - 44 - 52;
    const int column = 62 + static_cast<int>(x / 4 * width), row = 44 + static_cast<int>((1 - y) / 2 * height);
    const auto part = [&](int component) {
      return static_cast<std::uint8_t>(
          reader_->GetOutput()->GetScalarComponentAsDouble(column, size_.second - 1 - row, 0, component));
    };
    return {part(0), part(1), part(2)};
  }

 private:
  vtkNew<vtkPNGReader> reader_;
  std::pair<int, int> size_;
};

PlotOptions plot_of(const std::filesystem::path& path, const std::filesystem::path& output) {
  PlotOptions options;
  options.path = path.string();
  options.output = output;
  return options;
}

std::string message_of(const PlotOptions& options) {
  try {
    plot(options);
  } catch (const Error& error) {
    return error.what();
  }
  return "nothing was thrown";
}

TEST(PlotFields, SignsAndBodiesShowInEveryFormat) {
  const ScratchFolder folder;
  write_frames(folder);
  for (const char* source : {"wake.pvd", "wake_000000.vti", "wake.h5", "wake.h5#file/0@0"}) {
    PlotOptions options = plot_of(folder / source, folder / "a.png");
    if (std::string_view(source) != "wake.h5#file/0@0") options.frames = "0";
    ASSERT_THAT(plot(options), ElementsAre(folder / "a.png")) << source;
    const PanelPicture picture(folder / "a.png");
    EXPECT_EQ(picture.at(1, 0), body_colour) << source;
    // On the axis the vorticity is (k^2 + 4) sin(k x), k = pi.
    const Colour positive = picture.at(2.5, 0), negative = picture.at(3.5, 0), none = picture.at(3.5, -0.97);
    EXPECT_GT(positive.red, positive.blue + 60) << source;
    EXPECT_GT(negative.blue, negative.red + 60) << source;
    EXPECT_NEAR(none.red, none.blue, 40) << source;
  }
}

TEST(PlotFields, AFixedRangeGivesTheColourOfTheMap) {
  const ScratchFolder folder;
  write_frames(folder);
  PlotOptions options = plot_of(folder / "wake.pvd", folder / "a.png");
  options.frames = "-1";
  options.field.quantity = "velocity_x";
  options.field.range = std::pair(0.0, 2.0);
  plot(options);
  // On the axis u = 1, the middle of the range.
  const Colour middle = colour_at(ColourMap::sequential, 0.5), shown = PanelPicture(folder / "a.png").at(3, 0);
  EXPECT_NEAR(shown.red, middle.red, 8);
  EXPECT_NEAR(shown.green, middle.green, 8);
  EXPECT_NEAR(shown.blue, middle.blue, 8);
}

TEST(PlotFields, DifferenceIsPredictionMinusReference) {
  const ScratchFolder folder;
  write_comparison(folder);
  PlotOptions options = plot_of(folder / "test_0.pvd", folder / "a.png");
  options.frames = "2";
  options.field.quantity = "pressure";
  options.field.show = "difference";
  options.field.range = std::pair(-2.0, 2.0);
  plot(options);
  const Colour expected = colour_at(ColourMap::diverging, 0.75), shown = PanelPicture(folder / "a.png").at(3, 0.3);
  EXPECT_NEAR(shown.red, expected.red, 1);  // files hold single precision
  EXPECT_NEAR(shown.blue, expected.blue, 1);
  options.frames = "4";
  EXPECT_THAT(message_of(options), HasSubstr("frame 4 of 'test_0' has no reference"));
}

TEST(PlotFields, AReferenceIsFoundByItsTimes) {
  const ScratchFolder folder, other;
  write_frames(folder);
  write_comparison(other);
  PlotOptions options = plot_of(folder / "wake.h5", folder / "a.png");
  options.reference = (other / "test_0.pvd").string();
  options.frames = "3";
  options.field.quantity = "pressure";
  options.field.show = "difference";
  options.field.range = std::pair(-2.0, 2.0);
  plot(options);  // the "reference" is 1 above
  const Colour expected = colour_at(ColourMap::diverging, 0.25), shown = PanelPicture(folder / "a.png").at(3, 0.3);
  EXPECT_NEAR(shown.red, expected.red, 1);
  EXPECT_NEAR(shown.blue, expected.blue, 1);
  const FrameSeries frames = open_frames((folder / "wake.h5").string());
  FrameSeries later = frames;
  for (double& time : later.times) time += 0.2;
  EXPECT_THROW(static_cast<void>(with_reference(frames, later)), DataError);
}

TEST(PlotFields, AMaskIsGreyAndSmooth) {
  const Grid grid = Grid::uniform({0, -1}, {4, 1}, {16, 8});
  at::Tensor fluid = at::ones({8, 16}, at::kBool);
  fluid[4][4] = false;
  FieldPicture picture;
  picture.title = "a";
  picture.grid = &grid;
  picture.fluid = fluid;
  picture.rows = {{"", {at::zeros({8, 16})}, {ColourMap::sequential, 0, 1, "", false, false}}};
  const ScratchFolder folder;
  write_png(folder / "a.png", draw_fields(picture));
  const PanelPicture read(folder / "a.png");
  EXPECT_EQ(read.at(1.125, 0.125), body_colour);  // the cell's centre
  EXPECT_EQ(read.at(1.625, 0.125), colour_at(ColourMap::sequential, 0));
  picture.fluid = at::ones({8, 15}, at::kBool);
  EXPECT_THROW(static_cast<void>(draw_fields(picture)), ShapeError);
}

TEST(PlotFields, DefaultsNameTheirFiles) {
  const ScratchFolder folder;
  write_comparison(folder);
  const auto files = plot(plot_of(folder.path(), ""));
  EXPECT_THAT(files, ElementsAre(folder / "plots/test_0_vorticity_comparison.png", folder / "plots/errors.png",
                                 folder / "plots/errors.svg"));
  for (const auto& file : files) EXPECT_TRUE(std::filesystem::exists(file)) << file;
}

TEST(PlotFields, MistakesAreNamed) {
  const ScratchFolder folder;
  write_frames(folder);
  PlotOptions options = plot_of(folder / "wake.pvd", folder / "a.png");
  options.field.quantity = "vortisity";
  EXPECT_THAT(message_of(options), HasSubstr("did you mean 'vorticity'?"));
  EXPECT_THROW(plot(options), ConfigError);
  options.field.quantity = "";
  options.frames = "7";
  EXPECT_THAT(message_of(options), HasSubstr("has frames 0 to 4, not 7"));
  options.frames = "";
  options.field.show = "diference";
  EXPECT_THAT(message_of(options), HasSubstr("did you mean 'difference'?"));
  options.field.show = "difference";
  EXPECT_THAT(message_of(options), HasSubstr("--reference"));
  options.field.show = "";
  options.output = folder / "a.jpeg";
  EXPECT_THAT(message_of(options), HasSubstr("possible are .png, .svg, .gif, .ogv"));
  options.output = folder / "a.svg";
  EXPECT_THAT(message_of(options), HasSubstr(".png"));
  EXPECT_THROW(plot(plot_of(folder / "nothing.pvd", "")), IoError);
  write_atomically(folder / "text.h5", "no HDF5");
  EXPECT_THROW(plot(plot_of(folder / "text.h5", "")), DataError);
  write_atomically(folder / "notes.txt", "a");
  EXPECT_THROW(plot(plot_of(folder / "notes.txt", "")), DataError);
}

TEST(PlotSpectrum, ASingleWaveIsASinglePeak) {
  const Grid grid = Grid::uniform({0, 0}, {2 * std::numbers::pi, 2 * std::numbers::pi}, {32, 32});
  const at::Tensor x = at::tensor(grid.centers(0), at::kDouble).unsqueeze(0).expand({32, 32});
  FrameSeries series;
  series.name = "wave";
  series.grid = std::make_shared<const Grid>(grid);
  series.channels = channels();
  series.periodic = {true, true};
  series.times = {0};
  series.has_reference = true;
  series.read = [=](std::int64_t) -> SeriesFrame {
    const at::Tensor zero = at::zeros({32, 32}, at::kDouble);
    return {at::stack({zero, at::sin(3 * x), zero}), at::stack({zero, at::sin(5 * x), zero})};
  };
  const LinePlot plot = spectrum_figure(series, {0}, {});
  ASSERT_EQ(plot.curves.size(), 2U);
  EXPECT_EQ(plot.curves[0].label, "prediction");
  EXPECT_NEAR(plot.curves[0].x[2], 3, 1e-12);
  EXPECT_NEAR(plot.curves[0].y[2], 0.25, 1e-12);  // <sin^2> / 2
  EXPECT_NEAR(plot.curves[1].y[4], 0.25, 1e-12);
  EXPECT_LT(plot.curves[1].y[2], 1e-20);
  series.channels = {{"a", "1", ChannelKind::scalar}, {"b", "1", ChannelKind::scalar}, {"c", "1", ChannelKind::scalar}};
  EXPECT_THROW(static_cast<void>(spectrum_figure(series, {0}, {})), ConfigError);
}

TEST(PlotProfiles, OneDimensionGivesCurves) {
  FrameSeries series;
  series.name = "advection";
  series.grid = std::make_shared<const Grid>(Grid::uniform({0}, {1}, {4}));
  series.channels = {{"u", "m/s", ChannelKind::scalar}};
  series.length_unit = "m";
  series.time_unit = "s";
  series.times = {0, 0.5};
  series.read = [](std::int64_t frame) -> SeriesFrame {
    return {at::full({1, 4}, static_cast<double>(frame), at::kDouble), std::nullopt};
  };
  const LinePlot plot = profile_figure(series, {0, 1}, {});
  EXPECT_EQ(plot.x_label, "x [m]");
  EXPECT_EQ(plot.y_label, "u [m/s]");
  ASSERT_EQ(plot.curves.size(), 2U);
  EXPECT_EQ(plot.curves[1].label, "t = 0.50 s");
  EXPECT_THAT(plot.curves[1].y, testing::Each(1.0));
  EXPECT_THROW(static_cast<void>(field_figure(series, {0}, {})), ConfigError);
}

void expect_well_formed(const std::filesystem::path& path) {
  const auto root =
      vtkSmartPointer<vtkXMLDataElement>::Take(vtkXMLUtilities::ReadElementFromString(read_file(path).c_str()));
  ASSERT_NE(root, nullptr) << path;
  EXPECT_STREQ(root->GetName(), "svg");
  EXPECT_GT(root->GetNumberOfNestedElements(), 10);
}

TEST(PlotTables, KnownTablesGiveTheirUsualCurves) {
  const ScratchFolder folder;
  write_atomically(folder / "metrics.csv",
                   "step,epoch,loss,learning_rate,gradient_norm,one_step\n0,0,nan,1e-3,nan,0.5\n"
                   "10,1,0.4,9e-4,1,nan\n20,2,0.2,5e-4,1,0.1\n");
  const auto files = plot(plot_of(folder.path(), folder / "out"));
  EXPECT_THAT(files, ElementsAre(folder / "out/losses.png", folder / "out/losses.svg", folder / "out/learning_rate.png",
                                 folder / "out/learning_rate.svg"));
  expect_well_formed(folder / "out/losses.svg");
  const auto training = usual_figures(folder / "metrics.csv", "1");
  ASSERT_EQ(training[0].plot.curves.size(), 2U);
  // Rows without a value are left out, so that the others are joined.
  EXPECT_THAT(training[0].plot.curves[1].x, ElementsAre(0, 2));

  write_atomically(folder / "history.csv",
                   "time,residual,cfl,divergence,drag_coefficient,lift_coefficient\n"
                   "0.1,1,0.4,1e-14,1.4,0.1\n0.2,0.9,0.4,2e-14,1.5,-0.1\n");
  const auto history = usual_figures(folder / "history.csv", "s");
  ASSERT_EQ(history.size(), 2U);
  EXPECT_EQ(history[0].name, "forces");
  EXPECT_EQ(history[0].plot.x_label, "time [s]");
  EXPECT_THAT(history[0].plot.curves[1].y, ElementsAre(0.1, -0.1));

  write_atomically(folder / "probes.csv", "time,a.velocity_x,a.velocity_y,a.pressure\n0,1,2,3\n1,1,2,3\n");
  const auto probes = usual_figures(folder / "probes.csv", "1");
  ASSERT_EQ(probes.size(), 2U);
  EXPECT_EQ(probes[0].name, "probes_velocity");
  EXPECT_EQ(probes[0].plot.curves.size(), 2U);

  write_atomically(folder / "evaluation.csv",
                   "predictor,frame,lead_time,nrmse\nmodel,1,0.1,0.01\nmodel,2,0.2,0.02\n"
                   "mean,1,0.1,1\nmean,2,0.2,1\n");
  const auto errors = usual_figures(folder / "evaluation.csv", "1");
  ASSERT_EQ(errors[0].plot.curves.size(), 2U);
  EXPECT_EQ(errors[0].plot.curves[1].label, "mean");
  EXPECT_THAT(errors[0].plot.curves[0].y, ElementsAre(0.01, 0.02));
}

TEST(PlotTables, ChosenColumnsOrTheNearestName) {
  const ScratchFolder folder;
  write_atomically(folder / "a.csv", "t,drag,lift\n1,2,3\n2,4,5\n");
  PlotOptions options = plot_of(folder / "a.csv", folder / "a.svg");
  options.table.x = "t";
  options.table.y = {"lift"};
  EXPECT_THAT(plot(options), ElementsAre(folder / "a.svg"));
  expect_well_formed(folder / "a.svg");
  options.table.y = {"lft"};
  EXPECT_THROW(plot(options), ConfigError);
  EXPECT_THAT(message_of(options), HasSubstr("did you mean 'lift'?"));
  options.table.y = {"lift"};
  options.table.range = std::pair(3.0, 1.0);
  EXPECT_THROW(plot(options), ConfigError);
  options.table.range = std::nullopt;
  options.output = folder / "a.gif";
  EXPECT_THAT(message_of(options), HasSubstr("do not move"));
  write_atomically(folder / "bad.csv", "t,drag\n1,2\n2,abc\n");
  EXPECT_THROW(plot(plot_of(folder / "bad.csv", "")), DataError);
}

}  // namespace
}  // namespace eddyline
