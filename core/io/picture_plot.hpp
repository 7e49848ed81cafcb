#pragma once
// Line plots: errors over lead time, losses, force coefficients.

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/io/picture.hpp"

namespace eddyline {

/// Points that are not finite, or not positive on a logarithmic axis, leave a gap.
struct Curve {
  std::string label;
  std::vector<double> x, y;  // same length
};

struct LinePlot {
  std::string title, x_label, y_label;  // with units: "lift coefficient [1]"
  std::vector<Curve> curves;
  bool log_x = false, log_y = false;
  std::optional<std::pair<double, double>> y_range;  // fixed; what lies outside runs along the edge
  int width = 900, height = 480;                     // pixels
};

/// Axes with round ticks, a grid, the curves, and a legend beside them when there is more than one label.
/// @throws ShapeError when x and y of a curve differ in length.
[[nodiscard]] Canvas draw_plot(const LinePlot& plot);
[[nodiscard]] std::string svg_plot(const LinePlot& plot);

/// PATH.png and PATH.svg (PATH without extension). @throws IoError; ShapeError.
void write_plot(const std::filesystem::path& path, const LinePlot& plot);

}  // namespace eddyline
