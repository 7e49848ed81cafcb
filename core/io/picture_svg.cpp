#include "core/base/numbers.hpp"
#include "core/io/picture.hpp"
#include "core/io/safe_name.hpp"

namespace eddyline {
namespace {

std::string hexadecimal(Colour colour) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string text = "#";
  for (const std::uint8_t part : {colour.red, colour.green, colour.blue}) {
    text += digits[part >> 4];
    text += digits[part & 15];
  }
  return text;
}

/// A tenth of a pixel is enough.
std::string place(double value) {
  const double tenths = static_cast<double>(static_cast<std::int64_t>(value * 10 + (value < 0 ? -0.5 : 0.5)));
  return format_number(tenths / 10);
}

}  // namespace

SvgDrawing::SvgDrawing(int width, int height) : width_(width), height_(height) {
  rectangle(0, 0, width, height, {255, 255, 255});
}

void SvgDrawing::rectangle(double x, double y, double width, double height, Colour colour) {
  body_ += "<rect x=\"" + place(x) + "\" y=\"" + place(y) + "\" width=\"" + place(width) + "\" height=\"" +
           place(height) + "\" fill=\"" + hexadecimal(colour) + "\"/>\n";
}

void SvgDrawing::polyline(const std::vector<std::pair<double, double>>& points, double width, Colour colour) {
  body_ += "<polyline fill=\"none\" stroke-linejoin=\"round\" stroke=\"" + hexadecimal(colour) + "\" stroke-width=\"" +
           place(width) + "\" points=\"";
  for (const auto& [x, y] : points) body_ += place(x) + "," + place(y) + " ";
  body_ += "\"/>\n";
}

void SvgDrawing::text(double x, double y, std::string_view text, const TextStyle& style) {
  const std::string anchor = style.anchor == Anchor::left ? "start" : style.anchor == Anchor::middle ? "middle" : "end";
  body_ += "<text x=\"" + place(x) + "\" y=\"" + place(y) + "\" dy=\"0.35em\" font-size=\"" + place(style.size) +
           "\" fill=\"" + hexadecimal(style.colour) + "\" text-anchor=\"" + anchor + "\"" +
           (style.upright ? " transform=\"rotate(-90 " + place(x) + " " + place(y) + ")\"" : "") + ">" +
           xml_escaped(text) + "</text>\n";
}

std::string SvgDrawing::svg() const {
  const std::string width = std::to_string(width_), height = std::to_string(height_);
  return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + width + "\" height=\"" + height + "\" viewBox=\"0 0 " +
         width + " " + height + "\" font-family=\"Helvetica, Arial, sans-serif\">\n" + body_ + "</svg>\n";
}

}  // namespace eddyline
