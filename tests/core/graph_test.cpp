// Graph builders: exact on small cases, equal to brute force on random ones, the same whatever the order of input.

#include "core/domain/graph.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/random.hpp"

namespace eddyline {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::vector<std::int64_t> sources_of(const Graph& graph, std::int64_t node) {
  const auto begin = graph.sources.begin();
  return {begin + graph.offsets[static_cast<std::size_t>(node)],
          begin + graph.offsets[static_cast<std::size_t>(node) + 1]};
}

PointSet line(std::int64_t count, double spacing, bool periodic = false) {
  PointSet points;
  for (std::int64_t i = 0; i < count; ++i) points.coordinates.push_back(spacing * static_cast<double>(i));
  if (periodic) points.periods = {spacing * static_cast<double>(count)};
  return points;
}

PointSet cloud(int dimension, std::int64_t count, bool periodic) {
  RandomStream random(7, "cloud" + std::to_string(dimension));
  PointSet points;
  points.dimension = dimension;
  for (std::int64_t k = 0; k < count * dimension; ++k) points.coordinates.push_back(random.uniform());
  if (periodic) points.periods.assign(static_cast<std::size_t>(dimension), 1.0);
  return points;
}

double distance(const PointSet& points, std::int64_t a, std::int64_t b) {
  double sum = 0;
  for (int axis = 0; axis < points.dimension; ++axis) {
    const auto at = [&](std::int64_t node) {
      return points.coordinates[static_cast<std::size_t>(node * points.dimension + axis)];
    };
    double difference = std::abs(at(a) - at(b));
    if (!points.periods.empty()) difference = std::min(difference, 1 - difference);
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

TEST(Graph, RadiusOnALineHasFewerNeighboursAtTheEnds) {
  const Graph graph = radius_graph(line(8, 0.5), 1.0001);
  EXPECT_THAT(sources_of(graph, 0), ElementsAre(1, 2));
  EXPECT_THAT(sources_of(graph, 3), ElementsAre(1, 2, 4, 5));
  EXPECT_THAT(sources_of(graph, 7), ElementsAre(5, 6));
}

TEST(Graph, PeriodicEndsAreJoined) {
  const Graph graph = radius_graph(line(8, 0.5, true), 1.0001);
  EXPECT_THAT(sources_of(graph, 0), ElementsAre(1, 2, 6, 7));
  EXPECT_THAT(sources_of(graph, 7), ElementsAre(0, 1, 5, 6));
  EXPECT_THAT(sources_of(nearest_graph(line(8, 0.5, true), 2), 0), ElementsAre(1, 7));
}

class GraphOfEveryDimension : public testing::TestWithParam<std::tuple<int, bool>> {};

TEST_P(GraphOfEveryDimension, BoxesFindWhatBruteForceFinds) {
  const auto [dimension, periodic] = GetParam();
  const PointSet points = cloud(dimension, 200, periodic);
  const double radius = dimension == 1 ? 0.02 : dimension == 2 ? 0.11 : 0.24;
  const Graph within = radius_graph(points, radius), capped = radius_graph(points, radius, 4);
  const Graph nearest = nearest_graph(points, 5);
  for (std::int64_t node = 0; node < points.size(); ++node) {
    std::vector<std::pair<double, std::int64_t>> others;
    for (std::int64_t other = 0; other < points.size(); ++other)
      if (other != node) others.emplace_back(distance(points, node, other), other);
    std::sort(others.begin(), others.end());
    const auto first = [&](std::size_t count) {
      std::vector<std::int64_t> nodes;
      for (std::size_t k = 0; k < count; ++k) nodes.push_back(others[k].second);
      std::sort(nodes.begin(), nodes.end());
      return nodes;
    };
    std::size_t inside = 0;
    while (inside < others.size() && others[inside].first <= radius) ++inside;
    EXPECT_EQ(sources_of(within, node), first(inside)) << "node " << node;
    EXPECT_EQ(sources_of(capped, node), first(std::min<std::size_t>(inside, 4))) << "node " << node;
    EXPECT_EQ(sources_of(nearest, node), first(5)) << "node " << node;
  }
}
INSTANTIATE_TEST_SUITE_P(All, GraphOfEveryDimension, testing::Combine(testing::Values(1, 2, 3), testing::Bool()));

TEST(Graph, EqualDistancesGoByNumber) {
  // The four corners are equally far from the centre, node 4.
  const PointSet points{2, {0, 0, 1, 0, 0, 1, 1, 1, 0.5, 0.5}, {}};
  EXPECT_THAT(sources_of(nearest_graph(points, 2), 4), ElementsAre(0, 1));
}

TEST(Graph, MeshEdgesRunBothWaysAndOnce) {
  // Two triangles with a common edge 1-2.
  const std::vector<std::int64_t> cells = {0, 1, 2, 2, 1, 3};
  const Graph graph = mesh_graph(4, cells, 3, triangle_edges);
  EXPECT_EQ(graph.edges(), 10);
  EXPECT_THAT(sources_of(graph, 1), ElementsAre(0, 2, 3));
  EXPECT_THAT(sources_of(graph, 3), ElementsAre(1, 2));
  const std::vector<std::int64_t> square = {0, 1, 2, 3};
  EXPECT_THAT(sources_of(mesh_graph(4, square, 4, quadrilateral_edges), 0), ElementsAre(1, 3));
  EXPECT_THAT(sources_of(mesh_graph(4, square, 4, tetrahedron_edges), 0), ElementsAre(1, 2, 3));
}

TEST(Graph, TheOrderOfTheEdgesDoesNotMatter) {
  std::vector<std::pair<std::int64_t, std::int64_t>> edges = {{0, 1}, {2, 1}, {1, 0}, {2, 0}, {2, 1}};
  const Graph graph = graph_from_edges(3, edges);
  std::reverse(edges.begin(), edges.end());
  EXPECT_EQ(graph, graph_from_edges(3, edges));
  EXPECT_THAT(sources_of(graph, 1), ElementsAre(0, 2));
  EXPECT_EQ(graph.degree(2), 0);
}

TEST(Graph, MergingNumbersOn) {
  const std::vector<Graph> graphs = {radius_graph(line(3, 1), 1), radius_graph(line(4, 1), 1)};
  const Graph both = merged(graphs);
  EXPECT_EQ(both.nodes(), 7);
  EXPECT_EQ(both.edges(), graphs[0].edges() + graphs[1].edges());
  EXPECT_THAT(sources_of(both, 3), ElementsAre(4));
  EXPECT_THAT(sources_of(both, 4), ElementsAre(3, 5));
}

TEST(Graph, BadInputIsNamed) {
  const auto message = [](const auto& body) -> std::string {
    try {
      static_cast<void>(body());
    } catch (const Error& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  EXPECT_THAT(message([] { return radius_graph(PointSet{2, {}, {}}, 1); }), HasSubstr("at least one point"));
  EXPECT_THAT(message([] {
                return radius_graph(PointSet{2, {0, 0, 1, NAN}, {}}, 1);
              }),
              HasSubstr("coordinate 1 of point 1"));
  EXPECT_THAT(message([] { return radius_graph(line(4, 1, true), 3); }), HasSubstr("half the period 4"));
  EXPECT_THAT(message([] { return radius_graph(line(4, 1), 0); }), HasSubstr("positive"));
  EXPECT_THAT(message([] { return nearest_graph(line(4, 1), 4); }), HasSubstr("4 nearest neighbours among 4"));
  const std::vector<std::pair<std::int64_t, std::int64_t>> edges = {{0, 1}, {5, 1}};
  EXPECT_THAT(message([&] { return graph_from_edges(3, edges); }), HasSubstr("edge 1 goes from node 5 to 1"));
  const std::vector<std::int64_t> cells = {0, 1, 2, 1, 2, 9};
  EXPECT_THAT(message([&] { return mesh_graph(4, cells, 3, triangle_edges); }), HasSubstr("cell 1 has node 9"));
}

}  // namespace
}  // namespace eddyline
