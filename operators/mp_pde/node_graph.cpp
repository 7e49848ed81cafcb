#include "operators/mp_pde/node_graph.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"

namespace eddyline::mp_pde {
namespace {

/// Length of the period along a uniform line of cell centres.
double period_of(const std::vector<double>& line, const std::string& name) {
  const double mean = (line.back() - line.front()) / static_cast<double>(line.size() - 1);
  for (std::size_t i = 1; i < line.size(); ++i)
    if (std::abs(line[i] - line[i - 1] - mean) > 1e-6 * mean)
      throw ConfigError("operator.graph.periodic: the cells along " + name +
                        " are not equally wide; only a uniform axis can be periodic");
  return mean * static_cast<double>(line.size());
}

}  // namespace

void GraphConfig::fields(FieldVisitor& visit) {
  visit("kind", kind, rule::one_of({"radius", "nearest"}), "which cells are joined");
  visit("radius", radius, rule::positive(), "of kind radius, in widths of the widest cell");
  visit("max_neighbours", max_neighbours, rule::non_negative(), "of kind radius: the nearest so many; 0: all");
  visit("neighbours", neighbours, rule::at_least(1), "of kind nearest");
  visit("periodic", periodic, rule::one_of({"x", "y", "z"}), "axes whose ends are joined");
}

GridGraph grid_graph(const GraphConfig& config, const std::vector<std::vector<double>>& coordinates) {
  const auto axes = coordinates.size();
  const auto line = [&](std::size_t axis) -> const std::vector<double>& { return coordinates[axes - 1 - axis]; };
  PointSet points;
  points.dimension = static_cast<int>(axes);
  points.periods.assign(axes, 0);
  double longest = 0, widest = 0;
  std::size_t count = 1;
  for (std::size_t axis = 0; axis < axes; ++axis) {
    longest = std::max(longest, line(axis).back() - line(axis).front());
    count *= line(axis).size();
    for (std::size_t i = 1; i < line(axis).size(); ++i) widest = std::max(widest, line(axis)[i] - line(axis)[i - 1]);
  }
  if (count < 2) throw ConfigError("the MP-PDE operator needs a grid of two cells or more");
  for (const std::string& name : config.periodic) {
    const auto axis = std::string("xyz").find(name);
    if (axis >= axes || line(axis).size() < 3)
      throw ConfigError("operator.graph.periodic: the grid has no axis " + printable(name) + " of three cells or more");
    points.periods[axis] = period_of(line(axis), name) / longest;
  }
  // Cells in the order of a flattened field: the last axis of the tensor, x, runs fastest.
  for (std::size_t cell = 0; cell < count; ++cell) {
    std::size_t rest = cell;
    for (std::size_t axis = 0; axis < axes; ++axis) {
      points.coordinates.push_back((line(axis)[rest % line(axis).size()] - line(axis).front()) / longest);
      rest /= line(axis).size();
    }
  }
  GridGraph result;
  // A little more than the radius: a neighbour at the very distance is one, whatever the rounding.
  result.graph = config.kind == "nearest"
                     ? nearest_graph(points, config.neighbours)
                     : radius_graph(points, config.radius * widest / longest * (1 + 1e-6), config.max_neighbours);
  for (std::int64_t node = 0; node < result.graph.nodes(); ++node)
    if (result.graph.degree(node) == 0)
      throw ConfigError("operator.graph.radius: cell " + std::to_string(node) + " has no neighbour within " +
                        format_number(config.radius) + " widths of the widest cell; take a larger radius");
  const auto dimension = static_cast<std::int64_t>(axes);
  result.positions = torch::tensor(points.coordinates, torch::kDouble).view({-1, dimension});
  if (config.periodic.empty()) return result;
  const EdgeList edges(result.graph);
  const auto plain = result.positions.index_select(0, edges.target) - result.positions.index_select(0, edges.source);
  const auto periods = torch::tensor(points.periods, torch::kDouble);
  const auto turns = torch::where(periods > 0, (plain / periods.clamp_min(1e-300)).round(), torch::zeros_like(plain));
  result.shift = -turns * periods;
  return result;
}

NodeGraph repeated(const GridGraph& graph, std::int64_t count, torch::Dtype dtype) {
  const std::vector<Graph> copies(static_cast<std::size_t>(count), graph.graph);
  NodeGraph result{EdgeList(merged(copies)), {0}, {}};
  for (std::int64_t sample = 1; sample <= count; ++sample) result.node_offsets.push_back(sample * graph.graph.nodes());
  if (graph.shift.defined()) result.shift = graph.shift.to(dtype).repeat({count, 1});
  return result;
}

NodeGraph graph_of_edges(const torch::Tensor& edge_index, const torch::Tensor& batch) {
  const auto shapes = [&] {
    std::ostringstream text;
    text << "edge_index " << edge_index.sizes() << " " << edge_index.dtype() << ", batch " << batch.sizes() << " "
         << batch.dtype();
    return text.str();
  };
  if (edge_index.dim() != 2 || edge_index.size(0) != 2 || batch.dim() != 1 ||
      edge_index.scalar_type() != torch::kLong || batch.scalar_type() != torch::kLong)
    throw ShapeError("a graph batch needs edge_index [2, E] and batch [N] of 64-bit integers, got " + shapes());
  const auto nodes = batch.numel();
  if (nodes == 0) throw DataError("a graph batch needs at least one node, got " + shapes());
  const auto samples = batch.contiguous(), ends = edge_index.contiguous();
  const auto* sample = samples.const_data_ptr<std::int64_t>();
  std::vector<std::int64_t> offsets = {0};
  for (std::int64_t node = 0; node < nodes; ++node) {
    const auto current = static_cast<std::int64_t>(offsets.size()) - 1;
    if (sample[node] == current + 1 && node > 0) {
      offsets.push_back(node);
    } else if (sample[node] != current) {
      throw DataError("node " + std::to_string(node) + " belongs to sample " + std::to_string(sample[node]) +
                      "; samples must be numbered from 0 without gaps, their nodes one after the other (" + shapes() +
                      ")");
    }
  }
  offsets.push_back(nodes);
  const auto* end = ends.const_data_ptr<std::int64_t>();
  const auto count = edge_index.size(1);
  std::vector<std::pair<std::int64_t, std::int64_t>> edges;
  for (std::int64_t edge = 0; edge < count; ++edge) edges.emplace_back(end[edge], end[count + edge]);
  Graph graph = graph_from_edges(nodes, edges);
  for (std::int64_t edge = 0; edge < count; ++edge)
    if (sample[end[edge]] != sample[end[count + edge]])
      throw DataError("edge " + std::to_string(edge) + " joins node " + std::to_string(end[edge]) + " of sample " +
                      std::to_string(sample[end[edge]]) + " to node " + std::to_string(end[count + edge]) +
                      " of sample " + std::to_string(sample[end[count + edge]]));
  return {EdgeList(graph), std::move(offsets), {}};
}

}  // namespace eddyline::mp_pde
