#pragma once
// Graphs for the MP-PDE operator: from the cells of a grid, or as a batch brings them.

#include <optional>
#include <string>
#include <vector>

#include "core/config/config.hpp"
#include "operators/mp_pde/message_passing.hpp"

namespace eddyline::mp_pde {

struct GraphConfig final : Config {
  std::string kind = "radius";
  double radius = 2;
  std::int64_t max_neighbours = 32, neighbours = 6;
  std::vector<std::string> periodic;
  void fields(FieldVisitor& visit) override;
};

/// The graph of one sample on a grid.
struct GridGraph {
  Graph graph;
  torch::Tensor positions;  // [N, D] double, x first, from 0, divided by the longest axis
  torch::Tensor shift;      // [E, D] double: see NodeGraph; undefined without periodic axes
};

/// Joins the cells of a grid. @param coordinates  cell centres in tensor order (y, x).
/// @throws ConfigError when a periodic axis is not there or not uniform, or the radius leaves a cell without neighbour.
[[nodiscard]] GridGraph grid_graph(const GraphConfig& config, const std::vector<std::vector<double>>& coordinates);

/// `count` copies side by side.
[[nodiscard]] NodeGraph repeated(const GridGraph& graph, std::int64_t count, torch::Dtype dtype);

/// @param edge_index  [2, E] (source, target) in any order. @param batch  [N]: sample of each node, not decreasing.
/// @throws DataError, ShapeError naming what is wrong: no nodes, samples out of order or empty, nodes that do not
/// exist, edges between samples.
[[nodiscard]] NodeGraph graph_of_edges(const torch::Tensor& edge_index, const torch::Tensor& batch);

}  // namespace eddyline::mp_pde
