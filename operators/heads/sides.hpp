#pragma once
// What the heads know of the grid: its sides, the volumes of its cells, the channels that are densities.

#include <map>
#include <string>
#include <vector>

#include "core/training/head.hpp"

namespace eddyline::heads {

/// What can leave through a side.
enum class Side { periodic, closed, open };

/// Low and high side of every axis, x first.
using Sides = std::vector<std::pair<Side, Side>>;

/// Of the case's boundaries: walls are closed, inflow, outflow and prescribed sides open.
/// @param named  what a config says instead, patch -> "periodic", "closed" or "open".
/// @throws ConfigError when neither says it, a patch is unknown, or only one side of an axis is periodic.
[[nodiscard]] Sides sides_of(const HeadContext& context, const std::map<std::string, std::string>& named);

/// Rule and help of that entry of a config.
void visit_boundaries(FieldVisitor& visit, std::map<std::string, std::string>& named);

/// Positions of the named channels; when there are none, of all densities (mass, depth).
/// @throws ConfigError naming the nearest channel, or when no channel is a density.
[[nodiscard]] std::vector<std::int64_t> chosen_channels(const HeadContext& context,
                                                        const std::vector<std::string>& names);

/// Cell volumes, double, cell shape.
[[nodiscard]] at::Tensor volumes_of(const Grid& grid);

/// The tensor axis of a grid axis (0 is x, the last one).
[[nodiscard]] constexpr std::int64_t tensor_axis(int axis) { return -1 - axis; }

/// @throws ShapeError when the axes of space of `frames` are not those of the grid.
void check_grid(const torch::Tensor& frames, const Grid& grid);

}  // namespace eddyline::heads
