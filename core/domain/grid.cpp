#include "core/domain/grid.hpp"

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"

namespace eddyline {

void AxisConfig::fields(FieldVisitor& visit) {
  visit("from", from, rule::any().unit("length"), "coordinate of the low end");
  visit("to", to, rule::any().unit("length"), "coordinate of the high end");
  visit("cells", cells, rule::between(1, 1 << 20), "number of cells");
  visit("stretching", stretching, rule::between(0.001, 1), "smallest over largest cell width; 1 is uniform");
  visit("cluster", cluster, rule::one_of({"low", "high", "both"}), "where the small cells are");
  visit("nodes", nodes, rule::any().unit("length"), "explicit node coordinates, instead of from, to and cells");
}

void AxisConfig::check(ConfigProblems& problems) const {
  if (!nodes.empty()) {
    if (nodes.size() < 2 || !std::is_sorted(nodes.begin(), nodes.end(), std::less_equal<>{}))
      problems.add("nodes", "expected at least two strictly increasing coordinates");
  } else if (!(to > from)) {
    problems.add("to", "expected more than from = " + format_number(from) + ", got " + format_number(to));
  }
}

std::vector<double> AxisConfig::node_coordinates() const {
  if (!nodes.empty()) return nodes;
  // Geometric widths: the cells next to a clustered end are `stretching` times the widest.
  const auto count = static_cast<std::size_t>(cells);
  std::vector<double> widths(count, 1.0);
  if (stretching < 1 && count > 1) {
    const auto steps = static_cast<double>(cluster == "both" ? (count - 1) / 2 : count - 1);
    const double ratio = steps > 0 ? std::pow(1 / stretching, 1 / steps) : 1;
    for (std::size_t i = 0; i < count; ++i) {
      const std::size_t from_high = count - 1 - i;
      const std::size_t distance = cluster == "low" ? i : cluster == "high" ? from_high : std::min(i, from_high);
      widths[i] = std::pow(ratio, static_cast<double>(distance));
    }
  }
  double sum = 0;
  for (const double width : widths) sum += width;
  std::vector<double> coordinates = {from};
  double done = 0;
  for (const double width : widths) {
    done += width;
    coordinates.push_back(from + (to - from) * (done / sum));
  }
  coordinates.back() = to;
  return coordinates;
}

Grid::Grid(std::vector<std::vector<double>> nodes) : nodes_(std::move(nodes)) {
  if (nodes_.empty() || nodes_.size() > 3) throw ConfigError("a grid has one to three axes");
  for (std::size_t axis = 0; axis < nodes_.size(); ++axis) {
    const auto& line = nodes_[axis];
    bool increasing = line.size() >= 2;
    for (std::size_t i = 0; i < line.size() && increasing; ++i)
      increasing = std::isfinite(line[i]) && (i == 0 || line[i] > line[i - 1]);
    if (!increasing)
      throw ConfigError(std::string("the node coordinates along ") + "xyz"[axis] + " must be finite and increasing");
  }
}

Grid Grid::uniform(const std::vector<double>& low, const std::vector<double>& high,
                   const std::vector<std::int64_t>& cells) {
  std::vector<std::vector<double>> nodes;
  for (std::size_t axis = 0; axis < cells.size(); ++axis) {
    AxisConfig line;
    line.from = low.at(axis);
    line.to = high.at(axis);
    line.cells = cells[axis];
    nodes.push_back(line.node_coordinates());
  }
  return Grid(std::move(nodes));
}

std::vector<std::int64_t> Grid::cell_shape() const {
  std::vector<std::int64_t> shape;
  for (int axis = dimension() - 1; axis >= 0; --axis) shape.push_back(cells(axis));
  return shape;
}

std::vector<double> Grid::cell_volumes() const {
  std::vector<double> volumes = {1.0};
  for (int axis = dimension() - 1; axis >= 0; --axis) {
    const auto line = widths(axis);
    std::vector<double> next;
    next.reserve(volumes.size() * line.size());
    for (const double volume : volumes)
      for (const double width : line) next.push_back(volume * width);
    volumes = std::move(next);
  }
  return volumes;
}

std::vector<std::string> Grid::patches() const {
  const std::vector<std::string> names = {"x_low", "x_high", "y_low", "y_high", "z_low", "z_high"};
  return {names.begin(), names.begin() + 2 * dimension()};
}

Partition Grid::partition() const {
  std::int64_t count = 1;
  for (int axis = 0; axis < dimension(); ++axis) count *= cells(axis);
  return {.rank = 0, .ranks = 1, .owned_begin = 0, .owned_end = count};
}

std::vector<double> Grid::centers(int axis) const {
  const auto& line = nodes(axis);
  std::vector<double> out(line.size() - 1);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = 0.5 * (line[i] + line[i + 1]);
  return out;
}

std::vector<double> Grid::widths(int axis) const {
  const auto& line = nodes(axis);
  std::vector<double> out(line.size() - 1);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = line[i + 1] - line[i];
  return out;
}

bool Grid::is_uniform(int axis) const {
  const double mean = (high(axis) - low(axis)) / static_cast<double>(cells(axis));
  for (const double width : widths(axis))
    if (std::abs(width - mean) > 1e-10 * mean) return false;
  return true;
}

bool Grid::is_uniform() const {
  for (int axis = 0; axis < dimension(); ++axis)
    if (!is_uniform(axis)) return false;
  return true;
}

Grid coarsened(const Grid& grid, const std::vector<std::int64_t>& factor) {
  std::vector<std::vector<double>> nodes;
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    const std::int64_t step = factor.at(static_cast<std::size_t>(axis));
    if (step < 1 || grid.cells(axis) % step != 0)
      throw ConfigError("cannot merge every " + std::to_string(step) + " of " + std::to_string(grid.cells(axis)) +
                        " cells along " + "xyz"[axis] + ": choose a divisor");
    std::vector<double> line;
    for (std::int64_t i = 0; i <= grid.cells(axis); i += step)
      line.push_back(grid.nodes(axis)[static_cast<std::size_t>(i)]);
    nodes.push_back(std::move(line));
  }
  return Grid(std::move(nodes));
}

}  // namespace eddyline
