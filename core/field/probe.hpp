#pragma once
// Values of cell fields at points.

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "core/field/state.hpp"

namespace eddyline {

/// Multilinear interpolation of cell-centre values to one point; constant beyond the outermost centres.
class PointSampler {
 public:
  /// @throws ConfigError when the point lies outside the grid.
  PointSampler(const Grid& grid, const Point& point);
  /// @param field  of the grid's cells, contiguous.
  [[nodiscard]] double operator()(const double* field) const;

 private:
  std::vector<std::pair<std::int64_t, double>> corners_;  // offset in the flattened field, weight
};

/// One channel of a grid state at a point.
/// @throws ConfigError when the point lies outside the grid, ShapeError when the channel is missing.
[[nodiscard]] double probe_value(const State& state, const std::string& channel, const Point& point);

}  // namespace eddyline
