#include "operators/lagrangian_flow/simple_layers.hpp"

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"

namespace eddyline::lagrangian_flow {

AffineLayer::AffineLayer(const torch::Tensor& scale, const torch::Tensor& shift, bool inverted) : inverted_(inverted) {
  torch::nn::Module* holder = this;
  if (inverted) holder = register_module("_transform", std::make_shared<torch::nn::Module>()).get();
  scale_ = holder->register_buffer("_scale", scale);
  shift_ = holder->register_buffer("_shift", shift);
}

torch::Tensor AffineLayer::scaled(const torch::Tensor& x, bool up) const {
  return up ? x * scale_ + shift_ : (x - shift_) / scale_;
}

LayerOutput AffineLayer::forward(const torch::Tensor& x, const Dual&) {
  const auto slope = inverted_ ? 1 / scale_ : scale_;
  return diagonal_output(scaled(x, !inverted_), slope.to(x.dtype()).expand_as(x));
}

torch::Tensor AffineLayer::inverse(const torch::Tensor& y, const torch::Tensor&) { return scaled(y, inverted_); }

LayerOutput ArtanhLayer::forward(const torch::Tensor& x, const Dual&) {
  const auto inside = (x.abs() < 1).all(1);
  if (!inside.all().item<bool>()) {
    const auto outside = torch::nonzero(~inside);
    const auto row = outside[0][0].item<std::int64_t>();
    std::string point;
    for (std::int64_t axis = 0; axis < x.size(1); ++axis)
      point += (axis > 0 ? ", " : "") + format_number(x[row][axis].item<double>(), 6);
    throw DataError("Lagrangian flow: " + std::to_string(outside.size(0)) +
                    " point(s) do not lie inside the domain, the first is point " + std::to_string(row) + " at (" +
                    point + ") of the box (-1, 1) that the domain is mapped to");
  }
  return diagonal_output(0.5 * torch::log((1 + x) / (1 - x)), 1 / (1 - x.square()));
}

torch::Tensor ArtanhLayer::inverse(const torch::Tensor& y, const torch::Tensor&) { return torch::tanh(y); }

ActNormLayer::ActNormLayer(std::int64_t dimension) {
  log_scale_ = register_parameter("log_scale", torch::zeros({dimension}));
  shift_ = register_parameter("shift", torch::zeros({dimension}));
  initialized_ = register_buffer("initialized", torch::zeros({}, torch::kChar));
}

LayerOutput ActNormLayer::forward(const torch::Tensor& x, const Dual&) {
  if (is_training() && initialized_.item<double>() == 0 && x.size(0) > 1) {
    const torch::NoGradGuard no_gradient;
    const auto mean = x.mean(0);
    const auto deviation = ((x - mean).square().sum(0) / static_cast<double>(x.size(0) - 1)).sqrt();
    log_scale_.copy_(-deviation.log());
    shift_.copy_(-mean / deviation);
    initialized_.fill_(1);
  }
  const auto scale = log_scale_.exp();
  auto output = diagonal_output(scale * x + shift_, scale.expand_as(x));
  output.log_determinant = log_scale_.sum().expand({x.size(0)});
  return output;
}

torch::Tensor ActNormLayer::inverse(const torch::Tensor& y, const torch::Tensor&) {
  return (y - shift_) * torch::exp(-log_scale_);
}

PermutationLayer::PermutationLayer(const std::vector<std::int64_t>& permutation) {
  permutation_ = register_buffer("_permutation", torch::tensor(permutation));
}

LayerOutput PermutationLayer::forward(const torch::Tensor& x, const Dual&) {
  const auto order = permutation_.to(torch::kLong);
  const auto points = x.size(0), dimension = x.size(1);
  const auto matrix = torch::eye(dimension, x.options()).index_select(0, order);
  return {x.index_select(1, order), matrix.unsqueeze(0).expand({points, dimension, dimension}), torch::zeros_like(x),
          torch::zeros({points}, x.options())};
}

torch::Tensor PermutationLayer::inverse(const torch::Tensor& y, const torch::Tensor&) {
  return y.index_select(1, torch::argsort(permutation_.to(torch::kLong)));
}

ShiftLayer::ShiftLayer(std::int64_t dimension, std::int64_t context, std::int64_t hidden) {
  net_ = register_module("conditional_net", ResidualNet(context, dimension, hidden, 2, Activation::relu));
}

LayerOutput ShiftLayer::forward(const torch::Tensor& x, const Dual& context) {
  const Dual shift = net_->forward(context);
  auto output = diagonal_output(x + shift.value, torch::ones_like(x));
  output.rate = shift.tangent[0];
  return output;
}

torch::Tensor ShiftLayer::inverse(const torch::Tensor& y, const torch::Tensor& context) {
  return y - net_->forward(context);
}

namespace {

/// A matrix [N, D, D] and its derivative in time.
struct MovingMatrix {
  torch::Tensor value, rate;
};

/// H(q_{D-1}) ... H(q_0) with H(q) x = x - 2 q (q . x) / |q|^2. @param vectors [N, D, D], rows q_k.
MovingMatrix reflections(const torch::Tensor& vectors, const torch::Tensor& vectors_rate) {
  const auto dimension = vectors.size(1);
  auto matrix = torch::eye(dimension, vectors.options()).unsqueeze(0).expand_as(vectors);
  auto matrix_rate = torch::zeros_like(vectors);
  for (std::int64_t k = 0; k < dimension; ++k) {
    const auto row = vectors.narrow(1, k, 1), row_rate = vectors_rate.narrow(1, k, 1);  // [N, 1, D]
    const auto column = row.transpose(1, 2), column_rate = row_rate.transpose(1, 2);
    const auto length = row.square().sum(2, true), length_rate = 2 * (row * row_rate).sum(2, true);
    const auto along = torch::bmm(row, matrix) / length;  // (q . M) / |q|^2
    const auto along_rate =
        (torch::bmm(row_rate, matrix) + torch::bmm(row, matrix_rate) - along * length_rate) / length;
    matrix_rate = matrix_rate - 2 * (column_rate * along + column * along_rate);
    matrix = matrix - 2 * column * along;
  }
  return {matrix, matrix_rate};
}

}  // namespace

SvdLayer::SvdLayer(std::int64_t dimension, std::int64_t context, std::int64_t hidden, Activation activation)
    : dimension_(dimension) {
  net_ = register_module("conditional_net",
                         ResidualNet(context, 2 * dimension * dimension + 2 * dimension, hidden, 2, activation));
}

LayerOutput SvdLayer::forward(const torch::Tensor& x, const Dual& context) {
  constexpr double least = 1e-3;
  const Dual net = net_->forward(context);
  const auto points = x.size(0), square = dimension_ * dimension_;
  const auto rates = net.tangent.select(0, 0);
  const auto matrix_of = [&](const torch::Tensor& values, std::int64_t start) {
    return values.narrow(1, start, square).view({points, dimension_, dimension_});
  };
  const MovingMatrix left = reflections(matrix_of(net.value, 0), matrix_of(rates, 0));
  const MovingMatrix right = reflections(matrix_of(net.value, square), matrix_of(rates, square));
  const auto stretch = net.value.narrow(1, 2 * square, dimension_).exp();
  const auto stretch_rate = (stretch * rates.narrow(1, 2 * square, dimension_)).unsqueeze(2);
  const auto singular = (stretch + least).unsqueeze(2);  // [N, D, 1]
  const auto scaled = singular * right.value;
  const auto scaled_rate = stretch_rate * right.value + singular * right.rate;
  const auto matrix = torch::bmm(left.value, scaled);
  const auto matrix_rate = torch::bmm(left.rate, scaled) + torch::bmm(left.value, scaled_rate);
  const auto product = [&](const torch::Tensor& m) { return (m * x.unsqueeze(1)).sum(2); };
  return {product(matrix) + net.value.narrow(1, 2 * square + dimension_, dimension_), matrix,
          product(matrix_rate) + rates.narrow(1, 2 * square + dimension_, dimension_),
          singular.squeeze(2).log().sum(1)};
}

torch::Tensor SvdLayer::inverse(const torch::Tensor& y, const torch::Tensor& context) {
  const Dual still = {context, torch::zeros_like(context).unsqueeze(0)};
  const auto at_zero = forward(torch::zeros_like(y), still);
  return torch::linalg_solve(at_zero.jacobian, (y - at_zero.value).unsqueeze(2)).squeeze(2);
}

}  // namespace eddyline::lagrangian_flow
