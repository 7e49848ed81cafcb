#include "core/io/picture_fields.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/field/derived.hpp"

namespace eddyline {
namespace {

constexpr Colour ink = {40, 40, 40}, nothing = {225, 225, 225};

/// Where a coordinate lies between two cell centres (or in which cell).
struct Sample {
  std::int64_t low = 0, high = 0;
  double weight = 0;  // of `high`
};

std::vector<Sample> samples_along(const Grid& grid, int axis, int count, bool smooth) {
  const auto centers = grid.centers(axis);
  const auto& nodes = grid.nodes(axis);
  const auto last = static_cast<std::int64_t>(centers.size()) - 1;
  std::vector<Sample> out;
  for (int i = 0; i < count; ++i) {
    const double place = grid.low(axis) + (grid.high(axis) - grid.low(axis)) * (i + 0.5) / count;
    if (!smooth) {
      const auto above = std::upper_bound(nodes.begin(), nodes.end(), place) - nodes.begin() - 1;
      const std::int64_t cell = std::clamp<std::int64_t>(above, 0, last);
      out.push_back({cell, cell, 0});
      continue;
    }
    const auto above = std::upper_bound(centers.begin(), centers.end(), place) - centers.begin();
    const std::int64_t high = std::clamp<std::int64_t>(above, 0, last),
                       low = std::clamp<std::int64_t>(above - 1, 0, last);
    const double gap = centers[static_cast<std::size_t>(high)] - centers[static_cast<std::size_t>(low)];
    out.push_back({low, high, gap > 0 ? (place - centers[static_cast<std::size_t>(low)]) / gap : 0});
  }
  return out;
}

/// Everything that the panels of one picture share.
struct PanelGeometry {
  int width = 0, height = 0, oversampling = 1;
  std::vector<Sample> x, y;           // oversampled; y from above
  std::vector<double> body_coverage;  // [height][width]; empty without bodies
  std::vector<bool> fluid;            // per cell
};

/// How much of each pixel a mask's solid cells cover: the contour at one half between fluid and solid cell centres.
std::vector<double> mask_coverage(const FieldPicture& picture, const std::vector<bool>& fluid, int width, int height) {
  const Grid& grid = *picture.grid;
  const auto x = samples_along(grid, 0, width, picture.smooth);
  auto y = samples_along(grid, 1, height, picture.smooth);
  std::reverse(y.begin(), y.end());
  const auto columns = static_cast<std::size_t>(grid.cells(0));
  const auto solid = [&](std::int64_t row, std::int64_t column) {
    return fluid[static_cast<std::size_t>(row) * columns + static_cast<std::size_t>(column)] ? 0.0 : 1.0;
  };
  const double pixels_per_cell = std::max({static_cast<double>(width) / static_cast<double>(grid.cells(0)),
                                           static_cast<double>(height) / static_cast<double>(grid.cells(1)), 1.0});
  std::vector<double> coverage;
  for (const Sample& v : y)
    for (const Sample& u : x) {
      const double share = (1 - v.weight) * ((1 - u.weight) * solid(v.low, u.low) + u.weight * solid(v.low, u.high)) +
                           v.weight * ((1 - u.weight) * solid(v.high, u.low) + u.weight * solid(v.high, u.high));
      coverage.push_back(std::clamp(0.5 + (share - 0.5) * pixels_per_cell, 0.0, 1.0));
    }
  return coverage;
}

PanelGeometry panel_geometry(const FieldPicture& picture, int width, int height) {
  const Grid& grid = *picture.grid;
  PanelGeometry geometry;
  geometry.width = width;
  geometry.height = height;
  const double cells_per_pixel =
      std::max(static_cast<double>(grid.cells(0)) / width, static_cast<double>(grid.cells(1)) / height);
  geometry.oversampling = std::clamp(static_cast<int>(std::ceil(cells_per_pixel)), 1, 8);
  geometry.x = samples_along(grid, 0, width * geometry.oversampling, picture.smooth);
  geometry.y = samples_along(grid, 1, height * geometry.oversampling, picture.smooth);
  std::reverse(geometry.y.begin(), geometry.y.end());
  at::Tensor mask = fluid_mask(grid, picture.bodies);
  if (picture.fluid.defined()) mask = mask.logical_and(picture.fluid);
  mask = mask.contiguous();
  const bool* cells = mask.const_data_ptr<bool>();
  geometry.fluid.assign(cells, cells + mask.numel());
  if (picture.bodies.empty()) {
    if (picture.fluid.defined()) geometry.body_coverage = mask_coverage(picture, geometry.fluid, width, height);
    return geometry;
  }
  const double pixel = (grid.high(0) - grid.low(0)) / width;
  for (int j = 0; j < height; ++j)
    for (int i = 0; i < width; ++i) {
      const double x = grid.low(0) + (i + 0.5) * pixel;
      const double y = grid.high(1) - (grid.high(1) - grid.low(1)) * (j + 0.5) / height;
      geometry.body_coverage.push_back(std::clamp(0.5 - signed_distance(picture.bodies, {x, y, 0}) / pixel, 0.0, 1.0));
    }
  return geometry;
}

/// Bilinear over the fluid cells among the four neighbours; nothing where there is no finite one.
std::optional<double> value_at(const double* values, std::int64_t columns, const std::vector<bool>& fluid,
                               const Sample& x, const Sample& y) {
  double sum = 0, weights = 0;
  const auto take = [&](std::int64_t row, std::int64_t column, double weight) {
    const std::int64_t cell = row * columns + column;
    if (weight <= 0 || !fluid[static_cast<std::size_t>(cell)] || !std::isfinite(values[cell])) return;
    sum += weight * values[cell];
    weights += weight;
  };
  take(y.low, x.low, (1 - y.weight) * (1 - x.weight));
  take(y.low, x.high, (1 - y.weight) * x.weight);
  take(y.high, x.low, y.weight * (1 - x.weight));
  take(y.high, x.high, y.weight * x.weight);
  if (weights <= 0) return std::nullopt;
  return sum / weights;
}

void draw_panel(Canvas& canvas, int left, int top, const at::Tensor& field, const ColourScale& scale,
                const PanelGeometry& geometry) {
  const at::Tensor values = field.detach().to(at::kCPU, at::kDouble).contiguous();
  const double* data = values.const_data_ptr<double>();
  const std::int64_t columns = values.size(1);
  const int times = geometry.oversampling;
  for (int j = 0; j < geometry.height; ++j)
    for (int i = 0; i < geometry.width; ++i) {
      double sum = 0;
      int count = 0;
      for (int b = 0; b < times; ++b)
        for (int a = 0; a < times; ++a) {
          const auto value =
              value_at(data, columns, geometry.fluid, geometry.x[static_cast<std::size_t>(i * times + a)],
                       geometry.y[static_cast<std::size_t>(j * times + b)]);
          if (!value) continue;
          sum += *value;
          ++count;
        }
      const Colour colour =
          count > 0 ? colour_at(scale.map, (sum / count - scale.low) / (scale.high - scale.low)) : nothing;
      canvas.blend(left + i, top + j, colour);
      if (!geometry.body_coverage.empty())
        canvas.blend(left + i, top + j, body_colour,
                     geometry.body_coverage[static_cast<std::size_t>(j) * static_cast<std::size_t>(geometry.width) +
                                            static_cast<std::size_t>(i)]);
    }
}

void frame_around(Canvas& canvas, int left, int top, int width, int height) {
  canvas.rectangle(left - 1, top - 1, width + 2, 1, ink);
  canvas.rectangle(left - 1, top + height, width + 2, 1, ink);
  canvas.rectangle(left - 1, top, 1, height, ink);
  canvas.rectangle(left + width, top, 1, height, ink);
}

/// An arrow head at the end of a colour bar: values go on beyond it.
void arrow_head(Canvas& canvas, int left, int end, int width, int direction, Colour colour) {
  const int height = width / 2;
  for (int k = 0; k < height; ++k) {
    const int inset = k * width / (2 * height);
    canvas.rectangle(left + inset, end + direction * (k + 3) - (direction < 0 ? 1 : 0), width - 2 * inset, 1, colour);
  }
}

void draw_bar(Canvas& canvas, int left, int top, int height, const ColourScale& scale) {
  constexpr int width = 14;
  for (int j = 0; j < height; ++j)
    canvas.rectangle(left, top + j, width, 1, colour_at(scale.map, 1 - (j + 0.5) / height));
  frame_around(canvas, left, top, width, height);
  if (scale.clipped_above) arrow_head(canvas, left, top, width, -1, colour_at(scale.map, 1));
  if (scale.clipped_below) arrow_head(canvas, left, top + height, width, 1, colour_at(scale.map, 0));
  const auto ticks = round_ticks(scale.low, scale.high, std::clamp(height / 40, 2, 8));
  const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : 0;
  double widest = 0;
  for (const double value : ticks) {
    widest = std::max(widest, text_width(tick_text(value, step), 12));
    const double place = top + height * (1 - (value - scale.low) / (scale.high - scale.low));
    canvas.rectangle(left + width, std::min(place, top + height - 1.0), 4, 1, ink);
    canvas.text(left + width + 8, place, tick_text(value, step), {12, ink});
  }
  canvas.text(left + width + 30 + widest, top + height / 2.0, scale.label, {13, ink, Anchor::middle, true});
}

void draw_ticks(Canvas& canvas, const Grid& grid, int axis, int left, int top, int width, int height) {
  const int length = axis == 0 ? width : height;
  const auto ticks = round_ticks(grid.low(axis), grid.high(axis), std::clamp(length / 35, 2, 8));
  const double step = ticks.size() > 1 ? ticks[1] - ticks[0] : 0;
  for (const double value : ticks) {
    const double fraction = (value - grid.low(axis)) / (grid.high(axis) - grid.low(axis));
    if (axis == 0) {
      const double x = left + fraction * width;
      canvas.rectangle(x, top + height + 1, 1, 4, ink);
      canvas.text(x, top + height + 13, tick_text(value, step), {11, ink, Anchor::middle});
    } else {
      const double y = top + (1 - fraction) * height;
      canvas.rectangle(left - 5, y, 4, 1, ink);
      canvas.text(left - 9, y, tick_text(value, step), {11, ink, Anchor::right});
    }
  }
}

void check(const FieldPicture& picture) {
  if (picture.grid == nullptr || picture.grid->dimension() != 2)
    throw ShapeError("pictures show two-dimensional fields; cut a plane out of other fields first");
  if (picture.rows.empty() || picture.rows[0].fields.empty()) throw ShapeError("a picture needs at least one field");
  const auto shape = picture.grid->cell_shape();
  if (picture.fluid.defined() && picture.fluid.sizes() != at::IntArrayRef(shape))
    throw ShapeError("the mask of a picture does not have the grid's " + std::to_string(shape[0]) + " x " +
                     std::to_string(shape[1]) + " cells");
  for (const PanelRow& row : picture.rows)
    for (const at::Tensor& field : row.fields)
      if (field.sizes() != at::IntArrayRef(shape))
        throw ShapeError("a field of the row '" + printable(row.label) + "' does not have the grid's " +
                         std::to_string(shape[0]) + " x " + std::to_string(shape[1]) + " cells");
}

}  // namespace

ColourScale shared_scale(const std::vector<at::Tensor>& fields, const at::Tensor& fluid, ColourMap map,
                         const std::string& label, double kept) {
  std::vector<double> values;
  for (const at::Tensor& field : fields) {
    at::Tensor flat = field.detach().to(at::kCPU, at::kDouble);
    flat = fluid.defined() ? flat.masked_select(fluid) : flat.flatten();
    flat = flat.masked_select(at::isfinite(flat)).contiguous();
    values.insert(values.end(), flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel());
  }
  ColourScale scale{map, 0, 1, label, false, false};
  if (values.empty()) return scale;
  if (map == ColourMap::diverging)
    for (double& value : values) value = std::abs(value);
  std::sort(values.begin(), values.end());
  const auto at_fraction = [&](double fraction) {
    return values[static_cast<std::size_t>(std::lround(fraction * static_cast<double>(values.size() - 1)))];
  };
  scale.high = at_fraction(kept);
  scale.low = map == ColourMap::diverging ? -scale.high : at_fraction(1 - kept);
  scale.clipped_above = values.back() > scale.high;
  scale.clipped_below = map == ColourMap::diverging ? scale.clipped_above : values.front() < scale.low;
  if (!(scale.high > scale.low)) {  // a constant field still needs a scale of some width
    const double around = scale.high != 0 ? 0.5 * std::abs(scale.high) : 1;
    scale.low -= around;
    scale.high += around;
  }
  return scale;
}

Canvas draw_fields(const FieldPicture& picture) {
  check(picture);
  const Grid& grid = *picture.grid;
  const int rows = static_cast<int>(picture.rows.size());
  int columns = 0;
  for (const PanelRow& row : picture.rows) columns = std::max(columns, static_cast<int>(row.fields.size()));
  const double length = grid.high(0) - grid.low(0), height = grid.high(1) - grid.low(1);
  const double room = picture.width > 0 ? std::max(picture.width - 200, 120) : columns == 1 ? 860 : 1320;
  // Pixels per length: the width is shared by the columns; tall domains are bound by a height instead.
  const double pixels = std::min(room / columns / length, (rows == 1 ? 640.0 : std::max(900.0 / rows, 140.0)) / height);
  const int panel_width = std::max(static_cast<int>(std::lround(pixels * length)), 8);
  const int panel_height = std::max(static_cast<int>(std::lround(pixels * height)), 8);

  const bool labels =
      std::any_of(picture.rows.begin(), picture.rows.end(), [](const auto& row) { return !row.label.empty(); });
  const bool titles =
      std::any_of(picture.rows.begin(), picture.rows.end(), [](const auto& row) { return !row.titles.empty(); });
  constexpr int gap = 20, bar_room = 122;
  const int row_gap = titles ? 40 : 30;
  const int left = (labels ? 34 : 12) + 50;
  const int top = (picture.title.empty() ? 14 : 44) + (picture.columns.empty() && !titles ? 0 : 22);
  Canvas canvas(left + columns * panel_width + (columns - 1) * gap + bar_room,
                top + rows * panel_height + (rows - 1) * row_gap + 52);
  const double middle = left + (columns * panel_width + (columns - 1) * gap) / 2.0;
  canvas.text(middle, 23, picture.title, {18, ink, Anchor::middle});
  const PanelGeometry geometry = panel_geometry(picture, panel_width, panel_height);
  for (int r = 0; r < rows; ++r) {
    const PanelRow& row = picture.rows[static_cast<std::size_t>(r)];
    const int y = top + r * (panel_height + row_gap);
    for (int c = 0; c < static_cast<int>(row.fields.size()); ++c) {
      const int x = left + c * (panel_width + gap);
      draw_panel(canvas, x, y, row.fields[static_cast<std::size_t>(c)], row.scale, geometry);
      frame_around(canvas, x, y, panel_width, panel_height);
      if (r == 0 && c < static_cast<int>(picture.columns.size()))
        canvas.text(x + panel_width / 2.0, top - 14, picture.columns[static_cast<std::size_t>(c)],
                    {14, ink, Anchor::middle});
      if (c < static_cast<int>(row.titles.size()))
        canvas.text(x + panel_width / 2.0, y - 14, row.titles[static_cast<std::size_t>(c)], {14, ink, Anchor::middle});
      const bool lowest =
          r == rows - 1 || c >= static_cast<int>(picture.rows[static_cast<std::size_t>(r) + 1].fields.size());
      if (lowest) draw_ticks(canvas, grid, 0, x, y, panel_width, panel_height);
    }
    draw_ticks(canvas, grid, 1, left, y, panel_width, panel_height);
    canvas.text(16, y + panel_height / 2.0, row.label, {15, ink, Anchor::middle, true});
    if (picture.one_bar && r > 0) continue;
    const int bar_height = picture.one_bar ? rows * panel_height + (rows - 1) * row_gap : panel_height;
    draw_bar(canvas, left + columns * panel_width + (columns - 1) * gap + 16, y, bar_height, row.scale);
  }
  const std::string unit = picture.length_unit == "1" ? "" : " [" + picture.length_unit + "]";
  canvas.text(middle, canvas.height() - 16, "x" + unit, {13, ink, Anchor::middle});
  canvas.text(labels ? 38 : 14, top + panel_height / 2.0, "y" + unit, {13, ink, Anchor::middle, true});
  return canvas;
}

}  // namespace eddyline
