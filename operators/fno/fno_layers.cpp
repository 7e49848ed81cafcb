#include "operators/fno/fno_layers.hpp"

#include <cmath>

#include "core/base/error.hpp"
#include "operators/kernels/channel_product.hpp"

namespace eddyline::fno {

torch::Tensor pointwise_product(const torch::Tensor& weight, const torch::Tensor& bias, const torch::Tensor& x) {
  auto shape = x.sizes().vec();
  shape[1] = weight.size(0);
  return channel_product(weight.flatten(1), bias, x.flatten(2)).view(shape);
}

PointwiseLinearImpl::PointwiseLinearImpl(std::int64_t in, std::int64_t out, bool has_bias) {
  // PyTorch's default: uniform in +-1/sqrt(fan in) for both.
  const double bound = 1 / std::sqrt(static_cast<double>(in));
  weight = register_parameter("weight", torch::empty({out, in, 1}).uniform_(-bound, bound));
  if (has_bias) bias = register_parameter("bias", torch::empty({out}).uniform_(-bound, bound));
}

torch::Tensor PointwiseLinearImpl::forward(const torch::Tensor& x) { return pointwise_product(weight, bias, x); }

ChannelMlpImpl::ChannelMlpImpl(std::int64_t in, std::int64_t hidden, std::int64_t out, std::string activation)
    : activation_(std::move(activation)) {
  auto layers = register_module("fcs", torch::nn::ModuleList());
  first_ = PointwiseLinear(in, hidden);
  second_ = PointwiseLinear(hidden, out);
  layers->push_back(first_);
  layers->push_back(second_);
}

torch::Tensor ChannelMlpImpl::forward(const torch::Tensor& x) { return second_(activated(first_(x), activation_)); }

SkipImpl::SkipImpl(const std::string& kind, std::int64_t in, std::int64_t out, std::size_t dimension,
                   std::int64_t kernel)
    : kind_(kind), kernel_(kernel) {
  if (kind != "linear" && in != out)
    throw ConfigError("a skip '" + kind + "' cannot turn " + std::to_string(in) + " channels into " +
                      std::to_string(out) + "; use linear");
  if (kind != "linear" && kernel != 1) throw ConfigError("operator.conv_bias_kernel above 1 needs fno_skip: linear");
  if (kind == "linear" && kernel == 1) {
    weight_ = register_module("conv", PointwiseLinear(in, out, false))->weight;
  } else if (kind == "linear") {
    std::vector<std::int64_t> shape(dimension + 2, kernel);
    shape[0] = out;
    shape[1] = in;
    const double bound = 1 / std::sqrt(static_cast<double>(in) * std::pow(kernel, dimension));  // PyTorch's default
    weight_ = register_parameter("weight", torch::empty(shape).uniform_(-bound, bound));
  } else if (kind == "soft-gating") {
    std::vector<std::int64_t> shape(dimension + 2, 1);
    shape[1] = in;
    weight_ = register_parameter("weight", torch::ones(shape));
  }
}

torch::Tensor SkipImpl::forward(const torch::Tensor& x) {
  if (kind_ == "identity") return x;
  if (kind_ == "soft-gating") return x * weight_;
  if (kernel_ == 1) return pointwise_product(weight_, {}, x);
  // "same" padding; of an even kernel the spare zero goes to the high side, as in PyTorch
  std::vector<std::int64_t> sides;
  for (std::int64_t axis = 2; axis < x.dim(); ++axis) sides.insert(sides.end(), {(kernel_ - 1) / 2, kernel_ / 2});
  const auto padded = torch::constant_pad_nd(x, sides);
  if (x.dim() == 3) return torch::conv1d(padded, weight_);
  return x.dim() == 4 ? torch::conv2d(padded, weight_) : torch::conv3d(padded, weight_);
}

BatchNormImpl::BatchNormImpl(std::int64_t channels) {
  weight_ = register_parameter("weight", torch::ones({channels}));
  bias_ = register_parameter("bias", torch::zeros({channels}));
  mean_ = register_buffer("running_mean", torch::zeros({channels}));
  variance_ = register_buffer("running_var", torch::ones({channels}));
  batches_ = register_buffer("num_batches_tracked", torch::zeros({}, torch::kLong));
}

torch::Tensor BatchNormImpl::forward(const torch::Tensor& x) {
  if (is_training()) {
    if (x.numel() == x.size(1))
      throw ShapeError("batch norm: one value a channel has no variance; train with larger batches or a finer grid");
    batches_ += 1;
  }
  return torch::batch_norm(x, weight_, bias_, mean_, variance_, is_training(), 0.1, 1e-5, false);
}

NormImpl::NormImpl(const std::string& kind, std::int64_t channels, std::int64_t groups) : kind_(kind), groups_(groups) {
  if (kind == "group_norm") {
    if (channels % groups != 0)
      throw ConfigError("operator.norm_groups: " + std::to_string(groups) + " groups do not divide " +
                        std::to_string(channels) + " channels");
    weight_ = register_parameter("weight", torch::ones({channels}));
    bias_ = register_parameter("bias", torch::zeros({channels}));
  } else if (kind == "batch_norm") {
    batch_norm_ = register_module("norm", BatchNorm(channels));
  }
}

torch::Tensor NormImpl::forward(const torch::Tensor& x) {
  if (kind_ == "group_norm") return torch::group_norm(x, groups_, weight_, bias_, 1e-5);
  if (kind_ == "batch_norm") return batch_norm_(x);
  return torch::instance_norm(x, {}, {}, {}, {}, true, 0.1, 1e-5, false);
}

torch::Tensor with_grid(const torch::Tensor& x) {
  const auto dimension = x.dim() - 2;
  std::vector<torch::Tensor> parts = {x};
  auto full = x.sizes().vec();
  full[1] = 1;
  for (std::int64_t axis = 0; axis < dimension; ++axis) {
    const auto size = x.size(axis + 2);
    std::vector<std::int64_t> shape(static_cast<std::size_t>(dimension) + 2, 1);
    shape[static_cast<std::size_t>(axis) + 2] = size;
    // Made by division in the tensor's own precision, as linspace(0, 1, N + 1) without its end point is.
    parts.push_back((torch::arange(size, x.options()) / static_cast<double>(size)).view(shape).expand(full));
  }
  return torch::cat(parts, 1);
}

}  // namespace eddyline::fno
