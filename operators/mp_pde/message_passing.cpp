#include "operators/mp_pde/message_passing.hpp"

#include "core/training/register_at.hpp"

namespace eddyline::mp_pde {
namespace {

/// h [B, n, H], normalised over n.
torch::Tensor standardised(const torch::Tensor& h) {
  const auto [variance, mean] = torch::var_mean(h, std::vector<std::int64_t>{1}, false, true);
  return (h - mean) * (variance + 1e-5).rsqrt();
}

}  // namespace

torch::Tensor graph_instance_norm(const torch::Tensor& h, const std::vector<std::int64_t>& node_offsets) {
  const auto graphs = node_offsets.size() - 1;
  const auto nodes = node_offsets[1] - node_offsets[0];
  bool equal = true;
  for (std::size_t b = 0; b < graphs && equal; ++b) equal = node_offsets[b + 1] - node_offsets[b] == nodes;
  if (equal) return standardised(h.unflatten(0, {static_cast<std::int64_t>(graphs), nodes})).flatten(0, 1);
  std::vector<torch::Tensor> parts;
  for (std::size_t b = 0; b < graphs; ++b)
    parts.push_back(standardised(h.slice(0, node_offsets[b], node_offsets[b + 1]).unsqueeze(0)).squeeze(0));
  return torch::cat(parts);
}

MessagePassingImpl::MessagePassingImpl(std::int64_t width, std::int64_t fields, std::int64_t dimension,
                                       std::int64_t variables)
    : parts_{width, width, fields, dimension, variables} {
  using torch::nn::Linear;
  message_in_ = register_at(*this, "message_net_1.0", Linear(2 * width + fields + dimension + variables, width));
  message_out_ = register_at(*this, "message_net_2.0", Linear(width, width));
  update_in_ = register_at(*this, "update_net_1.0", Linear(2 * width + variables, width));
  update_out_ = register_at(*this, "update_net_2.0", Linear(width, width));
}

torch::Tensor MessagePassingImpl::forward(const torch::Tensor& h, const NodeInputs& inputs, const NodeGraph& graph) {
  // The first message layer is linear in (h_i, h_j, u_i - u_j, x_i - x_j, theta_i): what belongs to the target and what
  // belongs to the source are products over the nodes, and an edge only adds the two.
  const auto columns = message_in_->weight.split_with_sizes(parts_, 1);
  const auto &of_target = columns[0], &of_source = columns[1], &of_fields = columns[2], &of_positions = columns[3],
             &of_variables = columns[4];
  const auto target_part =
      torch::linear(torch::cat({h, inputs.fields, inputs.positions, inputs.variables}, 1),
                    torch::cat({of_target, of_fields, of_positions, of_variables}, 1), message_in_->bias);
  const auto source_part = torch::linear(torch::cat({h, inputs.fields, inputs.positions}, 1),
                                         torch::cat({of_source, -of_fields, -of_positions}, 1));
  auto message = edge_sum(target_part, source_part, graph.edges);
  if (graph.shift.defined()) message = message + torch::linear(graph.shift, of_positions);
  message = torch::silu(message_out_(torch::silu(message)));
  const auto received = incoming_mean(message, graph.edges);
  const auto update = torch::silu(update_in_(torch::cat({h, received, inputs.variables}, 1)));
  return graph_instance_norm(h + torch::silu(update_out_(update)), graph.node_offsets);
}

}  // namespace eddyline::mp_pde
