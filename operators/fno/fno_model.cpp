#include "operators/fno/fno_model.hpp"

#include <cmath>

#include "core/base/error.hpp"

namespace eddyline::fno {
namespace {

/// Python's round: halves go to the even neighbour.
std::int64_t round_half_even(double value) { return static_cast<std::int64_t>(std::nearbyint(value)); }

}  // namespace

void FnoConfig::fields(FieldVisitor& visit) {
  visit("n_modes", n_modes, rule::at_least(1),
        "modes along each axis (y, x): n frequencies from -n/2, the last axis 0..n/2");
  visit("hidden_channels", hidden_channels, rule::at_least(1), "width");
  visit("n_layers", n_layers, rule::between(1, 1000), "Fourier layers");
  visit("lifting_channel_ratio", lifting_channel_ratio, rule::positive(), "hidden width of the lifting over the width");
  visit("projection_channel_ratio", projection_channel_ratio, rule::positive(),
        "hidden width of the projection over the width");
  visit("positional_embedding", positional_embedding, rule::one_of({"grid", "none"}),
        "coordinates as further input channels");
  visit("norm", norm, rule::one_of({"none", "group_norm", "instance_norm"}), "normalisation in the layers");
  visit("norm_groups", norm_groups, rule::at_least(1), "groups of group_norm");
  visit("use_channel_mlp", use_channel_mlp, rule::any(), "a pointwise MLP in every layer");
  visit("channel_mlp_expansion", channel_mlp_expansion, rule::positive(), "its hidden width over the width");
  visit("channel_mlp_skip", channel_mlp_skip, rule::one_of({"soft-gating", "linear", "identity", "none"}),
        "skip around it");
  visit("fno_skip", fno_skip, rule::one_of({"linear", "soft-gating", "identity", "none"}),
        "skip around the spectral convolution");
  visit("domain_padding", domain_padding, rule::between(0, 2),
        "zeros on both sides of each axis, as a part of its length");
  visit("separable", separable, rule::any(), "one spectral weight a channel instead of a channel matrix");
  visit("preactivation", preactivation, rule::any(), "activation before instead of behind each layer");
  visit("stabilizer", stabilizer, rule::one_of({"none", "tanh"}), "bounds the input of the spectral convolution");
  visit("odd_shift", odd_shift, rule::one_of({"ifftshift", "fftshift"}),
        "fftshift only for weights of neuraloperator 2.0.0");
}

FnoModelImpl::FnoModelImpl(const FnoConfig& config, std::int64_t in, std::int64_t out, int dimension)
    : config_(config), dimension_(dimension) {
  const auto axes = static_cast<std::size_t>(dimension);
  if (config.n_modes.size() != axes)
    throw ConfigError("operator.n_modes: " + std::to_string(config.n_modes.size()) + " numbers for " +
                      std::to_string(axes) + " axes of space");
  if (config.domain_padding.size() > 1 && config.domain_padding.size() != axes)
    throw ConfigError("operator.domain_padding: give one number for every axis or one for all");
  const auto width = config.hidden_channels;
  const auto scaled = [&](double ratio) { return static_cast<std::int64_t>(ratio * static_cast<double>(width)); };
  const auto embedded = in + (config.positional_embedding == "grid" ? dimension : 0);
  lifting_ = register_module("lifting", ChannelMlp(embedded, scaled(config.lifting_channel_ratio), width));
  projection_ = register_module("projection", ChannelMlp(width, scaled(config.projection_channel_ratio), out));
  auto blocks = register_module("fno_blocks", std::make_shared<torch::nn::Module>());
  const auto list = [&](const char* name, auto& modules, std::int64_t count, auto make) {
    auto holder = blocks->register_module(name, torch::nn::ModuleList());
    for (std::int64_t k = 0; k < count; ++k) {
      modules.push_back(make());
      holder->push_back(modules.back());
    }
  };
  const auto layers = config.n_layers;
  const auto shift = config.odd_shift == "fftshift" ? OddShift::fftshift : OddShift::ifftshift;
  list("convs", convolutions_, layers,
       [&] { return SpectralConvolution(width, width, config.n_modes, config.separable, shift); });
  list("fno_skips", fno_skips_, layers, [&] { return Skip(config.fno_skip, width, axes); });
  if (config.use_channel_mlp) {
    const auto hidden = round_half_even(static_cast<double>(width) * config.channel_mlp_expansion);
    list("channel_mlp", mlps_, layers, [&] { return ChannelMlp(width, hidden, width); });
    list("channel_mlp_skips", mlp_skips_, layers, [&] { return Skip(config.channel_mlp_skip, width, axes); });
  }
  if (config.norm != "none")
    list("norm", norms_, 2 * layers, [&] { return Norm(config.norm, width, config.norm_groups); });
}

std::vector<std::int64_t> FnoModelImpl::padding(const torch::Tensor& x) const {
  std::vector<std::int64_t> zeros(static_cast<std::size_t>(dimension_), 0);
  for (std::size_t axis = 0; axis < zeros.size() && !config_.domain_padding.empty(); ++axis) {
    const double part = config_.domain_padding[config_.domain_padding.size() == 1 ? 0 : axis];
    zeros[axis] = round_half_even(part * static_cast<double>(x.size(static_cast<std::int64_t>(axis) + 2)));
  }
  return zeros;
}

torch::Tensor FnoModelImpl::block(torch::Tensor x, std::size_t layer) {
  const bool last = layer + 1 == convolutions_.size();
  const auto normed = [&](const torch::Tensor& y, std::size_t which) {
    return norms_.empty() ? y : norms_[2 * layer + which](y);
  };
  const auto plus = [](const torch::Tensor& y, const torch::Tensor& skip) { return skip.defined() ? y + skip : y; };
  if (config_.preactivation) x = normed(torch::gelu(x), 0);
  const auto skip = fno_skips_[layer](x);
  const auto mlp_skip = mlps_.empty() ? torch::Tensor() : mlp_skips_[layer](x);
  if (config_.stabilizer == "tanh") x = torch::tanh(x);
  auto y = convolutions_[layer](x);
  if (!config_.preactivation) y = normed(y, 0);
  x = plus(y, skip);
  if (!last) x = torch::gelu(x);
  if (config_.preactivation) x = normed(x, 1);
  if (!mlps_.empty()) x = plus(mlps_[layer](x), mlp_skip);
  if (config_.preactivation) return x;
  x = normed(x, 1);
  return last ? x : torch::gelu(x);
}

torch::Tensor FnoModelImpl::forward(torch::Tensor x) {
  if (x.dim() != dimension_ + 2)
    throw ShapeError("FNO: expected [batch, channels] and " + std::to_string(dimension_) + " axes of space, got " +
                     std::to_string(x.dim()) + " axes");
  if (config_.positional_embedding == "grid") x = with_grid(x);
  x = lifting_(x);
  const auto zeros = padding(x);
  std::vector<std::int64_t> sides;  // last axis first
  for (std::size_t axis = zeros.size(); axis > 0; --axis) sides.insert(sides.end(), {zeros[axis - 1], zeros[axis - 1]});
  const bool pads = std::any_of(zeros.begin(), zeros.end(), [](std::int64_t count) { return count > 0; });
  if (pads) x = torch::constant_pad_nd(x, sides);
  for (std::size_t layer = 0; layer < convolutions_.size(); ++layer) x = block(x, layer);
  for (std::size_t axis = 0; axis < zeros.size() && pads; ++axis)
    x = x.narrow(static_cast<std::int64_t>(axis) + 2, zeros[axis],
                 x.size(static_cast<std::int64_t>(axis) + 2) - 2 * zeros[axis]);
  return projection_(pads ? x.contiguous() : x);
}

}  // namespace eddyline::fno
