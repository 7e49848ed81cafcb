#include "operators/fno/spectral_weight.hpp"

#include <cmath>
#include <numeric>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace eddyline::fno {
namespace {

double product(const std::vector<std::int64_t>& values) {
  return std::accumulate(values.begin(), values.end(), 1.0,
                         [](double all, std::int64_t value) { return all * static_cast<double>(value); });
}

std::int64_t rounded_rank(double value) { return std::max<std::int64_t>(std::llrint(value), 1); }

/// Root in [0, high] of the increasing c^d a + c b = target.
double root(double a, double b, double d, double target, double high) {
  double low = 0;
  for (int n = 0; n < 200; ++n) {
    const double middle = 0.5 * (low + high);
    (a * std::pow(middle, d) + b * middle > target ? high : low) = middle;
  }
  return low;
}

std::vector<std::int64_t> tucker_ranks(const std::vector<std::int64_t>& shape, double rank) {
  double squares = 0;
  for (const std::int64_t size : shape) squares += static_cast<double>(size * size);
  const double all = product(shape);
  const double ratio = root(all, squares, static_cast<double>(shape.size()), rank * all, std::max(rank, 1.0));
  std::vector<std::int64_t> ranks;
  for (const std::int64_t size : shape) ranks.push_back(rounded_rank(static_cast<double>(size) * ratio));
  return ranks;
}

std::vector<std::int64_t> train_ranks(const std::vector<std::int64_t>& shape, double rank) {
  std::vector<double> means;
  for (std::size_t k = 0; k + 1 < shape.size(); ++k) means.push_back(static_cast<double>(shape[k] + shape[k + 1]) / 2);
  double square = 0;
  for (std::size_t k = 1; k + 1 < shape.size(); ++k) square += means[k - 1] * static_cast<double>(shape[k]) * means[k];
  if (shape.size() == 2) square = means[0] * means[0] * static_cast<double>(shape[0]);
  const double linear =
      static_cast<double>(shape.front()) * means.front() + static_cast<double>(shape.back()) * means.back();
  const double ratio = (std::sqrt(linear * linear + 4 * square * product(shape) * rank) - linear) / (2 * square);
  std::vector<std::int64_t> ranks;
  for (const double mean : means) ranks.push_back(rounded_rank(mean * ratio));
  return ranks;
}

torch::Tensor as_complex(const torch::Tensor& pairs) { return torch::view_as_complex(pairs.contiguous()); }

/// Complex normal numbers with E|w|^2 = deviation^2 as pairs.
torch::Tensor complex_normal(std::vector<std::int64_t> shape, double deviation) {
  shape.push_back(2);
  return torch::randn(shape) * (deviation / std::sqrt(2.0));
}

/// [B, i, K...] by a matrix [o, i] over the channels.
torch::Tensor over_channels(const torch::Tensor& matrix, const torch::Tensor& x) {
  auto shape = x.sizes().vec();
  shape[1] = matrix.size(0);
  return torch::matmul(matrix, x.flatten(2)).view(shape);
}

}  // namespace

std::vector<std::int64_t> factorisation_ranks(const std::string& kind, const std::vector<std::int64_t>& shape,
                                              double rank) {
  if (kind == "tucker") return tucker_ranks(shape, rank);
  if (kind == "tt") return train_ranks(shape, rank);
  const double sum = static_cast<double>(std::accumulate(shape.begin(), shape.end(), std::int64_t{0}));
  return {rounded_rank(product(shape) * rank / sum)};
}

torch::Tensor stored_by_mode(const torch::Tensor& weight) {
  std::vector<std::int64_t> to_front, back = {weight.dim() - 3, weight.dim() - 2};
  for (std::int64_t axis = 2; axis + 1 < weight.dim(); ++axis) {
    to_front.push_back(axis);
    back.push_back(axis - 2);
  }
  to_front.insert(to_front.end(), {0, 1, weight.dim() - 1});
  back.push_back(weight.dim() - 1);
  return weight.permute(to_front).contiguous().permute(back);
}

torch::Tensor matrices_by_mode(const torch::Tensor& weight) {
  std::vector<std::int64_t> order;
  for (std::int64_t axis = 2; axis < weight.dim(); ++axis) order.push_back(axis);
  order.insert(order.end(), {0, 1});
  return weight.permute(order).reshape({-1, weight.size(0), weight.size(1)});
}

torch::Tensor mixed_channels(const torch::Tensor& x, const torch::Tensor& weight) {
  const auto batch = x.size(0), in = x.size(1), out = weight.size(1);
  auto shape = x.sizes().vec();
  shape[1] = out;
  // One batched complex matrix product over the modes.
  const auto by_mode = x.reshape({batch, in, -1}).permute({2, 0, 1});  // [k, b, i]
  return torch::bmm(by_mode, matrices_by_mode(weight)).permute({1, 2, 0}).reshape(shape);
}

FactorisedWeightImpl::FactorisedWeightImpl(const Factorisation& factorisation, const std::vector<std::int64_t>& shape,
                                           std::int64_t channel_axes, double deviation)
    : kind_(factorisation.kind), is_reconstructed_(factorisation.is_reconstructed), channel_axes_(channel_axes) {
  auto ranks = factorisation.ranks;
  if (ranks.empty()) ranks = factorisation_ranks(kind_, shape, factorisation.rank);
  const std::size_t expected = kind_ == "cp" ? 1 : kind_ == "tt" ? shape.size() - 1 : shape.size();
  if (ranks.size() != expected)
    throw ConfigError("operator.ranks: " + std::to_string(ranks.size()) + " numbers; '" + kind_ +
                      "' weights of this operator take " + std::to_string(expected));
  const double order = static_cast<double>(shape.size());
  double each = std::pow(deviation / std::sqrt(product(ranks)), 1 / order);
  if (kind_ == "tucker") {
    each = std::pow(deviation / std::sqrt(product(ranks)), 1 / (order + 1));
    core_ = register_parameter("core", complex_normal(ranks, each));
  } else if (kind_ == "cp") {
    core_ = register_parameter("weights", torch::view_as_real(torch::ones({ranks[0]}, torch::kComplexFloat)).clone());
  } else if (kind_ != "tt") {
    throw ConfigError("operator.factorization: '" + printable(kind_) + "' is none of dense, tucker, cp, tt");
  }
  auto list = register_module("factors", std::make_shared<torch::nn::Module>());
  for (std::size_t k = 0; k < shape.size(); ++k) {
    std::vector<std::int64_t> size = {shape[k], ranks[kind_ == "cp" ? 0 : std::min(k, ranks.size() - 1)]};
    if (kind_ == "tt") size = {k == 0 ? 1 : ranks[k - 1], shape[k], k + 1 == shape.size() ? 1 : ranks[k]};
    factors_.push_back(list->register_parameter("factor_" + std::to_string(k), complex_normal(size, each)));
  }
}

std::vector<torch::Tensor> FactorisedWeightImpl::cut_factors(const ModeCut& cut) const {
  std::vector<torch::Tensor> factors;
  const std::int64_t rows = kind_ == "tt" ? 1 : 0;
  for (std::size_t k = 0; k < factors_.size(); ++k) {
    auto factor = as_complex(factors_[k]);
    const auto first = static_cast<std::size_t>(channel_axes_);
    if (k >= first) factor = factor.narrow(rows, cut[k - first].first, cut[k - first].second);
    factors.push_back(factor);
  }
  return factors;
}

torch::Tensor FactorisedWeightImpl::dense(const ModeCut& cut) const {
  const auto factors = cut_factors(cut);
  if (kind_ == "tt") {
    auto result = factors[0].squeeze(0);
    for (std::size_t k = 1; k < factors.size(); ++k) result = torch::tensordot(result, factors[k], {-1}, {0});
    return result.squeeze(-1);
  }
  auto result = as_complex(core_);
  if (kind_ == "tucker") {  // every contraction drops the first axis and appends the full one
    for (const auto& factor : factors) result = torch::tensordot(result, factor, {0}, {1});
    return result;
  }
  for (const auto& factor : factors) {  // [R, n0, n1, ..]
    std::vector<std::int64_t> shape(static_cast<std::size_t>(result.dim()) + 1, 1);
    shape.front() = factor.size(1);
    shape.back() = factor.size(0);
    result = result.unsqueeze(-1) * factor.t().reshape(shape);
  }
  return result.sum(0);
}

torch::Tensor FactorisedWeightImpl::tucker(const torch::Tensor& x, const std::vector<torch::Tensor>& factors) const {
  auto kernel = as_complex(core_);  // [r_in, r_out, r1, ..] to [r_in, r_out, k1, ..]
  for (std::size_t k = 2; k < factors.size(); ++k) kernel = torch::tensordot(kernel, factors[k], {2}, {1});
  return over_channels(factors[1], mixed_channels(over_channels(factors[0].t(), x), kernel));
}

torch::Tensor FactorisedWeightImpl::canonical(const torch::Tensor& x, const std::vector<torch::Tensor>& factors) const {
  auto kernel = as_complex(core_);  // [R, k1, ..]
  for (std::size_t k = 2; k < factors.size(); ++k) {
    std::vector<std::int64_t> shape(static_cast<std::size_t>(kernel.dim()) + 1, 1);
    shape.front() = factors[k].size(1);
    shape.back() = factors[k].size(0);
    kernel = kernel.unsqueeze(-1) * factors[k].t().reshape(shape);
  }
  return over_channels(factors[1], over_channels(factors[0].t(), x) * kernel);
}

torch::Tensor FactorisedWeightImpl::train(const torch::Tensor& x, const std::vector<torch::Tensor>& factors) const {
  const auto channels = torch::tensordot(factors[0].squeeze(0), factors[1], {1}, {0});  // [in, out, r]
  auto kernel = factors[2];                                                             // [r, k1, .., 1]
  for (std::size_t k = 3; k < factors.size(); ++k) kernel = torch::tensordot(kernel, factors[k], {-1}, {0});
  kernel = kernel.squeeze(-1).flatten(1);  // [r, K]
  const auto in = channels.size(0), out = channels.size(1), rank = channels.size(2);
  auto shape = x.sizes().vec();
  shape[1] = out;
  const auto spread = torch::matmul(x.flatten(2).transpose(1, 2), channels.reshape({in, out * rank}));  // [b, K, o r]
  const auto weighted = spread.unflatten(2, {out, rank}) * kernel.t().unsqueeze(1);
  return weighted.sum(-1).transpose(1, 2).reshape(shape);
}

torch::Tensor FactorisedWeightImpl::forward(const torch::Tensor& x, const ModeCut& cut) {
  if (channel_axes_ == 1) return x * dense(cut);
  if (is_reconstructed_) return mixed_channels(x, dense(cut));
  const auto factors = cut_factors(cut);
  return kind_ == "tucker" ? tucker(x, factors) : kind_ == "cp" ? canonical(x, factors) : train(x, factors);
}

}  // namespace eddyline::fno
