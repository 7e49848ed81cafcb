#include "operators/lagrangian_flow/sigmoid_layer.hpp"

#include <algorithm>
#include <limits>

#include "core/base/error.hpp"
#include "operators/lagrangian_flow/residual_net.hpp"

namespace eddyline::lagrangian_flow {

MaskedLinearImpl::MaskedLinearImpl(const torch::Tensor& mask) {
  const torch::nn::Linear start(mask.size(1), mask.size(0));
  weight_ = register_parameter("weight", start->weight.detach().clone());
  bias_ = register_parameter("bias", start->bias.detach().clone());
  mask_ = register_buffer("mask", mask);
}

Dual MaskedLinearImpl::forward(const Dual& x) { return linear(x, weight_ * mask_, bias_); }

MaskedNetImpl::MaskedNetImpl(std::int64_t features, std::int64_t context, std::int64_t hidden, std::int64_t outputs) {
  constexpr int blocks = 2;
  // Degrees: input i has i (from 1), hidden units cycle through 1..D-1, the outputs of feature i have i.
  const auto input = torch::arange(1, features + 1);
  const auto inner =
      torch::arange(hidden) % std::max<std::int64_t>(1, features - 1) + std::min<std::int64_t>(1, features - 1);
  const auto output = input.repeat_interleave(outputs);
  const auto mask = [](const torch::Tensor& to, const torch::Tensor& from, bool strict) {
    const auto column = to.unsqueeze(1);
    return (strict ? column > from : column >= from).to(torch::kFloat);
  };
  initial_ = register_module("initial_layer", MaskedLinear(mask(inner, input, false)));
  context_ = register_module("context_layer", torch::nn::Linear(context, hidden));
  auto list = register_module("blocks", torch::nn::ModuleList());
  for (int b = 0; b < blocks; ++b) {
    auto block = std::make_shared<torch::nn::Module>();
    auto layers = block->register_module("linear_layers", torch::nn::ModuleList());
    Block made;
    made.first = MaskedLinear(mask(inner, inner, false));
    made.second = MaskedLinear(mask(inner, inner, false));
    layers->push_back(made.first);
    layers->push_back(made.second);
    made.context = block->register_module("context_layer", torch::nn::Linear(context, hidden));
    list->push_back(block);
    blocks_.push_back(made);
  }
  final_ = register_module("final_layer", MaskedLinear(mask(output, inner, true)));
}

Dual MaskedNetImpl::forward(const Dual& x, const Dual& context) {
  Dual y = initial_->forward(x) + relu(applied(context_, context));
  for (auto& block : blocks_)
    y = y + block.second->forward(relu(block.first->forward(relu(y)) + applied(block.context, context)));
  return final_->forward(y);
}

SigmoidLayer::SigmoidLayer(std::int64_t dimension, std::int64_t context, std::int64_t hidden, std::int64_t sigmoids)
    : dimension_(dimension), sigmoids_(sigmoids) {
  net_ = register_module("autoregressive_net", MaskedNet(dimension, context, hidden, 3 * sigmoids + 1));
}

LayerOutput SigmoidLayer::forward(const torch::Tensor& x, const Dual& context) {
  const Seeded seeds = seeded(x, context);
  Dual p = net_->forward(seeds.x, seeds.context);
  p.value = p.value.unflatten(-1, {dimension_, -1});
  p.tangent = p.tangent.unflatten(-1, {dimension_, -1});
  const Dual place = 10.0 * tanh(narrow_last(p, 0, sigmoids_));
  const Dual steepness = 9.9 * sigmoid(narrow_last(p, sigmoids_, sigmoids_)) + 0.1;
  const Dual raw = softmax(narrow_last(p, 2 * sigmoids_, sigmoids_)) + 1e-6;
  const Dual weight = raw / sum_last(raw, true);
  const Dual half_width = softplus(squeeze_last(narrow_last(p, 3 * sigmoids_, 1))) + 0.1;
  const Dual steps = sum_last(weight * sigmoid(steepness * (unsqueeze_last(seeds.x) - place)), false);
  const Dual outer = softplus(seeds.x - half_width) - softplus(-1.0 * (seeds.x + half_width));
  LayerOutput output = split_output(steps + outer + (-0.5));
  output.log_determinant = output.jacobian.diagonal(0, 1, 2).log().sum(1);
  return output;
}

torch::Tensor SigmoidLayer::inverse(const torch::Tensor& y, const torch::Tensor& context) {
  constexpr int most = 400;
  const Dual still = {context, torch::zeros_like(context).unsqueeze(0)};
  const double rounding = y.scalar_type() == torch::kDouble ? std::numeric_limits<double>::epsilon()
                                                            : std::numeric_limits<float>::epsilon();
  auto x = y.clone();
  for (std::int64_t axis = 0; axis < dimension_; ++axis) {
    // y - x lies within h + 1/2, and h follows from the coordinates before this one.
    const Dual p = net_->forward(Dual{x, {}}, Dual{context, {}});
    const auto last = p.value.unflatten(-1, {dimension_, -1}).select(1, axis).select(1, 3 * sigmoids_);
    const auto reach = torch::softplus(last) + 0.1 + 0.5;
    auto low = y.select(1, axis) - reach, high = y.select(1, axis) + reach;
    bool converged = false;
    for (int n = 0; n < most && !converged; ++n) {
      const LayerOutput at = forward(x, still);
      const auto here = x.select(1, axis).clone();
      const auto residual = (at.value - y).select(1, axis);
      low = torch::where(residual < 0, torch::maximum(low, here), low);
      high = torch::where(residual > 0, torch::minimum(high, here), high);
      const auto newton = here - residual / at.jacobian.select(1, axis).select(1, axis);
      const auto inside = (newton > low) & (newton < high);
      const auto next = torch::where(residual == 0, here, torch::where(inside, newton, 0.5 * (low + high)));
      converged = ((next - here).abs() <= 4 * rounding * (1 + here.abs())).all().item<bool>();
      x.select(1, axis).copy_(next);
    }
    if (!converged)
      throw NumericalError("the inverse of a sum of sigmoids did not converge in " + std::to_string(most) +
                           " iterations");
  }
  return x;
}

}  // namespace eddyline::lagrangian_flow
