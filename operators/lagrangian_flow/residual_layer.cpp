#include "operators/lagrangian_flow/residual_layer.hpp"

#include <limits>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "operators/lagrangian_flow/small_matrix.hpp"

namespace eddyline::lagrangian_flow {
namespace {

torch::Tensor unit(const torch::Tensor& x) { return x / x.norm().clamp_min(1e-12); }

}  // namespace

SpectralLinearImpl::SpectralLinearImpl(std::int64_t in, std::int64_t out) {
  const torch::nn::Linear start(in, out);  // LibTorch's initialisation
  bias_ = register_parameter("bias", start->bias.detach().clone());
  auto weight = register_module("parametrizations", std::make_shared<torch::nn::Module>())
                    ->register_module("weight", std::make_shared<torch::nn::Module>());
  original_ = weight->register_parameter("original", start->weight.detach().clone());
  auto estimate = weight->register_module("0", std::make_shared<torch::nn::Module>());
  left_ = estimate->register_buffer("_u", unit(torch::randn({out})));
  right_ = estimate->register_buffer("_v", unit(torch::randn({in})));
  iterate(15);
}

void SpectralLinearImpl::iterate(int count) {
  const torch::NoGradGuard no_gradient;
  for (int n = 0; n < count; ++n) {
    left_.copy_(unit(torch::mv(original_, right_)));
    right_.copy_(unit(torch::mv(original_.t(), left_)));
  }
}

Dual SpectralLinearImpl::forward(const Dual& x) {
  if (is_training()) iterate(5);
  // Copies: the next call changes the state before this one's gradient is taken.
  const auto u = left_.clone(), v = right_.clone();
  const auto sigma = torch::dot(u, torch::mv(original_, v));
  return linear(x, original_ / (sigma / lipschitz_bound).clamp_min(1), bias_);
}

ResidualLayer::ResidualLayer(std::int64_t dimension, std::int64_t context, std::int64_t depth, std::int64_t growth,
                             double frequency)
    : frequency_(frequency) {
  auto list = register_module("nnet", torch::nn::ModuleList());
  std::int64_t width = dimension + context;
  for (std::int64_t k = 0; k < depth; ++k) {
    auto layer = std::make_shared<torch::nn::Module>();
    DenseLayer dense;
    dense.kept = layer->register_parameter("K1_unnormalized", torch::ones({1}));
    dense.added = layer->register_parameter("K2_unnormalized", torch::ones({1}));
    dense.linear = SpectralLinear(width, growth / 2);
    layer->register_module("network", torch::nn::ModuleList())->push_back(dense.linear);
    list->push_back(layer);
    layers_.push_back(dense);
    width += growth;
  }
  last_ = SpectralLinear(width, dimension);
  list->push_back(last_);
}

Dual ResidualLayer::network(const Dual& x) {
  Dual a = x;
  for (auto& layer : layers_) {
    const Dual inner = layer.linear->forward(a);
    const auto phase = frequency_ * inner.value;
    const Dual half = mapped(inner, torch::sin(phase) / frequency_, torch::cos(phase));
    const Dual activation = cat_last(half, -1.0 * half);
    const auto k1 = torch::softplus(layer.kept) + 0.1, k2 = torch::softplus(layer.added) + 0.1;
    const auto radius = lipschitz_bound / torch::sqrt(k1.square() + k2.square());
    a = cat_last(Dual{radius * k1, {}} * a, Dual{radius * k2, {}} * activation);
  }
  return last_->forward(a);
}

LayerOutput ResidualLayer::forward(const torch::Tensor& x, const Dual& context) {
  const Seeded seeds = seeded(x, context);
  LayerOutput output = split_output(network(cat_last(seeds.x, seeds.context)));
  output.value = x + output.value;
  output.jacobian = output.jacobian + torch::eye(x.size(1), x.options());
  output.log_determinant = determinant(output.jacobian).abs().log();
  return output;
}

torch::Tensor ResidualLayer::inverse(const torch::Tensor& y, const torch::Tensor& context) {
  constexpr int most = 2000;
  const double rounding = y.scalar_type() == torch::kDouble ? std::numeric_limits<double>::epsilon()
                                                            : std::numeric_limits<float>::epsilon();
  const Dual still = {context, torch::zeros_like(context).unsqueeze(0)};
  const auto allowed = 64 * rounding * (1 + std::get<0>(y.abs().max(1)));
  auto x = y, contracted = y;
  auto best = torch::full({y.size(0)}, std::numeric_limits<double>::infinity(), y.options());
  for (int n = 0; n < most; ++n) {
    const LayerOutput at = forward(x, still);
    const auto residual = at.value - y;
    const auto size = std::get<0>(residual.abs().max(1));
    const auto done = size <= allowed;
    if (done.all().item<bool>()) return x;
    // A Newton step that made things worse is taken back: the contraction from the point before never does.
    const auto helped = (size < best).unsqueeze(1);
    const auto newton = x - solved(at.jacobian, residual);
    const auto next = torch::where(helped, newton, contracted);
    contracted = torch::where(helped, x - residual, contracted);  // y - g(x)
    best = torch::where(helped.squeeze(1), size, torch::full_like(size, std::numeric_limits<double>::infinity()));
    x = torch::where(done.unsqueeze(1), x, next);
  }
  throw NumericalError("the inverse of a residual layer did not converge in " + std::to_string(most) +
                       " iterations: its network does not contract (weights loaded without their spectral state?)");
}

}  // namespace eddyline::lagrangian_flow
