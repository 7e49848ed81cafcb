#include "operators/unet/unet_modern.hpp"

#include <cmath>

#include "core/base/error.hpp"

namespace eddyline::unet {
namespace {

constexpr std::int64_t final_groups = 8;

/// The spectral convolutions' modes on a level; empty where the level has none.
std::vector<std::int64_t> level_modes(const UnetConfig& config, std::size_t level) {
  if (static_cast<std::int64_t>(level) >= config.n_fourier_layers) return {};
  auto modes = config.modes;
  if (config.mode_scaling)
    for (auto& count : modes) count = std::max<std::int64_t>(count >> level, 4);
  return modes;
}

}  // namespace

void UnetConfig::fields(FieldVisitor& visit) {
  visit("hidden_channels", hidden_channels, rule::at_least(1), "width of the first level, a multiple of 8");
  visit("ch_mults", ch_mults, rule::at_least(1), "growth of the width from level to level; its length is the depth");
  visit("n_blocks", n_blocks, rule::at_least(1), "residual blocks a level on the way down; one more on the way up");
  visit("norm", norm, rule::any(), "group norms in the blocks and before the end");
  visit("use1x1", use1x1, rule::any(), "pointwise instead of 3x3 convolutions at the two ends");
  visit("activation", activation, rule::one_of({"gelu", "relu", "silu", "tanh", "sigmoid"}), "");
  visit("is_attn", is_attn, rule::between(0, 1), "1 for each level with attention behind its blocks; missing are 0");
  visit("mid_attn", mid_attn, rule::any(), "attention on the coarsest level");
  visit("softmax_axis", softmax_axis, rule::one_of({"key", "query"}), "query only for weights of PDEArena");
  visit("n_fourier_layers", n_fourier_layers, rule::non_negative(),
        "finest levels whose blocks on the way down have spectral convolutions (U-FNet)");
  visit("modes", modes, rule::at_least(1), "their modes along each axis (y, x)");
  visit("mode_scaling", mode_scaling, rule::any(), "halve the modes from level to level, to no fewer than 4");
  visit("size_padding", size_padding, rule::one_of({"none", "zero", "periodic"}),
        "how axes that are no multiple of 2^(levels - 1) are filled up at the high end; none: an error");
}

ResidualBlockImpl::ResidualBlockImpl(const UnetConfig& config, std::int64_t in, std::int64_t out, int dimension,
                                     const std::vector<std::int64_t>& modes)
    : activation_(config.activation) {
  if (config.norm) {
    norm1_ = register_module("norm1", torch::nn::GroupNorm(1, in));
    norm2_ = register_module("norm2", torch::nn::GroupNorm(1, out));
  }
  const std::int64_t kernel = modes.empty() ? 3 : 1;
  if (!modes.empty()) {
    fourier1_ = register_module("fourier1", fno::ClassicSpectralConvolution(in, out, modes));
    fourier2_ = register_module("fourier2", fno::ClassicSpectralConvolution(out, out, modes));
  }
  conv1_ = register_module("conv1", Convolution(in, out, dimension, ConvolutionImpl::Options{kernel}));
  conv2_ = register_module("conv2", Convolution(out, out, dimension, ConvolutionImpl::Options{kernel}));
  if (in != out) shortcut_ = register_module("shortcut", Convolution(in, out, dimension, ConvolutionImpl::Options{1}));
}

torch::Tensor ResidualBlockImpl::forward(const torch::Tensor& x) {
  const auto half = [&](const torch::Tensor& y, torch::nn::GroupNorm& norm, Convolution& conv,
                        fno::ClassicSpectralConvolution& fourier) {
    const auto active = activated(norm ? norm(y) : y, activation_);
    return fourier ? fourier(active) + conv(active) : conv(active);
  };
  const auto h = half(half(x, norm1_, conv1_, fourier1_), norm2_, conv2_, fourier2_);
  return h + (shortcut_ ? shortcut_(x) : x);
}

AttentionBlockImpl::AttentionBlockImpl(std::int64_t channels, const std::string& softmax_axis)
    : scale_(1 / std::sqrt(static_cast<double>(channels))), softmax_dimension_(softmax_axis == "query" ? 1 : 2) {
  projection_ = register_module("projection", torch::nn::Linear(channels, 3 * channels));
  output_ = register_module("output", torch::nn::Linear(channels, channels));
}

torch::Tensor AttentionBlockImpl::forward(const torch::Tensor& x) {
  const auto tokens = projection_(x.flatten(2).transpose(1, 2)).chunk(3, 2);  // q, k, v: [B, points, C]
  const auto scores = torch::bmm(tokens[0], tokens[1].transpose(1, 2)) * scale_;
  const auto mixed = torch::bmm(torch::softmax(scores, softmax_dimension_), tokens[2]);
  return output_(mixed).transpose(1, 2).reshape(x.sizes()) + x;
}

ModernUnetImpl::Stage ModernUnetImpl::block(torch::nn::ModuleListImpl& list, std::int64_t in, std::int64_t out,
                                            bool has_attention, const std::vector<std::int64_t>& modes) {
  auto holder = std::make_shared<torch::nn::Module>();
  Stage stage;
  stage.residual = holder->register_module("res", ResidualBlock(config_, in, out, dimension_, modes));
  if (has_attention) stage.attention = holder->register_module("attn", AttentionBlock(out, config_.softmax_axis));
  list.push_back(holder);
  return stage;
}

ModernUnetImpl::Stage ModernUnetImpl::resampling(torch::nn::ModuleListImpl& list, std::int64_t channels, bool is_up) {
  auto holder = std::make_shared<torch::nn::Module>();
  Stage stage;
  stage.resample = holder->register_module(
      "conv", Convolution(channels, channels, dimension_, ConvolutionImpl::Options{is_up ? 4 : 3, 2, true, is_up}));
  list.push_back(holder);
  return stage;
}

ModernUnetImpl::ModernUnetImpl(const UnetConfig& config, std::int64_t in, std::int64_t out, int dimension)
    : config_(config), in_(in), dimension_(dimension) {
  const auto levels = config.ch_mults.size();
  if (levels == 0) throw ConfigError("operator.ch_mults: give at least one level");
  if (config.norm && config.hidden_channels % final_groups != 0)
    throw ConfigError("operator.hidden_channels: " + std::to_string(config.hidden_channels) +
                      " is no multiple of 8, the groups of the last norm");
  if (config.n_fourier_layers > static_cast<std::int64_t>(levels))
    throw ConfigError("operator.n_fourier_layers: " + std::to_string(config.n_fourier_layers) + " of " +
                      std::to_string(levels) + " levels");
  if (config.n_fourier_layers > 0 && config.modes.size() != static_cast<std::size_t>(dimension))
    throw ConfigError("operator.modes: " + std::to_string(config.modes.size()) + " numbers for " +
                      std::to_string(dimension) + " axes of space");
  const auto has_attention = [&](std::size_t level) { return level < config.is_attn.size() && config.is_attn[level]; };
  const ConvolutionImpl::Options ends{config.use1x1 ? 1 : 3};
  auto channels = config.hidden_channels;
  image_projection_ = register_module("image_proj", Convolution(in, channels, dimension, ends));
  auto down = register_module("down", torch::nn::ModuleList());
  for (std::size_t level = 0; level < levels; ++level) {
    const auto width = channels * config.ch_mults[level];
    for (std::int64_t k = 0; k < config.n_blocks; ++k) {
      down_.push_back(block(*down, channels, width, has_attention(level), level_modes(config, level)));
      channels = width;
    }
    if (level + 1 < levels) down_.push_back(resampling(*down, channels, false));
  }
  auto middle = register_module("middle", std::make_shared<torch::nn::Module>());
  middle1_ = middle->register_module("res1",
                                     ResidualBlock(config, channels, channels, dimension, std::vector<std::int64_t>{}));
  if (config.mid_attn)
    middle_attention_ = middle->register_module("attn", AttentionBlock(channels, config.softmax_axis));
  middle2_ = middle->register_module("res2",
                                     ResidualBlock(config, channels, channels, dimension, std::vector<std::int64_t>{}));
  auto up = register_module("up", torch::nn::ModuleList());
  for (std::size_t level = levels; level-- > 0;) {
    for (std::int64_t k = 0; k < config.n_blocks; ++k)
      up_.push_back(block(*up, 2 * channels, channels, has_attention(level), {}));
    const auto below = channels / config.ch_mults[level];
    up_.push_back(block(*up, channels + below, below, has_attention(level), {}));
    channels = below;
    if (level > 0) up_.push_back(resampling(*up, channels, true));
  }
  if (config.norm) norm_ = register_module("norm", torch::nn::GroupNorm(final_groups, channels));
  final_ = register_module("final", Convolution(channels, out, dimension, ends));
}

torch::Tensor ModernUnetImpl::run(Stage& stage, const torch::Tensor& x) {
  if (stage.resample) return stage.resample(x);
  const auto y = stage.residual(x);
  return stage.attention ? stage.attention(y) : y;
}

torch::Tensor ModernUnetImpl::forward(const torch::Tensor& input) {
  check_input(input, in_, dimension_, "U-Net");
  const SizeFit fit(input, std::int64_t{1} << (config_.ch_mults.size() - 1), config_.size_padding);
  auto x = image_projection_(fit.padded(input));
  std::vector<torch::Tensor> skips = {x};
  for (Stage& stage : down_) {
    x = run(stage, x);
    skips.push_back(x);
  }
  x = middle1_(x);
  if (middle_attention_) x = middle_attention_(x);
  x = middle2_(x);
  for (Stage& stage : up_) {
    if (!stage.resample) {
      x = torch::cat({x, skips.back()}, 1);
      skips.pop_back();
    }
    x = run(stage, x);
  }
  return fit.cropped(final_(activated(norm_ ? norm_(x) : x, config_.activation)));
}

}  // namespace eddyline::unet
