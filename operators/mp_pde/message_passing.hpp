#pragma once
// One message-passing layer of the MP-PDE solver.

#include <vector>

#include "operators/kernels/edge_list.hpp"
#include "operators/kernels/layers.hpp"

namespace eddyline::mp_pde {

/// Graphs of a batch as one.
struct NodeGraph {
  EdgeList edges;
  std::vector<std::int64_t> node_offsets;  // [B + 1]: nodes of graph b
  torch::Tensor shift;  // [E, D]: what position differences across periodic ends lack; may be undefined
};

/// What stays the same through all layers: the raw inputs of every node.
struct NodeInputs {
  torch::Tensor fields;     // u [N, K * C]: past frames
  torch::Tensor positions;  // x [N, D]
  torch::Tensor variables;  // theta [N, V]: equation parameters and the like
};

/// (x - mean) / sqrt(variance + 1e-5) over the nodes of each graph, biased variance: [N, H] to the same shape.
[[nodiscard]] torch::Tensor graph_instance_norm(const torch::Tensor& h, const std::vector<std::int64_t>& node_offsets);

/// m_ij = phi(h_i, h_j, u_i - u_j, x_i - x_j, theta_i), h_i <- norm(h_i + psi(h_i, mean_j m_ij, theta_i)).
/// Brandstetter, Worrall & Welling, Message Passing Neural PDE Solvers (2022), arXiv:2202.03376, eqs. 8-9; mean
/// aggregation and instance norm as in the authors' code.
class MessagePassingImpl final : public torch::nn::Module {
 public:
  MessagePassingImpl(std::int64_t width, std::int64_t fields, std::int64_t dimension, std::int64_t variables);
  torch::Tensor forward(const torch::Tensor& h, const NodeInputs& inputs, const NodeGraph& graph);

 private:
  std::vector<std::int64_t> parts_;  // columns of the first message layer: h_i, h_j, u, x, theta
  torch::nn::Linear message_in_{nullptr}, message_out_{nullptr}, update_in_{nullptr}, update_out_{nullptr};
};
TORCH_MODULE(MessagePassing);

}  // namespace eddyline::mp_pde
