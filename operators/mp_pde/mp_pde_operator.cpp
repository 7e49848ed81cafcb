// MP-PDE as a trainable operator: on grids, whose cells become nodes, and on batches of graphs.

#include <optional>
#include <sstream>

#include "core/base/error.hpp"
#include "core/config/config.hpp"
#include "core/training/operator.hpp"
#include "operators/kernels/dtype_check.hpp"
#include "operators/mp_pde/mp_pde_model.hpp"
#include "operators/mp_pde/node_graph.hpp"

namespace eddyline::mp_pde {
namespace {

struct MpPdeConfig final : Config {
  std::int64_t width = 128, layers = 6;
  std::string decoder = "convolution";
  GraphConfig graph;
  double time_scale = 0;
  double length_scale = 1;
  bool allow_isolated_nodes = false;
  void fields(FieldVisitor& visit) override;
};

void MpPdeConfig::fields(FieldVisitor& visit) {
  visit("width", width, rule::at_least(1), "hidden channels");
  visit("layers", layers, rule::at_least(1), "message-passing layers");
  visit("decoder", decoder, rule::one_of({"convolution", "linear"}),
        "convolution: along the hidden channels, as in the paper; linear: one layer");
  visit("graph", graph, "how the cells of a grid are joined");
  visit("time_scale", time_scale, rule::non_negative(),
        "time that the time is divided by; 0: the time is no input (autonomous equations)");
  visit("length_scale", length_scale, rule::positive(),
        "length that the positions of graph batches are divided by; grids: their longest axis");
  visit("allow_isolated_nodes", allow_isolated_nodes, rule::any(),
        "graph batches may have nodes without neighbour, which receive zero");
}

MpPdeOptions options_for(const MpPdeConfig& config, const OperatorSpec& spec) {
  MpPdeOptions options;
  options.width = config.width;
  options.layers = config.layers;
  options.fields = spec.history * spec.channels;
  options.dimension = spec.dimension;
  options.variables =
      spec.static_channels + spec.parameters + (spec.lead_time ? 1 : 0) + (config.time_scale > 0 ? 1 : 0);
  options.frames = spec.bundle;
  options.channels = spec.channels;
  options.decoder = config.decoder;
  return options;
}

class MpPdeOperator final : public Operator {
 public:
  MpPdeOperator(const MpPdeConfig& config, const OperatorSpec& spec) : config_(config), spec_(spec) {
    model_ = register_module("model", MpPdeModel(options_for(config, spec)));
    check_dtype_.emplace(*model_);
  }
  torch::Tensor forward(const Batch& batch) override {
    return batch.positions.defined() ? on_graphs(batch) : on_grid(batch);
  }

 private:
  torch::Tensor on_grid(const Batch& batch) {
    // [B, K * C + S + P + lead, cells] in the order of every grid operator, then one row a cell.
    const auto stacked = stacked_channels(batch, spec_);
    const auto samples = stacked.size(0);
    const auto rows = stacked.flatten(2).transpose(1, 2).flatten(0, 1);
    const auto fields = spec_.history * spec_.channels;
    const auto space = batch.inputs.sizes().slice(3);
    const NodeGraph& graph = graph_for(space, samples, rows.scalar_type());
    (*check_dtype_)(batch.inputs);
    auto variables = rows.slice(1, fields);
    if (config_.time_scale > 0) {
      const auto time = (batch.time / config_.time_scale).to(rows.dtype());
      variables = torch::cat({variables, time.repeat_interleave(rows.size(0) / samples).unsqueeze(1)}, 1);
    }
    const NodeInputs nodes{rows.slice(1, 0, fields), grid_->positions.to(rows.dtype()).repeat({samples, 1}), variables};
    const auto d = model_(nodes, graph, nullptr);  // [B * cells, F, C]
    return d.unflatten(0, {samples, -1}).permute({0, 2, 3, 1}).unflatten(3, space);
  }

  torch::Tensor on_graphs(const Batch& batch) {
    const auto& inputs = batch.inputs;
    if (inputs.dim() != 3 || inputs.size(1) != spec_.history || inputs.size(2) != spec_.channels ||
        !inputs.is_floating_point() || batch.positions.dim() != 2 || batch.positions.size(1) != spec_.dimension) {
      std::ostringstream text;
      text << "the operator expects real nodes [N, " << spec_.history << ", " << spec_.channels
           << "] in floating point and positions [N, " << spec_.dimension << "], got " << inputs.sizes() << " "
           << inputs.dtype() << " and " << batch.positions.sizes();
      throw ShapeError(text.str());
    }
    (*check_dtype_)(inputs);
    if (!torch::isfinite(batch.positions).all().item<bool>()) {
      std::ostringstream text;
      text << "positions " << batch.positions.sizes() << " hold a value that is not finite";
      throw DataError(text.str());
    }
    const NodeGraph graph = graph_of_edges(batch.edge_index, batch.batch);
    if (!config_.allow_isolated_nodes) refuse_isolated(graph);
    const auto of_nodes = [&](const torch::Tensor& values) {  // [B, n] to [N, n]
      return values.to(inputs.dtype()).index_select(0, batch.batch);
    };
    std::vector<torch::Tensor> variables;
    if (spec_.static_channels > 0) variables.push_back(batch.statics.to(inputs.dtype()));
    if (spec_.parameters > 0) variables.push_back(of_nodes(batch.parameters));
    if (spec_.lead_time) variables.push_back(of_nodes(batch.lead_time.unsqueeze(1)));
    if (config_.time_scale > 0) variables.push_back(of_nodes(batch.time.unsqueeze(1) / config_.time_scale));
    const auto theta = variables.empty() ? inputs.new_empty({inputs.size(0), 0}) : torch::cat(variables, 1);
    return model_(NodeInputs{inputs.flatten(1), (batch.positions / config_.length_scale).to(inputs.dtype()), theta},
                  graph, nullptr);
  }

  static void refuse_isolated(const NodeGraph& graph) {
    const auto isolated = (graph.edges.in_degree.squeeze(1) == 0).nonzero();
    if (isolated.numel() == 0) return;
    throw DataError(std::to_string(isolated.size(0)) + " of " + std::to_string(graph.node_offsets.back()) +
                    " nodes have no neighbour, the first is node " + std::to_string(isolated[0].item<std::int64_t>()) +
                    "; join them, or set operator.allow_isolated_nodes: true");
  }

  /// The merged graph of the last batch is kept: batches of one size follow each other.
  const NodeGraph& graph_for(at::IntArrayRef cells, std::int64_t samples, torch::Dtype dtype) {
    const auto coordinates = cell_coordinates(spec_, cells);
    if (!grid_ || cells_ != cells) {
      grid_ = grid_graph(config_.graph, coordinates);
      cells_ = cells.vec();
      merged_.reset();
    }
    if (!merged_ || merged_samples_ != samples || merged_dtype_ != dtype) {
      merged_ = repeated(*grid_, samples, dtype);
      merged_samples_ = samples;
      merged_dtype_ = dtype;
    }
    return *merged_;
  }

  MpPdeConfig config_;
  OperatorSpec spec_;
  MpPdeModel model_{nullptr};
  std::optional<DtypeCheck> check_dtype_;
  std::optional<GridGraph> grid_;
  std::vector<std::int64_t> cells_;
  std::optional<NodeGraph> merged_;
  std::int64_t merged_samples_ = 0;
  torch::Dtype merged_dtype_ = torch::kFloat;
};

const OperatorRegistry::Registration<MpPdeOperator, MpPdeConfig> registration{
    "mp_pde", "message passing on the cells of a grid or on graphs, with temporal bundling"};

}  // namespace
}  // namespace eddyline::mp_pde
