#pragma once
// Drawing without a screen: one interface, a raster (PNG) and a vector (SVG) behind it. Coordinates are pixels, y down.

#include <filesystem>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/io/colour_map.hpp"

class vtkImageData;

namespace eddyline {

enum class Anchor { left, middle, right };

struct TextStyle {
  double size = 13;  // height of a line, pixels
  Colour colour = {40, 40, 40};
  Anchor anchor = Anchor::left;
  bool upright = false;  // turned by 90 degrees, read from below to above
};

class Drawing {
 public:
  virtual ~Drawing() = default;
  virtual void rectangle(double x, double y, double width, double height, Colour colour) = 0;
  virtual void polyline(const std::vector<std::pair<double, double>>& points, double width, Colour colour) = 0;
  /// The text's line is centred vertically at y; the anchor tells where x lies (upright: the same with y for x).
  virtual void text(double x, double y, std::string_view text, const TextStyle& style) = 0;
};

/// A raster image. Text is ASCII (other characters and control characters appear as '?').
class Canvas final : public Drawing {
 public:
  Canvas(int width, int height, Colour background = {255, 255, 255});
  [[nodiscard]] int width() const { return width_; }
  [[nodiscard]] int height() const { return height_; }
  /// The pixel must lie inside.
  [[nodiscard]] Colour pixel(int x, int y) const { return pixels_[index(x, y)]; }
  /// Mixes a colour over a pixel; opacity in [0, 1]; nothing outside the image.
  void blend(int x, int y, Colour colour, double opacity = 1);

  void rectangle(double x, double y, double width, double height, Colour colour) override;
  void polyline(const std::vector<std::pair<double, double>>& points, double width, Colour colour) override;
  void text(double x, double y, std::string_view text, const TextStyle& style) override;

  /// The image as PNG.
  [[nodiscard]] std::string png() const;

 private:
  [[nodiscard]] std::size_t index(int x, int y) const {
    return static_cast<std::size_t>(y) * static_cast<std::size_t>(width_) + static_cast<std::size_t>(x);
  }
  int width_, height_;
  std::vector<Colour> pixels_;
};

/// Into the scalars of an image of the canvas's size with three unsigned bytes a pixel.
void copy_pixels(const Canvas& canvas, vtkImageData& image);

/// Width of a text in pixels as `Canvas` draws it.
[[nodiscard]] double text_width(std::string_view text, double size);

/// A scalable picture for pages and papers.
class SvgDrawing final : public Drawing {
 public:
  SvgDrawing(int width, int height);
  void rectangle(double x, double y, double width, double height, Colour colour) override;
  void polyline(const std::vector<std::pair<double, double>>& points, double width, Colour colour) override;
  void text(double x, double y, std::string_view text, const TextStyle& style) override;
  /// The whole document.
  [[nodiscard]] std::string svg() const;

 private:
  int width_, height_;
  std::string body_;
};

/// Atomically. @throws IoError.
void write_png(const std::filesystem::path& path, const Canvas& canvas);

/// Round numbers in [low, high], about `count` of them: steps of 1, 2 or 5 times a power of ten.
[[nodiscard]] std::vector<double> round_ticks(double low, double high, int count);
/// For axes and colour bars: as short as ticks `step` apart allow ("0.5", "1e-5"); step 0 means four digits.
[[nodiscard]] std::string tick_text(double value, double step = 0);

}  // namespace eddyline
