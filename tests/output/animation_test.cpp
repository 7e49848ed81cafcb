#include <gif_lib.h>
#include <gtest/gtest.h>

#include <memory>

#include "core/base/error.hpp"
#include "core/io/animation.hpp"
#include "core/io/atomic_file.hpp"
#include "tests/output/output_fixture.hpp"

namespace eddyline {
namespace {

using output_test::ScratchFolder;

struct GifClose {
  void operator()(GifFileType* file) const {
    int ignored = 0;
    DGifCloseFile(file, &ignored);
  }
};
using Gif = std::unique_ptr<GifFileType, GifClose>;

Gif read_gif(const std::filesystem::path& path) {
  int error = 0;
  Gif gif(DGifOpenFileName(path.c_str(), &error));
  EXPECT_NE(gif, nullptr) << error;
  if (gif) {
    EXPECT_EQ(DGifSlurp(gif.get()), GIF_OK);
  }
  return gif;
}

/// The colour of a pixel of a stored image, whose own rectangle must hold it.
Colour stored(const GifFileType& gif, int image, int x, int y) {
  const SavedImage& saved = gif.SavedImages[image];
  const GifImageDesc& place = saved.ImageDesc;
  const GifColorType colour = gif.SColorMap->Colors[saved.RasterBits[(y - place.Top) * place.Width + x - place.Left]];
  return {colour.Red, colour.Green, colour.Blue};
}

TEST(Animation, GifKeepsFramesColoursAndTime) {
  const ScratchFolder folder;
  const auto path = folder / "wirbel \u00e4.gif";
  const Colour red = colour_at(ColourMap::diverging, 1), blue = colour_at(ColourMap::diverging, 0);
  const auto animation =
      open_animation(path, {.frames_per_second = 20, .palette = animation_palette({ColourMap::diverging})});
  Canvas canvas(40, 30);
  canvas.rectangle(0, 0, 40, 30, red);
  animation->add(canvas);
  canvas.rectangle(10, 12, 5, 6, blue);
  animation->add(canvas);
  animation->add(canvas);
  EXPECT_FALSE(std::filesystem::exists(path));
  animation->finish();
  const Gif gif = read_gif(path);
  ASSERT_EQ(gif->ImageCount, 3);
  EXPECT_EQ(gif->SWidth, 40);
  EXPECT_EQ(gif->SHeight, 30);
  EXPECT_EQ(stored(*gif, 0, 39, 29), red);
  EXPECT_EQ(stored(*gif, 1, 12, 15), blue);
  // Only what changes is stored.
  EXPECT_EQ(gif->SavedImages[1].ImageDesc.Left, 10);
  EXPECT_EQ(gif->SavedImages[1].ImageDesc.Top, 12);
  EXPECT_EQ(gif->SavedImages[1].ImageDesc.Width, 5);
  EXPECT_EQ(gif->SavedImages[1].ImageDesc.Height, 6);
  GraphicsControlBlock control{};
  ASSERT_EQ(DGifSavedExtensionToGCB(gif.get(), 1, &control), GIF_OK);
  EXPECT_EQ(control.DelayTime, 5);
}

TEST(Animation, PaletteHoldsTheColoursOfPictures) {
  const auto palette = animation_palette({ColourMap::sequential, ColourMap::diverging});
  EXPECT_LE(palette.size(), 256U);
  const auto distance = [&](Colour wanted) {
    int best = 255;
    for (const Colour one : palette)
      best = std::min(best, std::max({std::abs(one.red - wanted.red), std::abs(one.green - wanted.green),
                                      std::abs(one.blue - wanted.blue)}));
    return best;
  };
  EXPECT_EQ(distance({255, 255, 255}), 0);
  EXPECT_EQ(distance(body_colour), 0);
  for (int i = 0; i <= 200; ++i) {
    EXPECT_LE(distance(colour_at(ColourMap::sequential, i / 200.0)), 4) << i;
    EXPECT_LE(distance(colour_at(ColourMap::diverging, i / 200.0)), 4) << i;
  }
}

TEST(Animation, TheoraNamesItsSize) {
  const ScratchFolder folder;
  const auto animation = open_animation(folder / "a.ogv", {.frames_per_second = 10});
  for (int i = 0; i < 3; ++i) {
    Canvas canvas(70, 50);
    canvas.rectangle(i * 10, 5, 10, 10, {200, 0, 0});
    animation->add(canvas);
  }
  animation->finish();
  const std::string bytes = read_file(folder / "a.ogv");
  EXPECT_TRUE(bytes.starts_with("OggS"));
  // The identification header (Theora specification, section 6.2): picture width and height, 24 bits each.
  const auto head = bytes.find("\x80theora");
  ASSERT_NE(head, std::string::npos);
  const auto number = [&](std::size_t place) {
    int value = 0;
    for (std::size_t i = 0; i < 3; ++i) value = 256 * value + static_cast<unsigned char>(bytes.at(head + place + i));
    return value;
  };
  EXPECT_EQ(number(14), 70);
  EXPECT_EQ(number(17), 50);
}

TEST(Animation, RefusesWhatItCannotWriteAndLeavesNoPart) {
  const ScratchFolder folder;
  EXPECT_THROW(static_cast<void>(open_animation(folder / "a.webm", {})), ConfigError);
  EXPECT_THROW(static_cast<void>(open_animation(folder / "a.gif", {.frames_per_second = 0.1})), ConfigError);
  EXPECT_THROW(static_cast<void>(open_animation(folder / "no" / "a.gif", {})), IoError);
  {
    const auto animation = open_animation(folder / "a.gif", {});
    EXPECT_THROW(animation->finish(), DataError);
    animation->add(Canvas(20, 10));
    EXPECT_THROW(animation->add(Canvas(21, 10)), ShapeError);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  const auto animation = open_animation(folder / "b.gif", {});
  animation->add(Canvas(20, 10));
  const FailureInjection fault(1);
  EXPECT_THROW(animation->finish(), IoError);
  EXPECT_FALSE(std::filesystem::exists(folder / "b.gif"));
}

}  // namespace
}  // namespace eddyline
