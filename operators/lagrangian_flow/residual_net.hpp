#pragma once
// The small networks that condition the layers on time.

#include <string>
#include <vector>

#include "operators/kernels/layers.hpp"
#include "operators/lagrangian_flow/dual.hpp"

namespace eddyline::lagrangian_flow {

enum class Activation { relu, silu };
[[nodiscard]] Dual activated(const Dual& x, Activation activation);
[[nodiscard]] Dual applied(const torch::nn::Linear& layer, const Dual& x);

/// Linear, blocks x + L1(act(L0(act(x)))), Linear: `initial_layer`, `blocks.b.linear_layers.0|1`, `final_layer`. The
/// second Linear of each block starts uniform in +-1e-3.
class ResidualNetImpl final : public torch::nn::Module {
 public:
  ResidualNetImpl(std::int64_t in, std::int64_t out, std::int64_t hidden, std::int64_t blocks, Activation activation);
  [[nodiscard]] Dual forward(const Dual& x);
  /// [N, in] to [N, out].
  [[nodiscard]] torch::Tensor forward(const torch::Tensor& x) { return forward(Dual{x, {}}).value; }

 private:
  torch::nn::Linear initial_{nullptr}, final_{nullptr};
  std::vector<torch::nn::Linear> first_, second_;  // of each block
  Activation activation_;
};
TORCH_MODULE(ResidualNet);

}  // namespace eddyline::lagrangian_flow
