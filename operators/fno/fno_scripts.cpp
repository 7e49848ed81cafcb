#include "operators/fno/fno_scripts.hpp"

#include <cmath>

namespace eddyline::fno {
namespace {
constexpr int layers = 4;
constexpr std::int64_t head_width = 128;
}  // namespace

torch::Tensor unit_grid(const torch::Tensor& x) {
  const auto dimension = x.dim() - 2;
  std::vector<torch::Tensor> lines;
  for (std::int64_t axis = 0; axis < dimension; ++axis)
    lines.push_back(torch::linspace(0, 1, x.size(axis + 2), x.options()));
  auto shape = x.sizes().slice(2).vec();
  shape.insert(shape.begin(), x.size(0));
  shape.push_back(dimension);
  return torch::stack(torch::meshgrid(lines, "ij"), -1).unsqueeze(0).expand(shape);
}

ClassicFno2020Impl::ClassicFno2020Impl(const std::vector<std::int64_t>& modes, std::int64_t width, std::int64_t in,
                                       std::int64_t out) {
  fc0_ = register_module("fc0", torch::nn::Linear(in, width));
  for (int k = 0; k < layers; ++k) {
    const std::string number = std::to_string(k);
    convolutions_.push_back(register_module("conv" + number, ClassicSpectralConvolution(width, width, modes, true)));
    pointwise_.push_back(register_module("w" + number, PointwiseLinear(width, width)));
    norms_.push_back(register_module("bn" + number, BatchNorm(width)));
  }
  fc1_ = register_module("fc1", torch::nn::Linear(width, head_width));
  fc2_ = register_module("fc2", torch::nn::Linear(head_width, out));
}

torch::Tensor ClassicFno2020Impl::forward(const torch::Tensor& x) {
  auto y = fc0_(x).movedim(-1, 1);
  for (std::size_t k = 0; k < convolutions_.size(); ++k) {
    y = norms_[k](convolutions_[k](y) + pointwise_[k](y));
    if (k + 1 < convolutions_.size()) y = torch::relu(y);
  }
  return fc2_(torch::relu(fc1_(y.movedim(1, -1))));
}

torch::Tensor ClassicFno2023Impl::Pointwise::operator()(const torch::Tensor& x) const {
  return pointwise_product(weight, bias, x);
}

ClassicFno2023Impl::Pointwise ClassicFno2023Impl::pointwise(torch::nn::Module& owner, std::int64_t in,
                                                            std::int64_t out) const {
  const double bound = 1 / std::sqrt(static_cast<double>(in));
  std::vector<std::int64_t> shape(dimension_ + 2, 1);
  shape[0] = out;
  shape[1] = in;
  return {owner.register_parameter("weight", torch::empty(shape).uniform_(-bound, bound)),
          owner.register_parameter("bias", torch::empty({out}).uniform_(-bound, bound))};
}

ClassicFno2023Impl::ClassicFno2023Impl(const std::vector<std::int64_t>& modes, std::int64_t width, std::int64_t in,
                                       std::int64_t out)
    : dimension_(modes.size()) {
  const auto layer = [&](torch::nn::Module& owner, const std::string& name, std::int64_t from, std::int64_t to) {
    auto holder = owner.register_module(name, std::make_shared<torch::nn::Module>());
    return pointwise(*holder, from, to);
  };
  p_ = register_module("p", torch::nn::Linear(in + static_cast<std::int64_t>(dimension_), width));
  for (int k = 0; k < layers; ++k) {
    const std::string number = std::to_string(k);
    convolutions_.push_back(register_module("conv" + number, ClassicSpectralConvolution(width, width, modes)));
    auto mlp = register_module("mlp" + number, std::make_shared<torch::nn::Module>());
    mlps1_.push_back(layer(*mlp, "mlp1", width, width));
    mlps2_.push_back(layer(*mlp, "mlp2", width, width));
    w_.push_back(layer(*this, "w" + number, width, width));
  }
  auto q = register_module("q", std::make_shared<torch::nn::Module>());
  q1_ = layer(*q, "mlp1", width, 4 * width);
  q2_ = layer(*q, "mlp2", 4 * width, out);
}

torch::Tensor ClassicFno2023Impl::forward(const torch::Tensor& x) {
  const auto norm = [](const torch::Tensor& y) {
    return torch::instance_norm(y, {}, {}, {}, {}, true, 0.1, 1e-5, false);
  };
  auto y = p_(torch::cat({x, unit_grid(x.movedim(-1, 1))}, -1)).movedim(-1, 1);
  for (std::size_t k = 0; k < convolutions_.size(); ++k) {
    const auto filtered = norm(convolutions_[k](norm(y)));
    y = mlps2_[k](torch::gelu(mlps1_[k](filtered))) + w_[k](y);
    if (k + 1 < convolutions_.size()) y = torch::gelu(y);
  }
  return q2_(torch::gelu(q1_(y))).movedim(1, -1);
}

}  // namespace eddyline::fno
