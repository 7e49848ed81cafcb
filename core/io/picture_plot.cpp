#include "core/io/picture_plot.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"
#include "core/io/atomic_file.hpp"

namespace eddyline {
namespace {

constexpr Colour ink = {40, 40, 40}, faint = {226, 226, 226};

/// From values to a place in [0, 1] along an axis.
struct Axis {
  bool logarithmic = false, bounded = false;
  double low = 0, high = 1;  // in log10 when logarithmic
  std::vector<std::pair<double, std::string>> ticks;

  [[nodiscard]] bool shows(double value) const { return std::isfinite(value) && (!logarithmic || value > 0); }
  [[nodiscard]] double place(double value) const {
    const double place = ((logarithmic ? std::log10(value) : value) - low) / (high - low);
    return bounded ? std::clamp(place, 0.0, 1.0) : place;
  }
};

void add_log_ticks(Axis& axis) {
  const double decades = axis.high - axis.low;
  const int every = std::max(1, static_cast<int>(std::ceil(decades / 8)));
  for (int power = static_cast<int>(std::floor(axis.low)); power <= axis.high + 1e-9; ++power) {
    for (const double factor : {1.0, 2.0, 5.0}) {
      const double value = factor * std::pow(10, power), place = std::log10(value);
      if (place < axis.low - 1e-9 || place > axis.high + 1e-9) continue;
      if (factor == 1.0 ? power % every == 0 : decades < 2.5) axis.ticks.emplace_back(value, tick_text(value, value));
    }
  }
}

Axis axis_of(const std::vector<Curve>& curves, bool horizontal, bool logarithmic,
             const std::optional<std::pair<double, double>>& range = {}) {
  Axis axis;
  axis.logarithmic = logarithmic;
  axis.bounded = range.has_value();
  double low = std::numeric_limits<double>::infinity(), high = -low;
  for (const Curve& curve : curves)
    for (const double value : horizontal ? curve.x : curve.y) {
      if (!axis.shows(value)) continue;
      low = std::min(low, logarithmic ? std::log10(value) : value);
      high = std::max(high, logarithmic ? std::log10(value) : value);
    }
  if (!(low <= high)) {
    low = 0;
    high = 1;
  }
  if (range) {
    low = logarithmic ? std::log10(range->first) : range->first;
    high = logarithmic ? std::log10(range->second) : range->second;
  }
  if (high - low <= 1e-12 * std::max(std::abs(low), std::abs(high))) {
    const double around = logarithmic ? 0.5 : std::max(0.5 * std::abs(low), 0.5);
    low -= around;
    high += around;
  }
  const double margin = horizontal || range ? 0 : 0.05 * (high - low);
  axis.low = low - margin;
  axis.high = high + margin;
  if (logarithmic) {
    add_log_ticks(axis);
  } else {
    const auto ticks = round_ticks(axis.low, axis.high, horizontal ? 8 : 6);
    const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : 0;
    for (const double value : ticks) axis.ticks.emplace_back(value, tick_text(value, step));
  }
  return axis;
}

/// The curve's visible pieces in pixels. Long curves keep the first, lowest, highest and last point of each column.
std::vector<std::vector<std::pair<double, double>>> pieces(const Curve& curve, const Axis& x, const Axis& y,
                                                           double left, double top, double width, double height) {
  std::vector<std::vector<std::pair<double, double>>> out(1);
  for (std::size_t i = 0; i < curve.x.size(); ++i) {
    if (!x.shows(curve.x[i]) || !y.shows(curve.y[i])) {
      if (!out.back().empty()) out.emplace_back();
      continue;
    }
    out.back().emplace_back(left + width * x.place(curve.x[i]), top + height * (1 - y.place(curve.y[i])));
  }
  for (auto& piece : out) {
    if (piece.size() < 8 * static_cast<std::size_t>(width)) continue;
    std::vector<std::pair<double, double>> kept;
    for (std::size_t begin = 0; begin < piece.size();) {
      std::size_t end = begin, low = begin, high = begin;
      for (; end < piece.size() && std::floor(piece[end].first) == std::floor(piece[begin].first); ++end) {
        if (piece[end].second < piece[low].second) low = end;
        if (piece[end].second > piece[high].second) high = end;
      }
      for (const std::size_t i : {begin, std::min(low, high), std::max(low, high), end - 1}) kept.push_back(piece[i]);
      begin = end;
    }
    piece = std::move(kept);
  }
  return out;
}

void draw(Drawing& drawing, const LinePlot& plot) {
  for (const Curve& curve : plot.curves)
    if (curve.x.size() != curve.y.size())
      throw ShapeError("curve '" + printable(curve.label) + "' has " + std::to_string(curve.x.size()) +
                       " x values and " + std::to_string(curve.y.size()) + " y values");
  if (plot.y_range && !(plot.y_range->first < plot.y_range->second && (!plot.log_y || plot.y_range->first > 0)))
    throw ConfigError("the range of an axis rises" + std::string(plot.log_y ? " from above zero" : "") + ", not " +
                      format_number(plot.y_range->first) + " to " + format_number(plot.y_range->second));
  const Axis x = axis_of(plot.curves, true, plot.log_x), y = axis_of(plot.curves, false, plot.log_y, plot.y_range);
  const bool legend = plot.curves.size() > 1;
  double legend_width = 0, tick_width = 0;
  if (legend)
    for (const Curve& curve : plot.curves) legend_width = std::max(legend_width, text_width(curve.label, 14) + 52);
  for (const auto& [value, label] : y.ticks) tick_width = std::max(tick_width, text_width(label, 13));

  const double left = 48 + tick_width, top = plot.title.empty() ? 20 : 50;
  const double width = plot.width - left - 24 - legend_width, height = plot.height - top - 58;
  for (const auto& [value, label] : y.ticks) {
    const double place = top + height * (1 - y.place(value));
    drawing.polyline({{left, place}, {left + width, place}}, 1, faint);
    drawing.text(left - 9, place, label, {13, ink, Anchor::right});
  }
  for (const auto& [value, label] : x.ticks) {
    const double place = left + width * x.place(value);
    drawing.polyline({{place, top}, {place, top + height}}, 1, faint);
    drawing.text(place, top + height + 15, label, {13, ink, Anchor::middle});
  }
  for (std::size_t c = 0; c < plot.curves.size(); ++c)
    for (const auto& piece : pieces(plot.curves[c], x, y, left, top, width, height)) {
      if (piece.size() == 1)  // a lone point still shows
        drawing.rectangle(piece[0].first - 2, piece[0].second - 2, 4, 4, curve_colour(c));
      else
        drawing.polyline(piece, 2, curve_colour(c));
    }
  drawing.polyline({{left, top}, {left, top + height}, {left + width, top + height}}, 1.2, ink);
  drawing.text(left + width / 2, top + height + 38, plot.x_label, {14, ink, Anchor::middle});
  drawing.text(18, top + height / 2, plot.y_label, {14, ink, Anchor::middle, true});
  drawing.text(left + width / 2, 25, plot.title, {18, ink, Anchor::middle});
  if (!legend) return;
  for (std::size_t c = 0; c < plot.curves.size(); ++c) {
    const double place = top + 12 + 22 * static_cast<double>(c), start = left + width + 16;
    drawing.polyline({{start, place}, {start + 24, place}}, 3, curve_colour(c));
    drawing.text(start + 32, place, plot.curves[c].label, {14, ink});
  }
}

}  // namespace

Canvas draw_plot(const LinePlot& plot) {
  Canvas canvas(plot.width, plot.height);
  draw(canvas, plot);
  return canvas;
}

std::string svg_plot(const LinePlot& plot) {
  SvgDrawing drawing(plot.width, plot.height);
  draw(drawing, plot);
  return drawing.svg();
}

void write_plot(const std::filesystem::path& path, const LinePlot& plot) {
  write_png(path.string() + ".png", draw_plot(plot));
  write_atomically(path.string() + ".svg", svg_plot(plot));
}

}  // namespace eddyline
