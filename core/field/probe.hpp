#pragma once
// Values of cell fields at points.

#include <string>

#include "core/field/state.hpp"

namespace eddyline {

/// Multilinear interpolation of a cell field of a grid state between the nearest centres.
/// @throws ConfigError when the point lies outside the grid, ShapeError when the channel is missing.
[[nodiscard]] double probe_value(const State& state, const std::string& channel, const Point& point);

}  // namespace eddyline
