#include "core/io/picture.hpp"

#include <vtkFreeTypeTools.h>
#include <vtkImageData.h>
#include <vtkNew.h>
#include <vtkPNGWriter.h>
#include <vtkStdString.h>
#include <vtkTextProperty.h>
#include <vtkUnsignedCharArray.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <mutex>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/io/atomic_file.hpp"

namespace eddyline {
namespace {

/// Coverage of each pixel by a text, rows from above.
struct Glyphs {
  int width = 0, height = 0;
  std::vector<double> coverage;
};

/// What the built-in font of VTK has: printable ASCII.
std::string drawable(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if ((byte & 0xC0) == 0x80) continue;  // the rest of a UTF-8 sequence
    out += byte >= 0x20 && byte < 0x7f ? c : '?';
  }
  return out;
}

Glyphs rendered(std::string_view text, double size) {
  // One font cache for the process, as VTK has it, used by one thread at a time.
  static std::mutex font;
  const std::scoped_lock lock(font);
  const std::string ascii = drawable(text);
  if (ascii.empty()) return {};
  vtkNew<vtkTextProperty> style;
  style->SetFontFamilyToArial();
  style->SetFontSize(static_cast<int>(std::lround(size)));
  vtkNew<vtkImageData> image;
  std::array<int, 2> used = {0, 0};
  vtkFreeTypeTools* tools = vtkFreeTypeTools::GetInstance();
  tools->ScaleToPowerTwoOff();
  constexpr int pixels_are_points = 72;
  if (!tools->RenderString(style.Get(), vtkStdString(ascii), pixels_are_points, image.Get(), used.data()))
    throw ResourceError("VTK could not draw the text '" + ascii + "'");
  const int* extent = image->GetExtent();
  Glyphs glyphs{extent[1] - extent[0] + 1, extent[3] - extent[2] + 1, {}};
  for (int y = extent[3]; y >= extent[2]; --y)
    for (int x = extent[0]; x <= extent[1]; ++x)
      glyphs.coverage.push_back(image->GetScalarComponentAsDouble(x, y, 0, 3) / 255);
  return glyphs;
}

/// Distance of a point to the segment a-b.
double distance(double x, double y, const std::pair<double, double>& a, const std::pair<double, double>& b) {
  const double dx = b.first - a.first, dy = b.second - a.second, length = dx * dx + dy * dy;
  const double t = length > 0 ? std::clamp(((x - a.first) * dx + (y - a.second) * dy) / length, 0.0, 1.0) : 0.0;
  return std::hypot(x - a.first - t * dx, y - a.second - t * dy);
}

std::uint8_t mixed(std::uint8_t below, std::uint8_t above, double opacity) {
  return static_cast<std::uint8_t>(std::lround((1 - opacity) * below + opacity * above));
}

}  // namespace

Canvas::Canvas(int width, int height, Colour background) : width_(width), height_(height) {
  constexpr int longest = 16384;
  if (width < 1 || height < 1 || width > longest || height > longest)
    throw ConfigError("a picture of " + std::to_string(width) + " x " + std::to_string(height) +
                      " pixels cannot be drawn; each side must lie in 1..16384");
  pixels_.assign(static_cast<std::size_t>(width) * static_cast<std::size_t>(height), background);
}

void Canvas::blend(int x, int y, Colour colour, double opacity) {
  if (x < 0 || y < 0 || x >= width_ || y >= height_) return;
  Colour& below = pixels_[index(x, y)];
  below = {mixed(below.red, colour.red, opacity), mixed(below.green, colour.green, opacity),
           mixed(below.blue, colour.blue, opacity)};
}

void Canvas::rectangle(double x, double y, double width, double height, Colour colour) {
  const auto left = static_cast<int>(std::lround(x)), right = static_cast<int>(std::lround(x + width));
  const auto top = static_cast<int>(std::lround(y)), bottom = static_cast<int>(std::lround(y + height));
  for (int row = top; row < bottom; ++row)
    for (int column = left; column < right; ++column) blend(column, row, colour);
}

void Canvas::polyline(const std::vector<std::pair<double, double>>& points, double width, Colour colour) {
  const double reach = width / 2 + 1;
  for (std::size_t i = 1; i < points.size(); ++i) {
    const auto& a = points[i - 1];
    const auto& b = points[i];
    const auto first = [reach](double p, double q) { return static_cast<int>(std::floor(std::min(p, q) - reach)); };
    const auto last = [reach](double p, double q) { return static_cast<int>(std::ceil(std::max(p, q) + reach)); };
    const int left = std::max(first(a.first, b.first), 0), right = std::min(last(a.first, b.first), width_ - 1);
    const int top = std::max(first(a.second, b.second), 0), bottom = std::min(last(a.second, b.second), height_ - 1);
    for (int y = top; y <= bottom; ++y)
      for (int x = left; x <= right; ++x) {
        const double coverage = width / 2 + 0.5 - distance(x + 0.5, y + 0.5, a, b);
        if (coverage > 0) blend(x, y, colour, std::min(coverage, 1.0));
      }
  }
}

void Canvas::text(double x, double y, std::string_view text, const TextStyle& style) {
  const Glyphs glyphs = rendered(text, style.size);
  const double before = style.anchor == Anchor::left ? 0 : style.anchor == Anchor::middle ? 0.5 : 1;
  for (int row = 0; row < glyphs.height; ++row)
    for (int column = 0; column < glyphs.width; ++column) {
      const double along = column - before * glyphs.width, across = row - 0.5 * glyphs.height;
      const double opacity = glyphs.coverage[static_cast<std::size_t>(row * glyphs.width + column)];
      if (style.upright) {
        blend(static_cast<int>(std::lround(x + across)), static_cast<int>(std::lround(y - along)), style.colour,
              opacity);
      } else {
        blend(static_cast<int>(std::lround(x + along)), static_cast<int>(std::lround(y + across)), style.colour,
              opacity);
      }
    }
}

std::string Canvas::png() const {
  vtkNew<vtkImageData> image;
  image->SetDimensions(width_, height_, 1);
  image->AllocateScalars(VTK_UNSIGNED_CHAR, 3);
  copy_pixels(*this, *image);
  vtkNew<vtkPNGWriter> writer;
  writer->SetInputData(image);
  writer->WriteToMemoryOn();
  writer->Write();
  vtkUnsignedCharArray* bytes = writer->GetResult();
  if (bytes == nullptr || bytes->GetNumberOfValues() == 0) throw ResourceError("VTK could not compress a picture");
  return {reinterpret_cast<const char*>(bytes->GetPointer(0)), static_cast<std::size_t>(bytes->GetNumberOfValues())};
}

void copy_pixels(const Canvas& canvas, vtkImageData& image) {
  auto* target = static_cast<unsigned char*>(image.GetScalarPointer());
  for (int y = canvas.height() - 1; y >= 0; --y)  // VTK's rows go upwards
    for (int x = 0; x < canvas.width(); ++x) {
      const Colour colour = canvas.pixel(x, y);
      *target++ = colour.red;
      *target++ = colour.green;
      *target++ = colour.blue;
    }
  image.Modified();
}

double text_width(std::string_view text, double size) { return rendered(text, size).width; }

void write_png(const std::filesystem::path& path, const Canvas& canvas) { write_atomically(path, canvas.png()); }

std::vector<double> round_ticks(double low, double high, int count) {
  if (!(high > low) || !std::isfinite(high - low)) return {low};
  const double rough = (high - low) / std::max(count, 1), decade = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * decade;
  for (const double factor : {5.0, 2.0, 1.0})
    if (factor * decade >= rough) step = factor * decade;
  std::vector<double> ticks;
  for (auto i = static_cast<std::int64_t>(std::ceil(low / step - 1e-9)); static_cast<double>(i) <= high / step + 1e-9;
       ++i)
    ticks.push_back(static_cast<double>(i) * step);
  return ticks;
}

std::string tick_text(double value, double step) {
  if (value == 0 || std::abs(value) < 1e-9 * step) return "0";
  int digits = 3;
  if (step > 0) {
    const double ratio = std::log10(std::abs(value)) - std::log10(step);
    digits = std::clamp(static_cast<int>(std::floor(std::max(ratio, 0.0) + 1e-9)) + 2, 2, 9);
  }
  const double rounded = parse_number(format_number(value, digits)).value();
  std::array<char, 64> buffer{};
  const double size = std::abs(rounded);
  const auto style = size >= 1e-3 && size < 1e6 ? std::chars_format::fixed : std::chars_format::scientific;
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), rounded, style);
  std::string text(buffer.data(), result.ptr);
  // "1e-05" -> "1e-5", "1e+06" -> "1e6"
  const auto exponent = text.find('e');
  if (exponent == std::string::npos) return text;
  const std::string sign = text[exponent + 1] == '-' ? "-" : "";
  std::string number = text.substr(exponent + 2);
  number.erase(0, std::min(number.find_first_not_of('0'), number.size() - 1));
  return text.substr(0, exponent + 1) + sign + number;
}

}  // namespace eddyline
