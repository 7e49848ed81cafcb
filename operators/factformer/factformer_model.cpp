#include "operators/factformer/factformer_model.hpp"

#include <torch/nn/functional/upsampling.h>

#include <cmath>

#include "core/base/error.hpp"
#include "core/training/register_at.hpp"

namespace eddyline::factformer {
namespace {

torch::nn::Conv1d pointwise(std::int64_t in, std::int64_t out, bool has_bias, std::int64_t groups = 1) {
  return torch::nn::Conv1d(torch::nn::Conv1dOptions(in, out, 1).bias(has_bias).groups(groups));
}

}  // namespace

ConvolutionalBlock::ConvolutionalBlock(torch::nn::Module& owner, int dimension, std::int64_t width) {
  const auto half = width / 2;
  const std::vector<std::pair<std::int64_t, std::int64_t>> channels = {
      {width, half}, {half, half}, {half, half}, {half, width}};
  const char* names[] = {"down_block.1", "down_block.3", "up_block.1", "up_block.3"};
  for (std::size_t layer = 0; layer < channels.size(); ++layer) {
    const auto [in, out] = channels[layer];
    std::vector<std::int64_t> shape(static_cast<std::size_t>(dimension) + 2, 3);
    shape[0] = out;
    shape[1] = in;
    const double bound = 1 / std::sqrt(static_cast<double>(in) * std::pow(3.0, dimension));  // PyTorch's default
    auto layer_module = register_at(owner, names[layer], std::make_shared<torch::nn::Module>());
    weights_.push_back(layer_module->register_parameter("weight", torch::empty(shape).uniform_(-bound, bound)));
    biases_.push_back(layer_module->register_parameter("bias", torch::empty({out}).uniform_(-bound, bound)));
  }
}

torch::Tensor ConvolutionalBlock::convolved(const torch::Tensor& x, std::size_t layer, std::int64_t stride) const {
  const std::vector<std::int64_t> strides(static_cast<std::size_t>(x.dim()) - 2, stride), ones(strides.size(), 1),
      none(strides.size(), 0);
  return torch::convolution(x, weights_[layer], biases_[layer], strides, ones, ones, false, none, 1);
}

torch::Tensor ConvolutionalBlock::operator()(const torch::Tensor& u) const {
  auto y = torch::instance_norm(u.movedim(-1, 1).contiguous(), {}, {}, {}, {}, true, 0.1, 1e-5, false);
  const auto space = y.sizes().slice(2).vec();
  y = convolved(torch::gelu(convolved(y, 0, 2)), 1, 1);
  // To the exact size: the same as the factor of two on even grids, and right on odd ones.
  namespace functional = torch::nn::functional;
  y = functional::interpolate(y, functional::InterpolateFuncOptions().size(space).mode(torch::kNearest));
  return convolved(torch::gelu(convolved(y, 2, 1)), 3, 1).movedim(1, -1);
}

FactFormerModelImpl::FactFormerModelImpl(const FactFormerOptions& options) : options_(options) {
  const auto width = options.encoder.attention.width;
  const int dimension = options.encoder.attention.dimension;
  if (options.frames > 0)
    time_lifting_ = register_module("to_in", TimeLifting(options.in_channels, options.frames, width));
  else
    linear_lifting_ = register_module("to_in", torch::nn::Linear(options.in_channels, width));
  encoder_ = register_module("encoder", Encoder(options.encoder));
  if (options.convolutional_block) block_.emplace(*this, dimension, width);
  const auto joined = width * (options.convolutional_block ? 2 : 1);
  if (options.latent_steps == 0) {
    head_norm_ = register_at(*this, "simple_to_out.1",
                             torch::nn::GroupNorm(torch::nn::GroupNormOptions(options.norm_groups, joined)));
    head_ = {register_at(*this, "simple_to_out.2", pointwise(joined, width, false)),
             register_at(*this, "simple_to_out.4", pointwise(width, options.out_channels, true))};
    return;
  }
  const auto latent = static_cast<std::int64_t>(static_cast<double>(width) * options.latent_multiplier);
  expand_ = register_module("expand_latent", torch::nn::Linear(torch::nn::LinearOptions(joined, latent).bias(false)));
  std::vector<std::int64_t> shape(static_cast<std::size_t>(dimension) + 3, 1);
  shape[1] = options.latent_steps;
  shape.back() = latent;
  time_embedding_ = register_parameter("latent_time_emb", torch::randn(shape) * 0.02);
  propagate_norm_ = register_at(*this, "propagator.norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({latent})));
  propagate_in_ = register_at(*this, "propagator.fn.net.0", torch::nn::Linear(latent, width));
  propagate_out_ = register_at(*this, "propagator.fn.net.3", torch::nn::Linear(width, latent));
  head_norm_ = register_at(*this, "simple_to_out.1",
                           torch::nn::GroupNorm(torch::nn::GroupNormOptions(options.norm_groups, latent)));
  head_ = {register_at(*this, "simple_to_out.2", pointwise(latent, width, false, 8)),
           register_at(*this, "simple_to_out.4", pointwise(width, width / 2, false)),
           register_at(*this, "simple_to_out.6", pointwise(width / 2, options.out_channels, true))};
}

/// [B, n.., C] to [B, C_out, n..].
torch::Tensor FactFormerModelImpl::head(torch::Tensor u) {
  const auto space = u.sizes().slice(1, u.dim() - 2).vec();
  auto y = head_norm_(u.flatten(1, -2).transpose(1, 2).contiguous());
  for (std::size_t layer = 0; layer < head_.size(); ++layer) y = head_[layer](layer == 0 ? y : torch::gelu(y));
  return y.unflatten(2, space);
}

torch::Tensor FactFormerModelImpl::forward(const torch::Tensor& x, const AxisPositions& positions, std::int64_t steps) {
  auto u = time_lifting_ ? time_lifting_(x) : linear_lifting_(x);
  const auto space = u.sizes().slice(1, u.dim() - 2).vec();
  if (options_.padding > 0) {
    std::vector<std::int64_t> sides = {0, 0};  // last axis first; the channels are not padded
    for (std::size_t axis = 0; axis < space.size(); ++axis) sides.insert(sides.end(), {0, options_.padding});
    u = torch::constant_pad_nd(u, sides);
  }
  u = encoder_(u, positions, nullptr);
  for (std::size_t axis = 0; axis < space.size(); ++axis)
    u = u.narrow(static_cast<std::int64_t>(axis) + 1, 0, space[axis]);
  if (block_) u = torch::cat({(*block_)(u), u}, -1);
  if (options_.latent_steps == 0) return head(u).unsqueeze(1);
  if (steps < 1 || steps > options_.latent_steps)
    throw ConfigError("FactFormer: " + std::to_string(steps) +
                      " steps of the latent march asked for; it was built for 1 to " +
                      std::to_string(options_.latent_steps));
  u = expand_(u);
  std::vector<torch::Tensor> frames;
  for (std::int64_t step = 0; step < steps; ++step) {
    u = u + time_embedding_.select(1, step);
    u = u + propagate_out_(torch::gelu(propagate_in_(propagate_norm_(u))));
    frames.push_back(u);
  }
  return head(torch::stack(frames, 1).flatten(0, 1)).unflatten(0, {x.size(0), steps});
}

AxisPositions continued(const AxisPositions& positions, std::int64_t count) {
  AxisPositions longer;
  for (const auto& line : positions) {
    const auto last = line[-1], spacing = line[-1] - line[-2];
    longer.push_back(torch::cat({line, last + spacing * torch::arange(1, count + 1, line.options())}));
  }
  return longer;
}

}  // namespace eddyline::factformer
