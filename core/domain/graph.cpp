#include "core/domain/graph.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"

namespace eddyline {
namespace {

struct Neighbour {
  double squared_distance;
  std::int64_t node;
  [[nodiscard]] bool operator<(const Neighbour& other) const {
    return squared_distance < other.squared_distance ||
           (squared_distance == other.squared_distance && node < other.node);
  }
};

/// Points sorted into equal boxes, so that a search looks at the boxes around a point only.
class PointBoxes {
 public:
  explicit PointBoxes(const PointSet& points) : points_(points) {
    const std::int64_t count = points.size();
    if (count == 0) throw DataError("a graph needs at least one point, got none");
    for (std::size_t k = 0; k < points.coordinates.size(); ++k)
      if (!std::isfinite(points.coordinates[k]))
        throw DataError("coordinate " + std::to_string(k % static_cast<std::size_t>(points.dimension)) + " of point " +
                        std::to_string(k / static_cast<std::size_t>(points.dimension)) + " is not finite");
    const auto axes = static_cast<std::size_t>(points.dimension);
    const auto boxes = static_cast<std::int64_t>(
        std::ceil(std::pow(static_cast<double>(count), 1.0 / static_cast<double>(points.dimension))));
    for (std::size_t axis = 0; axis < axes; ++axis) {
      double low = points.coordinates[axis], high = low;
      for (std::size_t k = axis; k < points.coordinates.size(); k += axes) {
        low = std::min(low, points.coordinates[k]);
        high = std::max(high, points.coordinates[k]);
      }
      const double length = period(axis) > 0 ? period(axis) : high - low;
      low_[axis] = low;
      boxes_[axis] = length > 0 ? boxes : 1;
      width_[axis] = length > 0 ? length / static_cast<double>(boxes_[axis]) : 1;
    }
    first_.assign(static_cast<std::size_t>(boxes_[0] * boxes_[1] * boxes_[2]) + 1, 0);
    for (std::int64_t node = 0; node < count; ++node) ++first_[box_of(node) + 1];
    for (std::size_t box = 1; box < first_.size(); ++box) first_[box] += first_[box - 1];
    auto next = first_;
    nodes_.resize(static_cast<std::size_t>(count));
    for (std::int64_t node = 0; node < count; ++node) nodes_[static_cast<std::size_t>(next[box_of(node)]++)] = node;
  }

  [[nodiscard]] double period(std::size_t axis) const { return points_.periods.empty() ? 0 : points_.periods[axis]; }
  [[nodiscard]] double smallest_width() const {
    return *std::min_element(width_.begin(), width_.begin() + points_.dimension);
  }

  /// All points but `node` within the radius.
  [[nodiscard]] std::vector<Neighbour> within(std::int64_t node, double radius) const {
    std::array<std::vector<std::int64_t>, 3> ranges;
    for (std::size_t axis = 0; axis < 3; ++axis) ranges[axis] = box_range(node, axis, radius);
    std::vector<Neighbour> found;
    for (const std::int64_t k : ranges[2])
      for (const std::int64_t j : ranges[1])
        for (const std::int64_t i : ranges[0]) {
          const auto box = static_cast<std::size_t>((k * boxes_[1] + j) * boxes_[0] + i);
          for (auto slot = first_[box]; slot < first_[box + 1]; ++slot) {
            const std::int64_t other = nodes_[static_cast<std::size_t>(slot)];
            const double squared = squared_distance(node, other);
            if (other != node && squared <= radius * radius) found.push_back({squared, other});
          }
        }
    return found;
  }

 private:
  [[nodiscard]] double coordinate(std::int64_t node, std::size_t axis) const {
    return points_.coordinates[static_cast<std::size_t>(node * points_.dimension) + axis];
  }
  /// Box along an axis; beyond the ends where the coordinate is.
  [[nodiscard]] std::int64_t slab(double value, std::size_t axis) const {
    return static_cast<std::int64_t>(std::floor((value - low_[axis]) / width_[axis]));
  }
  [[nodiscard]] std::int64_t wrapped(std::int64_t slab, std::size_t axis) const {
    const std::int64_t count = boxes_[axis];
    return period(axis) > 0 ? (slab % count + count) % count : std::clamp<std::int64_t>(slab, 0, count - 1);
  }
  [[nodiscard]] std::size_t box_of(std::int64_t node) const {
    std::int64_t box = 0;
    for (int axis = points_.dimension - 1; axis >= 0; --axis) {
      const auto a = static_cast<std::size_t>(axis);
      box = box * boxes_[a] + wrapped(slab(coordinate(node, a), a), a);
    }
    return static_cast<std::size_t>(box);
  }
  /// Boxes along an axis that a ball around the node touches, each once.
  [[nodiscard]] std::vector<std::int64_t> box_range(std::int64_t node, std::size_t axis, double radius) const {
    if (axis >= static_cast<std::size_t>(points_.dimension)) return {0};
    // One box more on each side: rounding must not lose a point at the very end of the ball.
    std::int64_t begin = slab(coordinate(node, axis) - radius, axis) - 1,
                 end = slab(coordinate(node, axis) + radius, axis) + 1;
    if (period(axis) == 0) {
      begin = std::clamp<std::int64_t>(begin, 0, boxes_[axis] - 1);
      end = std::clamp<std::int64_t>(end, 0, boxes_[axis] - 1);
    } else if (end - begin + 1 >= boxes_[axis]) {
      begin = 0;
      end = boxes_[axis] - 1;
    }
    std::vector<std::int64_t> range;
    for (std::int64_t k = begin; k <= end; ++k) range.push_back(wrapped(k, axis));
    return range;
  }
  [[nodiscard]] double squared_distance(std::int64_t a, std::int64_t b) const {
    double sum = 0;
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(points_.dimension); ++axis) {
      double difference = coordinate(a, axis) - coordinate(b, axis);
      if (period(axis) > 0) difference -= period(axis) * std::round(difference / period(axis));
      sum += difference * difference;
    }
    return sum;
  }

  const PointSet& points_;
  std::array<double, 3> low_ = {0, 0, 0}, width_ = {1, 1, 1};
  std::array<std::int64_t, 3> boxes_ = {1, 1, 1};
  std::vector<std::int64_t> first_, nodes_;  // points of box b: nodes_[first_[b]] .. nodes_[first_[b + 1] - 1]
};

/// Appends the incoming edges of the next node.
void append(Graph& graph, std::vector<Neighbour> found, std::int64_t most) {
  if (most > 0 && static_cast<std::int64_t>(found.size()) > most) {
    std::sort(found.begin(), found.end());
    found.resize(static_cast<std::size_t>(most));
  }
  const auto begin = static_cast<std::ptrdiff_t>(graph.sources.size());
  for (const Neighbour& neighbour : found) graph.sources.push_back(neighbour.node);
  std::sort(graph.sources.begin() + begin, graph.sources.end());
  graph.offsets.push_back(graph.edges());
}

}  // namespace

std::int64_t Graph::degree(std::int64_t node) const {
  const auto index = static_cast<std::size_t>(node);
  return offsets.at(index + 1) - offsets.at(index);
}

Graph radius_graph(const PointSet& points, double radius, std::int64_t max_neighbours) {
  if (!(radius > 0)) throw ConfigError("the radius of a graph must be positive, got " + format_number(radius));
  const PointBoxes boxes(points);
  for (std::size_t axis = 0; axis < points.periods.size(); ++axis)
    if (points.periods[axis] > 0 && radius > points.periods[axis] / 2)
      throw ConfigError("the radius " + format_number(radius) + " of a graph exceeds half the period " +
                        format_number(points.periods[axis]) + " of axis " + std::to_string(axis) +
                        ": two points would be joined twice");
  Graph graph;
  for (std::int64_t node = 0; node < points.size(); ++node) append(graph, boxes.within(node, radius), max_neighbours);
  return graph;
}

Graph nearest_graph(const PointSet& points, std::int64_t neighbours) {
  const PointBoxes boxes(points);
  if (neighbours < 1 || neighbours >= points.size())
    throw ConfigError("cannot join " + std::to_string(neighbours) + " nearest neighbours among " +
                      std::to_string(points.size()) + " points");
  Graph graph;
  for (std::int64_t node = 0; node < points.size(); ++node) {
    double radius = boxes.smallest_width();
    auto found = boxes.within(node, radius);
    while (static_cast<std::int64_t>(found.size()) < neighbours) {
      radius *= 2;
      found = boxes.within(node, radius);
    }
    append(graph, std::move(found), neighbours);
  }
  return graph;
}

Graph graph_from_edges(std::int64_t nodes, std::span<const std::pair<std::int64_t, std::int64_t>> edges) {
  std::vector<std::pair<std::int64_t, std::int64_t>> sorted;  // (target, source)
  sorted.reserve(edges.size());
  for (const auto& [source, target] : edges) {
    if (source < 0 || source >= nodes || target < 0 || target >= nodes)
      throw DataError("edge " + std::to_string(sorted.size()) + " goes from node " + std::to_string(source) + " to " +
                      std::to_string(target) + "; the graph has " + std::to_string(nodes) + " nodes");
    sorted.emplace_back(target, source);
  }
  if (!std::is_sorted(sorted.begin(), sorted.end())) std::sort(sorted.begin(), sorted.end());
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  Graph graph;
  graph.offsets.assign(static_cast<std::size_t>(nodes) + 1, 0);
  for (const auto& [target, source] : sorted) {
    ++graph.offsets[static_cast<std::size_t>(target) + 1];
    graph.sources.push_back(source);
  }
  for (std::size_t node = 1; node < graph.offsets.size(); ++node) graph.offsets[node] += graph.offsets[node - 1];
  return graph;
}

Graph mesh_graph(std::int64_t nodes, std::span<const std::int64_t> cells, int nodes_per_cell, CellEdges edges) {
  std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
  for (std::size_t begin = 0; begin + static_cast<std::size_t>(nodes_per_cell) <= cells.size();
       begin += static_cast<std::size_t>(nodes_per_cell)) {
    const auto cell = cells.subspan(begin, static_cast<std::size_t>(nodes_per_cell));
    for (const std::int64_t node : cell)
      if (node < 0 || node >= nodes)
        throw DataError("cell " + std::to_string(begin / static_cast<std::size_t>(nodes_per_cell)) + " has node " +
                        std::to_string(node) + "; the mesh has " + std::to_string(nodes) + " nodes");
    for (const auto& [a, b] : edges) {
      const std::int64_t first = cell[static_cast<std::size_t>(a)], second = cell[static_cast<std::size_t>(b)];
      pairs.emplace_back(first, second);
      pairs.emplace_back(second, first);
    }
  }
  return graph_from_edges(nodes, pairs);
}

Graph merged(std::span<const Graph> graphs) {
  Graph all;
  for (const Graph& graph : graphs) {
    const std::int64_t nodes = all.nodes(), edges = all.edges();
    for (const std::int64_t source : graph.sources) all.sources.push_back(source + nodes);
    for (std::size_t node = 1; node < graph.offsets.size(); ++node) all.offsets.push_back(graph.offsets[node] + edges);
  }
  return all;
}

}  // namespace eddyline
