// Message passing as a graph library writes it: gather, concatenate, scatter.

#include "benchmarks/operators/benchmark.hpp"
#include "core/config/config_reader.hpp"
#include "operators/mp_pde/mp_pde_model.hpp"
#include "operators/mp_pde/node_graph.hpp"

namespace eddyline::benchmarks {
namespace {

constexpr std::int64_t width = 128, layers = 6, frames = 25;

/// Eqs. 8 and 9 of the paper on every edge, in one dimension, with the parameters of ours.
class MpPdeTextbook final : public TextbookOperator {
 public:
  MpPdeTextbook(const Operator& ours, const OperatorSpec& spec, const mp_pde::GraphConfig& config, std::int64_t cells)
      : TextbookOperator(ours), cells_(cells) {
    const auto grid = mp_pde::grid_graph(config, cell_coordinates(spec, {cells}));
    positions_ = grid.positions.to(torch::kFloat);
    std::vector<std::int64_t> source, target;
    for (std::int64_t node = 0; node < cells; ++node)
      for (auto edge = grid.graph.offsets[static_cast<std::size_t>(node)];
           edge < grid.graph.offsets[static_cast<std::size_t>(node) + 1]; ++edge) {
        source.push_back(grid.graph.sources[static_cast<std::size_t>(edge)]);
        target.push_back(node);
      }
    source_ = torch::tensor(source);
    target_ = torch::tensor(target);
  }

  torch::Tensor forward(const Batch& batch) override {
    const std::int64_t samples = batch.inputs.size(0), nodes = samples * cells_;
    const auto u = batch.inputs.flatten(1, 2).transpose(1, 2).flatten(0, 1);
    const auto x = positions_.repeat({samples, 1});
    const auto first_nodes = torch::arange(samples).mul(cells_).unsqueeze(1);
    const auto source = (first_nodes + source_).flatten(), target = (first_nodes + target_).flatten();
    const auto degree = torch::zeros({nodes, 1}).index_add_(0, target, torch::ones({target.size(0), 1}));
    auto h = mlp(torch::cat({u, x}, 1), "model.embedding_mlp.0", "model.embedding_mlp.2");
    for (std::int64_t layer = 0; layer < layers; ++layer) {
      const std::string name = "model.gnn_layers." + std::to_string(layer);
      const auto u_difference = u.index_select(0, target) - u.index_select(0, source);
      const auto x_difference = x.index_select(0, target) - x.index_select(0, source);
      const auto message =
          mlp(torch::cat({h.index_select(0, target), h.index_select(0, source), u_difference, x_difference}, 1),
              name + ".message_net_1.0", name + ".message_net_2.0");
      const auto received = torch::zeros({nodes, width}).index_add(0, target, message) / degree;
      h = h + mlp(torch::cat({h, received}, 1), name + ".update_net_1.0", name + ".update_net_2.0");
      const auto graphs = h.unflatten(0, {samples, cells_});
      const auto [variance, mean] = torch::var_mean(graphs, std::vector<std::int64_t>{1}, false, true);
      h = ((graphs - mean) / torch::sqrt(variance + 1e-5)).flatten(0, 1);
    }
    const auto sizes = mp_pde::decoder_sizes(width, frames);
    auto d = torch::conv1d(h.unsqueeze(1), parameter("model.output_mlp.0.weight"), parameter("model.output_mlp.0.bias"),
                           sizes.stride);
    d = torch::conv1d(torch::silu(d), parameter("model.output_mlp.2.weight"), parameter("model.output_mlp.2.bias"));
    return d.unflatten(0, {samples, cells_}).permute({0, 3, 2, 1});
  }

 private:
  [[nodiscard]] torch::Tensor layer(const torch::Tensor& values, const std::string& name) const {
    return torch::silu(torch::linear(values, parameter(name + ".weight"), parameter(name + ".bias")));
  }
  [[nodiscard]] torch::Tensor mlp(const torch::Tensor& values, const std::string& first,
                                  const std::string& second) const {
    return layer(layer(values, first), second);
  }

  std::int64_t cells_;
  torch::Tensor positions_, source_, target_;
};

struct MpPde1d final : Benchmark {
  explicit MpPde1d(const EmptyConfig&) {}
  Comparison make() const override {
    constexpr std::int64_t samples = 16, cells = 100;
    const OperatorSpec spec = plain_spec(frames, frames, {cells});
    const auto config = OperatorRegistry::instance().make_config("mp_pde");
    read_config_text("graph: {radius: 3}", "benchmark", *config);
    mp_pde::GraphConfig graph;
    graph.radius = 3;
    Comparison comparison;
    comparison.ours = OperatorRegistry::instance().create("mp_pde", *config, spec);
    comparison.textbook = std::make_shared<MpPdeTextbook>(*comparison.ours, spec, graph, cells);
    comparison.batch = random_batch(samples, frames, frames, {cells});
    return comparison;
  }
};

const BenchmarkRegistration<MpPde1d> mp_pde_1d{
    "mp_pde_1d", "batch 16, 100 cells, 3 neighbours a side, width 128, 6 layers, bundles of 25 frames"};

}  // namespace
}  // namespace eddyline::benchmarks
