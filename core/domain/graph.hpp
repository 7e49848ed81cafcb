#pragma once
// Graphs on points, grids and meshes as neighbour lists whose order depends on nothing but the input.

#include <array>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

namespace eddyline {

/// Directed edges grouped by target: the sources of node i are sources[offsets[i]] .. sources[offsets[i + 1] - 1],
/// in increasing order.
struct Graph {
  std::vector<std::int64_t> offsets = {0};  // [N + 1]
  std::vector<std::int64_t> sources;        // [E]
  [[nodiscard]] std::int64_t nodes() const { return static_cast<std::int64_t>(offsets.size()) - 1; }
  [[nodiscard]] std::int64_t edges() const { return static_cast<std::int64_t>(sources.size()); }
  [[nodiscard]] std::int64_t degree(std::int64_t node) const;
  [[nodiscard]] bool operator==(const Graph&) const = default;
};

/// Points in one to three dimensions.
struct PointSet {
  int dimension = 1;
  std::vector<double> coordinates;  // [N * dimension], point by point
  std::vector<double> periods;      // of each axis; 0 where it is not periodic; empty: nowhere
  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(coordinates.size()) / dimension; }
};

/// Edges from every point within `radius` (end included), distances across periodic ends. No self loops.
/// @param max_neighbours  keeps the nearest so many of each point, equal distances by number; 0: all.
/// @throws DataError when there is no point or a coordinate is not finite; ConfigError when the radius is not positive
/// or exceeds half a period.
[[nodiscard]] Graph radius_graph(const PointSet& points, double radius, std::int64_t max_neighbours = 0);

/// Edges to every point from its `neighbours` nearest others, equal distances by number.
/// @throws DataError as radius_graph; ConfigError when there are not that many other points.
[[nodiscard]] Graph nearest_graph(const PointSet& points, std::int64_t neighbours);

/// Directed edges given as (source, target), in any order; duplicates count once.
/// @throws DataError naming the first edge whose node does not exist.
[[nodiscard]] Graph graph_from_edges(std::int64_t nodes, std::span<const std::pair<std::int64_t, std::int64_t>> edges);

/// Edges of a cell as pairs of its local nodes.
using CellEdges = std::span<const std::array<int, 2>>;
inline constexpr std::array<std::array<int, 2>, 1> line_edges = {{{0, 1}}};
inline constexpr std::array<std::array<int, 2>, 3> triangle_edges = {{{0, 1}, {1, 2}, {2, 0}}};
inline constexpr std::array<std::array<int, 2>, 4> quadrilateral_edges = {{{0, 1}, {1, 2}, {2, 3}, {3, 0}}};
inline constexpr std::array<std::array<int, 2>, 6> tetrahedron_edges = {
    {{0, 1}, {0, 2}, {0, 3}, {1, 2}, {1, 3}, {2, 3}}};

/// Edges of a mesh of equal cells, both ways.
/// @param cells  node numbers, cell by cell. @throws DataError naming the cell whose node does not exist.
[[nodiscard]] Graph mesh_graph(std::int64_t nodes, std::span<const std::int64_t> cells, int nodes_per_cell,
                               CellEdges edges);

/// Graphs side by side; nodes are numbered on.
[[nodiscard]] Graph merged(std::span<const Graph> graphs);

}  // namespace eddyline
