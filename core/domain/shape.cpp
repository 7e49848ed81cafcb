#include "core/domain/shape.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace eddyline {
namespace {

double rectangle_distance(double x, double y, double half_x, double half_y) {
  const double dx = std::abs(x) - half_x, dy = std::abs(y) - half_y;
  return std::hypot(std::max(dx, 0.0), std::max(dy, 0.0)) + std::min(std::max(dx, dy), 0.0);
}

double polygon_distance(const std::vector<double>& corners, double x, double y) {
  const std::size_t count = corners.size() / 2;
  double nearest = std::numeric_limits<double>::infinity();
  bool inside = false;
  for (std::size_t i = 0, j = count - 1; i < count; j = i++) {
    const double ax = corners[2 * j], ay = corners[2 * j + 1], bx = corners[2 * i], by = corners[2 * i + 1];
    const double ex = bx - ax, ey = by - ay;
    const double along = std::clamp(((x - ax) * ex + (y - ay) * ey) / (ex * ex + ey * ey), 0.0, 1.0);
    nearest = std::min(nearest, std::hypot(x - ax - along * ex, y - ay - along * ey));
    if ((ay > y) != (by > y) && x < ax + (y - ay) / (by - ay) * (bx - ax)) inside = !inside;
  }
  return inside ? -nearest : nearest;
}

}  // namespace

void ObstacleConfig::fields(FieldVisitor& visit) {
  visit("shape", shape, rule::one_of({"circle", "rectangle", "polygon"}), "form of the body");
  visit("center", center, rule::any().unit("length"), "centre (circle, rectangle)");
  visit("radius", radius, rule::positive().unit("length"), "radius of a circle");
  visit("size", size, rule::positive().unit("length"), "full widths of a rectangle along x and y");
  visit("angle", angle, rule::any().unit("degree"), "rotation of a rectangle, counter-clockwise");
  visit("polygon", polygon, rule::any().unit("length"), "corners x0, y0, x1, y1, ...");
}

void ObstacleConfig::check(ConfigProblems& problems) const {
  if (center.size() != 2)
    problems.add("center", "expected two coordinates [x, y], got " + std::to_string(center.size()));
  if (size.size() != 2) problems.add("size", "expected two widths [x, y], got " + std::to_string(size.size()));
  if (shape == "polygon" && (polygon.size() < 6 || polygon.size() % 2 != 0))
    problems.add("polygon", "expected at least three corners as x0, y0, x1, y1, ...");
}

double ObstacleConfig::signed_distance(const Point& point) const {
  if (shape == "polygon") return polygon_distance(polygon, point[0], point[1]);
  const double x = point[0] - center[0], y = point[1] - center[1];
  if (shape == "circle") return std::hypot(x, y) - radius;
  const double turn = angle * std::numbers::pi / 180;
  return rectangle_distance(std::cos(turn) * x + std::sin(turn) * y, -std::sin(turn) * x + std::cos(turn) * y,
                            0.5 * size[0], 0.5 * size[1]);
}

double ObstacleConfig::diameter() const {
  if (shape == "circle") return 2 * radius;
  if (shape == "rectangle") return size[1];
  double low = polygon[1], high = polygon[1];
  for (std::size_t i = 1; i < polygon.size(); i += 2) {
    low = std::min(low, polygon[i]);
    high = std::max(high, polygon[i]);
  }
  return high - low;
}

double signed_distance(const std::vector<ObstacleConfig>& bodies, const Point& point) {
  double nearest = std::numeric_limits<double>::infinity();
  for (const auto& body : bodies) nearest = std::min(nearest, body.signed_distance(point));
  return nearest;
}

}  // namespace eddyline
