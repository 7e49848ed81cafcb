#include "operators/lagrangian_flow/residual_net.hpp"

namespace eddyline::lagrangian_flow {

Dual activated(const Dual& x, Activation activation) { return activation == Activation::relu ? relu(x) : silu(x); }

Dual applied(const torch::nn::Linear& layer, const Dual& x) { return linear(x, layer->weight, layer->bias); }

ResidualNetImpl::ResidualNetImpl(std::int64_t in, std::int64_t out, std::int64_t hidden, std::int64_t blocks,
                                 Activation activation)
    : activation_(activation) {
  initial_ = register_module("initial_layer", torch::nn::Linear(in, hidden));
  auto list = register_module("blocks", torch::nn::ModuleList());
  for (std::int64_t b = 0; b < blocks; ++b) {
    auto block = std::make_shared<torch::nn::Module>();
    auto layers = block->register_module("linear_layers", torch::nn::ModuleList());
    first_.emplace_back(hidden, hidden);
    second_.emplace_back(hidden, hidden);
    const torch::NoGradGuard no_gradient;
    second_.back()->weight.uniform_(-1e-3, 1e-3);
    second_.back()->bias.uniform_(-1e-3, 1e-3);
    layers->push_back(first_.back());
    layers->push_back(second_.back());
    list->push_back(block);
  }
  final_ = register_module("final_layer", torch::nn::Linear(hidden, out));
}

Dual ResidualNetImpl::forward(const Dual& x) {
  Dual y = applied(initial_, x);
  for (std::size_t b = 0; b < first_.size(); ++b)
    y = y + applied(second_[b], activated(applied(first_[b], activated(y, activation_)), activation_));
  return applied(final_, y);
}

}  // namespace eddyline::lagrangian_flow
