#include "operators/lagrangian_flow/flow_layer.hpp"

namespace eddyline::lagrangian_flow {

LayerOutput diagonal_output(const torch::Tensor& value, const torch::Tensor& slope) {
  return {value, torch::diag_embed(slope), torch::zeros_like(value), slope.abs().log().sum(1)};
}

Seeded seeded(const torch::Tensor& x, const Dual& context) {
  const auto points = x.size(0), dimension = x.size(1), features = context.value.size(1);
  const auto identity = torch::eye(dimension, x.options()).unsqueeze(1).expand({dimension, points, dimension});
  return {{x, torch::cat({identity, torch::zeros({1, points, dimension}, x.options())})},
          {context.value, torch::cat({torch::zeros({dimension, points, features}, x.options()), context.tangent})}};
}

LayerOutput split_output(const Dual& y) {
  const auto dimension = y.value.size(1);
  return {y.value, y.tangent.narrow(0, 0, dimension).permute({1, 2, 0}), y.tangent.select(0, dimension), {}};
}

}  // namespace eddyline::lagrangian_flow
