// MP-PDE: sums over edges and the message layer against their plain formulas, symmetries, bad input.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <numeric>

#include "operators/mp_pde/mp_pde_model.hpp"
#include "operators/mp_pde/node_graph.hpp"
#include "tests/operators/operator_fixture.hpp"

namespace eddyline::test {
namespace {

using namespace mp_pde;
using testing::HasSubstr;

Graph irregular_graph() {
  // Node 3 is isolated, node 1 has the most neighbours.
  const std::vector<std::pair<std::int64_t, std::int64_t>> edges = {{1, 0}, {0, 1}, {2, 1}, {4, 1},
                                                                    {1, 2}, {1, 4}, {2, 4}};
  return graph_from_edges(5, edges);
}

TEST(EdgeList, SumsEqualThePlainFormulasAndTheirGradients) {
  torch::manual_seed(1);
  const EdgeList edges(irregular_graph());
  const auto a = torch::randn({5, 3}, torch::kDouble).requires_grad_(),
             b = torch::randn({5, 3}, torch::kDouble).requires_grad_();
  const auto plain_sum = a.index_select(0, edges.target) + b.index_select(0, edges.source);
  EXPECT_EQ(largest_difference(edge_sum(a, b, edges), plain_sum), 0);
  const auto mean = [&](const torch::Tensor& values) {
    const auto sums = torch::zeros({5, 3}, torch::kDouble).index_add(0, edges.target, values);
    return sums / edges.in_degree.clamp_min(1);
  };
  const auto ours = incoming_mean(edge_sum(a, b, edges).sin(), edges), theirs = mean(plain_sum.sin());
  EXPECT_LT(largest_difference(ours, theirs), 1e-15);
  EXPECT_EQ(ours[3].abs().max().item<double>(), 0) << "an isolated node receives nothing";
  const auto weight = torch::randn({5, 3}, torch::kDouble);
  const auto gradients = torch::autograd::grad({(ours * weight).sum()}, {a, b}, {}, true, true);
  const auto expected = torch::autograd::grad({(theirs * weight).sum()}, {a, b}, {}, true, true);
  for (int k = 0; k < 2; ++k) EXPECT_LT(largest_difference(gradients[k], expected[k]), 1e-14);
  // Second derivatives, as losses on derivatives need them.
  const auto second = torch::autograd::grad({gradients[0].square().sum()}, {b})[0];
  EXPECT_LT(largest_difference(second, torch::autograd::grad({expected[0].square().sum()}, {b})[0]), 1e-13);
}

TEST(EdgeList, SumsKeepTheirBitsWithTheNumberOfThreads) {
  torch::manual_seed(2);
  std::vector<std::pair<std::int64_t, std::int64_t>> pairs;
  for (std::int64_t node = 0; node < 500; ++node)
    for (std::int64_t k = 1; k < 8; ++k) pairs.emplace_back((node * 7 + k * k * 13) % 500, node);
  const EdgeList edges(graph_from_edges(500, pairs));
  const auto values = torch::randn({edges.source.numel(), 32});
  const int before = at::get_num_threads();
  at::set_num_threads(1);
  const auto one = incoming_mean(values, edges);
  at::set_num_threads(4);
  const auto four = incoming_mean(values, edges);
  at::set_num_threads(before);
  EXPECT_TRUE(torch::equal(one, four));
}

/// The layer as the paper writes it: every edge builds its own input.
torch::Tensor plain_layer(MessagePassing& layer, const torch::Tensor& h, const NodeInputs& nodes,
                          const NodeGraph& graph) {
  const auto weights = layer->named_parameters();
  const auto dense = [&](const std::string& name, const torch::Tensor& x) {
    return torch::silu(torch::linear(x, weights[name + ".0.weight"], weights[name + ".0.bias"]));
  };
  const auto target = [&](const torch::Tensor& x) { return x.index_select(0, graph.edges.target); };
  const auto source = [&](const torch::Tensor& x) { return x.index_select(0, graph.edges.source); };
  auto distance = target(nodes.positions) - source(nodes.positions);
  if (graph.shift.defined()) distance = distance + graph.shift;
  const auto message =
      dense("message_net_2",
            dense("message_net_1", torch::cat({target(h), source(h), target(nodes.fields) - source(nodes.fields),
                                               distance, target(nodes.variables)},
                                              1)));
  const auto received =
      torch::zeros_like(h).index_add(0, graph.edges.target, message) / graph.edges.in_degree.clamp_min(1);
  const auto y = h + dense("update_net_2", dense("update_net_1", torch::cat({h, received, nodes.variables}, 1)));
  std::vector<torch::Tensor> samples;
  for (std::size_t b = 0; b + 1 < graph.node_offsets.size(); ++b) {
    const auto part = y.slice(0, graph.node_offsets[b], graph.node_offsets[b + 1]);
    samples.push_back((part - part.mean(0)) / (part.var(0, false) + 1e-5).sqrt());
  }
  return torch::cat(samples);
}

TEST(MessagePassing, EqualsThePlainFormula) {
  torch::manual_seed(3);
  MessagePassing layer(6, 4, 2, 3);
  layer->to(torch::kDouble);
  // Two samples of different size, with an isolated node, and periodic shifts on some edges.
  const std::vector<Graph> graphs = {
      irregular_graph(), graph_from_edges(3, std::vector<std::pair<std::int64_t, std::int64_t>>{{0, 1}, {1, 2}})};
  NodeGraph graph{EdgeList(merged(graphs)), {0, 5, 8}, {}};
  const auto random = [](std::int64_t n, std::int64_t c) { return torch::randn({n, c}, torch::kDouble); };
  const NodeInputs nodes{random(8, 4), random(8, 2), random(8, 3)};
  const auto h = random(8, 6);
  EXPECT_LT(largest_difference(layer(h, nodes, graph), plain_layer(layer, h, nodes, graph)), 1e-12);
  graph.shift = random(graph.edges.source.numel(), 2).round();
  EXPECT_LT(largest_difference(layer(h, nodes, graph), plain_layer(layer, h, nodes, graph)), 1e-12);
}

OperatorSpec spec_of(int dimension) {
  OperatorSpec spec;
  spec.dimension = dimension;
  spec.history = 2;
  spec.bundle = 3;
  spec.channels = 2;
  spec.static_channels = 1;
  spec.parameters = 2;
  return spec;
}

constexpr const char* small = "width: 16\nlayers: 2\n";

class MpPdeOnGrids : public testing::TestWithParam<const char*> {};

TEST_P(MpPdeOnGrids, GivesFramesInEveryDimensionAndGradientsForEveryParameter) {
  torch::manual_seed(4);
  for (const std::vector<std::int64_t>& space : {std::vector<std::int64_t>{9}, {5, 7}, {4, 3, 5}}) {
    const auto spec = spec_of(static_cast<int>(space.size()));
    const auto model = make_operator("mp_pde", std::string(small) + GetParam(), spec);
    model->to(torch::kDouble);
    const auto y = model->forward(random_batch(spec, 2, space));
    std::vector<std::int64_t> expected = {2, 3, 2};
    expected.insert(expected.end(), space.begin(), space.end());
    EXPECT_EQ(y.sizes(), expected);
    y.square().mean().backward();
    for (const auto& item : model->named_parameters())
      EXPECT_TRUE(item.value().grad().defined() && item.value().grad().abs().max().item<double>() > 0) << item.key();
  }
}

TEST_P(MpPdeOnGrids, ASampleAloneEqualsTheSampleInABatch) {
  torch::manual_seed(5);
  const auto spec = spec_of(2);
  const auto model = make_operator("mp_pde", std::string(small) + GetParam(), spec);
  model->to(torch::kDouble);
  const Batch batch = random_batch(spec, 3, {4, 5});
  EXPECT_LT(largest_difference(model->forward(batch)[1], model->forward(sample_of(batch, 1))[0]), 1e-12);
}
INSTANTIATE_TEST_SUITE_P(All, MpPdeOnGrids,
                         testing::Values("decoder: linear\n", "graph: {kind: nearest, neighbours: 5}\n",
                                         "time_scale: 3\ngraph: {radius: 1, periodic: [x]}\n"));

TEST(MpPdeOperator, TranslationsCommuteOnAPeriodicGridWithoutPositions) {
  torch::manual_seed(6);
  const auto spec = spec_of(2);
  const auto model = make_operator("mp_pde", std::string(small) + "graph: {radius: 2, periodic: [x, y]}\n", spec);
  model->to(torch::kDouble);
  {
    // The embedding sees the position itself; without it only differences remain.
    const torch::NoGradGuard no_gradient;
    model->named_parameters()["model.embedding_mlp.0.weight"].slice(1, 4, 6).zero_();
  }
  const Batch batch = random_batch(spec, 1, {6, 7});
  Batch moved = batch;
  moved.inputs = torch::roll(batch.inputs, {2, 3}, {3, 4});
  moved.statics = torch::roll(batch.statics, {2, 3}, {2, 3});
  EXPECT_LT(largest_difference(model->forward(moved), torch::roll(model->forward(batch), {2, 3}, {3, 4})), 1e-11);
  // The periodic ends matter: with open ends the translation does not commute.
  const auto open = make_operator("mp_pde", std::string(small) + "graph: {radius: 2}\n", spec);
  open->to(torch::kDouble);
  const torch::NoGradGuard no_gradient;
  for (const auto& item : model->named_parameters()) open->named_parameters()[item.key()].copy_(item.value());
  EXPECT_GT(largest_difference(open->forward(moved), torch::roll(open->forward(batch), {2, 3}, {3, 4})), 1e-4);
}

/// Two samples of 6 and 4 nodes on a plane.
Batch graph_batch(const OperatorSpec& spec) {
  torch::manual_seed(7);
  Batch batch;
  batch.inputs = torch::randn({10, spec.history, spec.channels}, torch::kDouble);
  batch.positions = torch::rand({10, 2}, torch::kDouble);
  batch.statics = torch::rand({10, spec.static_channels}, torch::kDouble);
  batch.parameters = torch::rand({2, spec.parameters}, torch::kDouble);
  batch.lead_time = torch::rand({2}, torch::kDouble);
  batch.batch = torch::tensor({0, 0, 0, 0, 0, 0, 1, 1, 1, 1}, torch::kLong);
  batch.edge_index = torch::tensor({0, 1, 2, 3, 4, 5, 5, 2, 6, 7, 8, 9, 8,  //
                                    1, 0, 3, 2, 5, 4, 0, 5, 7, 6, 9, 8, 6},
                                   torch::kLong)
                         .view({2, 13});
  return batch;
}

TEST(MpPdeOperator, NodePermutationsCommute) {
  const auto spec = spec_of(2);
  const Batch batch = graph_batch(spec);
  const auto model = make_operator("mp_pde", small, spec);
  model->to(torch::kDouble);
  const auto order = torch::tensor({3, 5, 0, 1, 4, 2, 9, 6, 8, 7}, torch::kLong);  // within the samples
  const auto where = order.argsort();
  Batch moved = batch;
  moved.inputs = batch.inputs.index_select(0, order);
  moved.positions = batch.positions.index_select(0, order);
  moved.statics = batch.statics.index_select(0, order);
  const auto shuffled_edges = torch::randperm(13);
  moved.edge_index = where.index_select(0, batch.edge_index.flatten()).view({2, 13}).index_select(1, shuffled_edges);
  EXPECT_LT(largest_difference(model->forward(moved), model->forward(batch).index_select(0, order)), 1e-12);
}

TEST(MpPdeOperator, AGraphAloneEqualsTheGraphInABatch) {
  const auto spec = spec_of(2);
  const Batch batch = graph_batch(spec);
  const auto model = make_operator("mp_pde", small, spec);
  model->to(torch::kDouble);
  Batch second;
  second.inputs = batch.inputs.slice(0, 6);
  second.positions = batch.positions.slice(0, 6);
  second.statics = batch.statics.slice(0, 6);
  second.parameters = batch.parameters.slice(0, 1);
  second.lead_time = batch.lead_time.slice(0, 1);
  second.batch = torch::zeros({4}, torch::kLong);
  second.edge_index = batch.edge_index.slice(1, 8) - 6;
  EXPECT_LT(largest_difference(model->forward(batch).slice(0, 6), model->forward(second)), 1e-12);
}

TEST(MpPdeOperator, WrongGraphsAreNamed) {
  const auto spec = spec_of(2);
  const auto model = make_operator("mp_pde", small, spec);
  model->to(torch::kDouble);
  const auto refused = [&](const auto& change) {
    Batch batch = graph_batch(spec);
    change(batch);
    return message_of<DataError>([&] { model->forward(batch); });
  };
  EXPECT_THAT(refused([](Batch& b) { b.edge_index = b.edge_index.slice(1, 2); }),
              HasSubstr("nodes have no neighbour, the first is node"));
  EXPECT_THAT(refused([](Batch& b) { b.edge_index = b.edge_index.to(torch::kInt); }), HasSubstr("64-bit integers"));
  EXPECT_THAT(refused([](Batch& b) { b.edge_index[0][0] = 10; }), HasSubstr("edge 0 goes from node 10 to 1"));
  EXPECT_THAT(refused([](Batch& b) { b.edge_index[0][0] = 8; }), HasSubstr("node 8 of sample 1 to node 1 of sample 0"));
  EXPECT_THAT(refused([](Batch& b) { b.batch[0] = 1; }), HasSubstr("node 0 belongs to sample 1"));
  EXPECT_THAT(refused([](Batch& b) { b.inputs = b.inputs.slice(2, 0, 1); }), HasSubstr("[10, 2, 1]"));
  EXPECT_THAT(refused([](Batch& b) { b.inputs = b.inputs.to(torch::kLong); }), HasSubstr("floating point"));
  EXPECT_THAT(refused([](Batch& b) { b.positions[2][1] = NAN; }), HasSubstr("positions [10, 2] hold"));
  EXPECT_THAT(refused([](Batch& b) {
                b.inputs = b.inputs.slice(0, 0, 0);
                b.positions = b.positions.slice(0, 0, 0);
                b.batch = b.batch.slice(0, 0, 0);
                b.edge_index = b.edge_index.slice(1, 0, 0);
              }),
              HasSubstr("at least one node"));
  Batch isolated = graph_batch(spec);
  isolated.edge_index = isolated.edge_index.slice(1, 2);
  const auto lenient = make_operator("mp_pde", std::string(small) + "allow_isolated_nodes: true\n", spec);
  lenient->to(torch::kDouble);
  EXPECT_TRUE(torch::isfinite(lenient->forward(isolated)).all().item<bool>());
}

TEST(MpPdeOperator, WrongGridsAreNamed) {
  auto spec = spec_of(1);
  spec.coordinates = {{0.5, 1.5, 2.5, 4.5, 6.5}};
  const auto message = [&](const std::string& settings) {
    return message_of<ConfigError>([&] {
      const auto model = make_operator("mp_pde", std::string(small) + settings, spec);
      model->to(torch::kDouble);
      model->forward(random_batch(spec, 1, {5}));
    });
  };
  EXPECT_THAT(message("graph: {radius: 0.4}\n"), HasSubstr("cell 0 has no neighbour within 0.4"));
  EXPECT_THAT(message("graph: {periodic: [x]}\n"), HasSubstr("not equally wide"));
  EXPECT_THAT(message("graph: {periodic: [y]}\n"), HasSubstr("no axis y"));
  EXPECT_THAT(message("graph: {kind: nearest, neighbours: 5}\n"), HasSubstr("5 nearest neighbours among 5"));
  EXPECT_THAT(message("graph: {kind: mesh}\n"), HasSubstr("nearest"));
  const auto model = make_operator("mp_pde", small, spec);
  EXPECT_THAT(message_of<ShapeError>([&] { model->forward(random_batch(spec, 1, {4})); }),
              HasSubstr("[5] cells, got [4]"));
}

TEST(GridGraph, PeriodicShiftsMakeAllNeighboursNear) {
  GraphConfig config;
  config.radius = 2;
  config.periodic = {"x"};
  std::vector<double> line(8);
  std::iota(line.begin(), line.end(), 0.0);
  const GridGraph grid = grid_graph(config, {line});
  const EdgeList edges(grid.graph);
  const auto difference =
      grid.positions.index_select(0, edges.target) - grid.positions.index_select(0, edges.source) + grid.shift;
  EXPECT_EQ(edges.source.numel(), 8 * 4);
  EXPECT_LT(difference.abs().max().item<double>(), 2.0 / 7 + 1e-12);
  EXPECT_LT(difference.sum().abs().item<double>(), 1e-12);
}

}  // namespace
}  // namespace eddyline::test
