#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkPNGReader.h>

#include <cmath>
#include <numbers>

#include "core/base/error.hpp"
#include "core/field/derived.hpp"
#include "core/io/picture_fields.hpp"
#include "core/io/picture_plot.hpp"
#include "core/rollout/picture_sink.hpp"
#include "tests/output/output_fixture.hpp"

namespace eddyline {
namespace {

using output_test::channels;
using output_test::example_case;
using output_test::example_state;
using output_test::ScratchFolder;

/// CIE 1976 lightness of an sRGB colour (IEC 61966-2-1).
double lightness(Colour colour) {
  const auto linear = [](std::uint8_t part) {
    const double value = part / 255.0;
    return value <= 0.04045 ? value / 12.92 : std::pow((value + 0.055) / 1.055, 2.4);
  };
  const double y = 0.2126 * linear(colour.red) + 0.7152 * linear(colour.green) + 0.0722 * linear(colour.blue);
  return y > 0.008856 ? 116 * std::cbrt(y) - 16 : 903.3 * y;
}

TEST(ColourMap, LightnessRisesEvenlyOrPeaksInTheMiddle) {
  for (int i = 0; i < 100; ++i) {
    const double step = lightness(colour_at(ColourMap::sequential, (i + 1) / 100.0)) -
                        lightness(colour_at(ColourMap::sequential, i / 100.0));
    EXPECT_GT(step, 0.2) << i;
    EXPECT_LT(step, 1.6) << i;
    const double below = lightness(colour_at(ColourMap::diverging, i / 200.0));
    EXPECT_GT(lightness(colour_at(ColourMap::diverging, (i + 1) / 200.0)), below) << i;
    EXPECT_NEAR(lightness(colour_at(ColourMap::diverging, 1 - i / 200.0)), below, 12) << i;
  }
  EXPECT_EQ(colour_at(ColourMap::diverging, 0.5), (Colour{247, 247, 247}));
  EXPECT_EQ(colour_at(ColourMap::sequential, 7), colour_at(ColourMap::sequential, 1));
}

TEST(Canvas, PngReadsBackPixelByPixel) {
  const ScratchFolder folder;
  Canvas canvas(5, 3);
  canvas.rectangle(1, 0, 2, 1, {200, 10, 30});
  canvas.blend(4, 2, {0, 0, 0}, 0.5);
  canvas.blend(17, -3, {0, 0, 0});
  write_png(folder / "bild \u00e4.png", canvas);
  vtkNew<vtkPNGReader> reader;
  reader->SetFileName((folder / "bild \u00e4.png").c_str());
  reader->Update();
  for (int y = 0; y < 3; ++y)
    for (int x = 0; x < 5; ++x)
      EXPECT_EQ(reader->GetOutput()->GetScalarComponentAsDouble(x, 2 - y, 0, 0), canvas.pixel(x, y).red);
  EXPECT_EQ(canvas.pixel(2, 0), (Colour{200, 10, 30}));
  EXPECT_EQ(canvas.pixel(4, 2), (Colour{128, 128, 128}));
  EXPECT_THROW(Canvas(0, 4), ConfigError);
}

TEST(Canvas, DrawsTextWithoutAScreenAndMarksWhatItsFontLacks) {
  Canvas canvas(200, 40);
  canvas.text(100, 20, "Re = 100", {16, {0, 0, 0}, Anchor::middle});
  int dark = 0;
  for (int y = 0; y < 40; ++y)
    for (int x = 0; x < 200; ++x) dark += canvas.pixel(x, y).red < 100;
  EXPECT_GT(dark, 100);
  EXPECT_EQ(text_width("\u00e9\x1b", 16), text_width("??", 16));
}

TEST(Ticks, AreRoundAndShort) {
  EXPECT_EQ(round_ticks(0, 1, 5).size(), 6U);
  EXPECT_EQ(tick_text(0.30000000000000004, 0.1), "0.3");
  EXPECT_EQ(tick_text(1e-5), "1e-5");
  EXPECT_EQ(tick_text(1200, 200), "1200");
  EXPECT_EQ(tick_text(1e6, 1e6), "1e6");
}

TEST(Fields, ScaleIsSharedSymmetricAndRobust) {
  at::Tensor a = at::linspace(-1, 2, 1000, at::kDouble).reshape({20, 50}), b = a.clone();
  b[3][7] = 500;
  b[0][0] = std::nan("");
  const ColourScale all = shared_scale({a, b}, {}, ColourMap::diverging, "w");
  EXPECT_EQ(all.high, 500);
  EXPECT_EQ(all.low, -500);
  const ColourScale most = shared_scale({a, b}, {}, ColourMap::diverging, "w", 0.99);
  EXPECT_LT(most.high, 2.01);
  EXPECT_TRUE(most.clipped_above);
  const ColourScale one = shared_scale({a}, {}, ColourMap::sequential, "w");
  EXPECT_EQ(one.low, -1);
  EXPECT_EQ(one.high, 2);
  EXPECT_FALSE(one.clipped_above);
  at::Tensor fluid = at::ones({20, 50}, at::kBool);
  fluid[3][7] = false;
  EXPECT_LE(shared_scale({b}, fluid, ColourMap::sequential, "w").high, 2);
  const ColourScale flat = shared_scale({at::full({2, 2}, 3.0)}, {}, ColourMap::sequential, "w");
  EXPECT_LT(flat.low, flat.high);
}

TEST(Fields, YPointsUpAndBodiesAreGrey) {
  const Grid grid = Grid::uniform({0, 0}, {2, 1}, {4, 2});
  at::Tensor field = at::zeros({2, 4});
  field[1].fill_(1);  // the upper row
  ObstacleConfig circle;
  circle.center = {1, 0.5};
  circle.radius = 0.2;
  FieldPicture picture;
  picture.grid = &grid;
  picture.bodies = {circle};
  picture.smooth = false;
  picture.rows = {{"", {field}, {ColourMap::sequential, 0, 1, "", false, false}}};
  const Canvas canvas = draw_fields(picture);
  int x = canvas.width() / 2 - 25, upper = canvas.height() / 4, lower = 3 * canvas.height() / 4;
  EXPECT_EQ(canvas.pixel(150, upper), colour_at(ColourMap::sequential, 1));
  EXPECT_EQ(canvas.pixel(150, lower), colour_at(ColourMap::sequential, 0));
  EXPECT_EQ(canvas.pixel(x, canvas.height() / 2 - 10), (Colour{120, 120, 120}));
  picture.rows[0].fields[0] = at::zeros({2, 5});
  EXPECT_THROW(static_cast<void>(draw_fields(picture)), ShapeError);
}

TEST(PictureSink, WritesEveryNthFrame) {
  const ScratchFolder folder;
  const auto problem = example_case(32);
  PictureSink sink(folder.path(), "../wake", {.every = 2});
  sink.open(problem, channels());
  for (int i = 0; i < 4; ++i) {
    const State state = example_state(problem, i);
    sink.write({&state, i, 0, 0});
  }
  sink.close(RunStatus::complete);
  for (const int i : {0, 2})
    EXPECT_TRUE(std::filesystem::exists(folder / ("_._wake_vorticity_00000" + std::to_string(i) + ".png")));
  EXPECT_FALSE(std::filesystem::exists(folder / "_._wake_vorticity_000001.png"));
}

TEST(PictureSink, RefusesWhatCannotBeDrawnBeforeTheRun) {
  const ScratchFolder folder;
  PictureSink sink(folder.path(), "a", {.quantity = "vortisity"});
  try {
    sink.open(example_case(), channels());
    FAIL();
  } catch (const ConfigError& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean 'vorticity'"), std::string::npos) << error.what();
  }
}

TEST(PictureSink, QuantitiesAreTheDerivedFields) {
  const auto problem = example_case(16);
  const State state = example_state(problem, 0.3);
  const at::Tensor velocity = cell_tensor(state, {"velocity_x", "velocity_y"});
  EXPECT_TRUE(at::equal(picture_plane(state, channels(), *problem, "vorticity"), vorticity(velocity, problem->grid())));
  EXPECT_TRUE(at::equal(picture_plane(state, channels(), *problem, "pressure"), state.fields.at("pressure").values));
  EXPECT_EQ(quantity_label("vorticity", channels(), *problem), "vorticity [1/s]");
  EXPECT_EQ(quantity_label("velocity_y", channels(), *problem), "velocity y [m/s]");
}

TEST(Plot, SvgEscapesNamesAndLeavesGaps) {
  LinePlot plot;
  plot.title = "<script>&\x1b";
  plot.curves = {{"a", {0, 1, 2, 3, 4}, {1, 10, 0, 100, 1000}}, {"b", {0, 4}, {std::nan(""), 5}}};
  plot.log_y = true;
  const std::string svg = svg_plot(plot);
  EXPECT_EQ(svg.find("<script>"), std::string::npos);
  EXPECT_NE(svg.find("&lt;script&gt;&amp;\\x1b"), std::string::npos);
  // Curve a falls into two pieces around the zero.
  std::size_t pieces = 0;
  for (std::size_t at = svg.find("#0072b2"); at != std::string::npos; at = svg.find("#0072b2", at + 1)) ++pieces;
  EXPECT_EQ(pieces, 3U);  // two pieces and the legend
  plot.curves[0].x.pop_back();
  EXPECT_THROW(static_cast<void>(draw_plot(plot)), ShapeError);
}

TEST(Derived, IsExactForQuadraticsOnAStretchedGrid) {
  const Grid grid({{0, 1, 1.5, 3, 3.2, 5}, {-1, 0, 2, 2.5, 4}});
  const at::Tensor x = at::tensor(grid.centers(0), at::kDouble).unsqueeze(0);
  const at::Tensor y = at::tensor(grid.centers(1), at::kDouble).unsqueeze(1);
  const at::Tensor u = x * x + 3 * x * y - y * y, v = 2 * x * x - x * y + y;
  const at::Tensor velocity = at::stack({u, v});
  EXPECT_TRUE(at::allclose(vorticity(velocity, grid), 4 * x - y - (3 * x - 2 * y), 1e-12, 1e-12));
  EXPECT_TRUE(at::allclose(divergence(velocity, grid), 2 * x + 3 * y - x + 1, 1e-12, 1e-12));
  EXPECT_TRUE(at::allclose(speed(velocity), at::hypot(u, v)));
  EXPECT_THROW(static_cast<void>(vorticity(velocity[0], grid)), ShapeError);
}

TEST(Derived, ThreeDimensionalCurlOfARotation) {
  const Grid grid = Grid::uniform({0, 0, 0}, {1, 1, 1}, {4, 5, 6});
  const at::Tensor x = at::tensor(grid.centers(0), at::kDouble).reshape({1, 1, 4}).expand({6, 5, 4});
  const at::Tensor y = at::tensor(grid.centers(1), at::kDouble).reshape({1, 5, 1}).expand({6, 5, 4});
  const at::Tensor z = at::tensor(grid.centers(2), at::kDouble).reshape({6, 1, 1}).expand({6, 5, 4});
  // u = omega x r with omega = (1, 2, 3): curl u = 2 omega.
  const at::Tensor curl = vorticity(at::stack({2 * z - 3 * y, 3 * x - z, y - 2 * x}), grid);
  for (int c = 0; c < 3; ++c) EXPECT_TRUE(at::allclose(curl[c], at::full({6, 5, 4}, 2.0 * (c + 1), at::kDouble)));
}

TEST(Derived, PeriodicDifferencesConvergeInSecondOrder) {
  std::vector<double> errors;
  for (const std::int64_t cells : {32, 64}) {
    const Grid grid = Grid::uniform({0}, {2 * std::numbers::pi}, {cells});
    const at::Tensor x = at::tensor(grid.centers(0), at::kDouble);
    errors.push_back((derivative(x.sin(), grid, 0, {true}) - x.cos()).abs().max().item<double>());
  }
  EXPECT_NEAR(std::log2(errors[0] / errors[1]), 2.0, 0.02);
}

TEST(Derived, InteriorKeepsAwayFromSolids) {
  at::Tensor fluid = at::ones({7, 8}, at::kBool);
  fluid[3][2] = false;
  const at::Tensor inside = interior_of(fluid);
  EXPECT_EQ(inside.sum().item<std::int64_t>(), 56 - 6);  // itself, four neighbours, the end two cells away
  EXPECT_FALSE(inside[2][2].item<bool>());
  EXPECT_FALSE(inside[3][0].item<bool>());
  EXPECT_TRUE(inside[1][2].item<bool>());
  EXPECT_TRUE(inside[2][1].item<bool>());
}

}  // namespace
}  // namespace eddyline
