#include "operators/fno/fno_layers.hpp"

#include <cmath>

namespace eddyline::fno {
namespace {

/// weight [C_out, C_in, 1] times x [B, C_in, ...], plus a bias: one matrix product a sample. A 1x1 convolution of
/// LibTorch computes the same, up to seven times slower on power-of-two grids.
torch::Tensor pointwise_product(const torch::Tensor& weight, const torch::Tensor& bias, const torch::Tensor& x) {
  const auto batch = x.size(0), out = weight.size(0), in = weight.size(1);
  const auto matrices = weight.view({1, out, in}).expand({batch, out, in});
  auto shape = x.sizes().vec();
  shape[1] = out;
  const auto fields = x.flatten(2);
  const auto y =
      bias.defined() ? torch::baddbmm(bias.view({1, out, 1}), matrices, fields) : torch::bmm(matrices, fields);
  return y.view(shape);
}

}  // namespace

PointwiseLinearImpl::PointwiseLinearImpl(std::int64_t in, std::int64_t out, bool has_bias) {
  // PyTorch's default: uniform in +-1/sqrt(fan in) for both.
  const double bound = 1 / std::sqrt(static_cast<double>(in));
  weight = register_parameter("weight", torch::empty({out, in, 1}).uniform_(-bound, bound));
  if (has_bias) bias = register_parameter("bias", torch::empty({out}).uniform_(-bound, bound));
}

torch::Tensor PointwiseLinearImpl::forward(const torch::Tensor& x) { return pointwise_product(weight, bias, x); }

ChannelMlpImpl::ChannelMlpImpl(std::int64_t in, std::int64_t hidden, std::int64_t out) {
  auto layers = register_module("fcs", torch::nn::ModuleList());
  first_ = PointwiseLinear(in, hidden);
  second_ = PointwiseLinear(hidden, out);
  layers->push_back(first_);
  layers->push_back(second_);
}

torch::Tensor ChannelMlpImpl::forward(const torch::Tensor& x) { return second_(torch::gelu(first_(x))); }

SkipImpl::SkipImpl(const std::string& kind, std::int64_t channels, std::size_t dimension) : kind_(kind) {
  if (kind == "linear") {
    weight_ = register_module("conv", PointwiseLinear(channels, channels, false))->weight;
  } else if (kind == "soft-gating") {
    std::vector<std::int64_t> shape(dimension + 2, 1);
    shape[1] = channels;
    weight_ = register_parameter("weight", torch::ones(shape));
  }
}

torch::Tensor SkipImpl::forward(const torch::Tensor& x) {
  if (kind_ == "identity") return x;
  if (kind_ == "none") return {};
  if (kind_ == "soft-gating") return x * weight_;
  return pointwise_product(weight_, {}, x);
}

NormImpl::NormImpl(const std::string& kind, std::int64_t channels, std::int64_t groups) : kind_(kind), groups_(groups) {
  if (kind == "group_norm") {
    weight_ = register_parameter("weight", torch::ones({channels}));
    bias_ = register_parameter("bias", torch::zeros({channels}));
  }
}

torch::Tensor NormImpl::forward(const torch::Tensor& x) {
  if (kind_ == "group_norm") return torch::group_norm(x, groups_, weight_, bias_, 1e-5);
  if (kind_ == "instance_norm") return torch::instance_norm(x, {}, {}, {}, {}, true, 0.1, 1e-5, false);
  return x;
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
