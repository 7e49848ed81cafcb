#pragma once
// Solid bodies as signed distance functions.

#include <array>
#include <vector>

#include "core/config/config.hpp"

namespace eddyline {

using Point = std::array<double, 3>;

/// A solid body in the flow, as a config gives it.
struct ObstacleConfig final : Config {
  std::string shape = "circle";
  std::vector<double> center = {0, 0};
  double radius = 0.5;                // circle
  std::vector<double> size = {1, 1};  // rectangle: full widths
  double angle = 0;                   // rectangle: degrees, counter-clockwise
  std::vector<double> polygon;        // x0, y0, x1, y1, ... counter-clockwise
  void fields(FieldVisitor& visit) override;
  void check(ConfigProblems& problems) const override;

  /// Distance to the surface: positive in the fluid, negative inside the body. Exact for circles, rectangles, polygons.
  [[nodiscard]] double signed_distance(const Point& point) const;
  /// Largest extent across the flow: the reference length D of a circle is its diameter.
  [[nodiscard]] double diameter() const;
};

/// Distance to the nearest of the bodies; +infinity when there are none.
[[nodiscard]] double signed_distance(const std::vector<ObstacleConfig>& bodies, const Point& point);

}  // namespace eddyline
