#include "operators/unet/unet_2015.hpp"

namespace eddyline::unet {
namespace {

constexpr int levels = 4;

torch::Tensor pooled(const torch::Tensor& x, int dimension) {
  if (dimension == 1) return torch::max_pool1d(x, 2, 2);
  return dimension == 2 ? torch::max_pool2d(x, 2, 2) : torch::max_pool3d(x, 2, 2);
}

}  // namespace

void Unet2015Config::fields(FieldVisitor& visit) {
  visit("features", features, rule::at_least(1), "width of the first level; the others double it");
  visit("activation", activation, rule::one_of({"gelu", "relu", "silu", "tanh", "sigmoid"}), "");
  visit("size_padding", size_padding, rule::one_of({"none", "zero", "periodic"}),
        "how axes that are no multiple of 16 are filled up at the high end; none: an error");
}

Unet2015Impl::Block Unet2015Impl::block(const std::string& name, const std::string& stem, std::int64_t in,
                                        std::int64_t out) {
  auto holder = register_module(name, std::make_shared<torch::nn::Module>());
  const ConvolutionImpl::Options options{3, 1, false};
  Block result;
  result.conv1 = holder->register_module(stem + "conv1", Convolution(in, out, dimension_, options));
  result.norm1 = holder->register_module(stem + "norm1", fno::BatchNorm(out));
  result.conv2 = holder->register_module(stem + "conv2", Convolution(out, out, dimension_, options));
  result.norm2 = holder->register_module(stem + "norm2", fno::BatchNorm(out));
  return result;
}

torch::Tensor Unet2015Impl::run(Block& block, const torch::Tensor& x) const {
  const auto half = activated(block.norm1(block.conv1(x)), config_.activation);
  return activated(block.norm2(block.conv2(half)), config_.activation);
}

Unet2015Impl::Unet2015Impl(const Unet2015Config& config, std::int64_t in, std::int64_t out, int dimension)
    : config_(config), in_(in), dimension_(dimension) {
  auto width = in;
  for (int level = 1; level <= levels; ++level) {
    const auto wider = config.features << (level - 1);
    const std::string number = std::to_string(level);
    encoders_.push_back(block("encoder" + number, "enc" + number, width, wider));
    width = wider;
  }
  bottleneck_ = block("bottleneck", "bottleneck", width, 2 * width);
  for (int level = 1; level <= levels; ++level) {
    const auto own = config.features << (level - 1);
    const std::string number = std::to_string(level);
    upward_.push_back(register_module(
        "upconv" + number, Convolution(2 * own, own, dimension, ConvolutionImpl::Options{2, 2, true, true})));
    decoders_.push_back(block("decoder" + number, "dec" + number, 2 * own, own));
  }
  final_ = register_module("conv", Convolution(config.features, out, dimension, ConvolutionImpl::Options{1}));
}

torch::Tensor Unet2015Impl::forward(const torch::Tensor& input) {
  check_input(input, in_, dimension_, "U-Net");
  const SizeFit fit(input, std::int64_t{1} << levels, config_.size_padding);
  auto x = fit.padded(input);
  std::vector<torch::Tensor> skips;
  for (Block& encoder : encoders_) {
    skips.push_back(run(encoder, x));
    x = pooled(skips.back(), dimension_);
  }
  x = run(bottleneck_, x);
  for (std::size_t level = levels; level-- > 0;)
    x = run(decoders_[level], torch::cat({upward_[level](x), skips[level]}, 1));
  return fit.cropped(final_(x));
}

}  // namespace eddyline::unet
