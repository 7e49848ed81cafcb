#include "operators/lagrangian_flow/dual.hpp"

namespace eddyline::lagrangian_flow {
namespace {

torch::Tensor sum_of(const torch::Tensor& a, const torch::Tensor& b) {
  if (!a.defined()) return b;
  return b.defined() ? a + b : a;
}

/// a * tangent, where there is one.
torch::Tensor scaled(const torch::Tensor& tangent, const torch::Tensor& factor) {
  return tangent.defined() ? tangent * factor : tangent;
}

template <class Function>
Dual both(const Dual& x, const Function& function) {
  return {function(x.value), x.tangent.defined() ? function(x.tangent) : torch::Tensor()};
}

}  // namespace

Dual operator+(const Dual& a, const Dual& b) { return {a.value + b.value, sum_of(a.tangent, b.tangent)}; }
Dual operator-(const Dual& a, const Dual& b) { return a + (-1.0) * b; }
Dual operator*(const Dual& a, const Dual& b) {
  return {a.value * b.value, sum_of(scaled(a.tangent, b.value), scaled(b.tangent, a.value))};
}
Dual operator/(const Dual& a, const Dual& b) {
  const auto value = a.value / b.value;
  return {value, sum_of(scaled(a.tangent, 1 / b.value), scaled(b.tangent, -value / b.value))};
}
Dual operator+(const Dual& a, double b) { return {a.value + b, a.tangent}; }
Dual operator*(double a, const Dual& b) {
  return both(b, [&](const torch::Tensor& x) { return a * x; });
}

Dual mapped(const Dual& x, const torch::Tensor& value, const torch::Tensor& slope) {
  return {value, scaled(x.tangent, slope)};
}

Dual relu(const Dual& x) { return mapped(x, torch::relu(x.value), (x.value > 0).to(x.value.dtype())); }

Dual silu(const Dual& x) {
  const auto gate = torch::sigmoid(x.value);
  return mapped(x, x.value * gate, gate * (1 + x.value * (1 - gate)));
}

Dual sigmoid(const Dual& x) {
  const auto value = torch::sigmoid(x.value);
  return mapped(x, value, value * (1 - value));
}

Dual tanh(const Dual& x) {
  const auto value = torch::tanh(x.value);
  return mapped(x, value, 1 - value.square());
}

Dual softplus(const Dual& x) { return mapped(x, torch::softplus(x.value), torch::sigmoid(x.value)); }

Dual softmax(const Dual& x) {
  const auto value = torch::softmax(x.value, -1);
  if (!x.tangent.defined()) return {value, {}};
  const auto weighted = value * x.tangent;
  return {value, weighted - value * weighted.sum(-1, true)};
}

Dual sum_last(const Dual& x, bool keep) {
  return both(x, [&](const torch::Tensor& y) { return y.sum(-1, keep); });
}
Dual narrow_last(const Dual& x, std::int64_t start, std::int64_t length) {
  return both(x, [&](const torch::Tensor& y) { return y.narrow(-1, start, length); });
}
Dual unsqueeze_last(const Dual& x) {
  return both(x, [](const torch::Tensor& y) { return y.unsqueeze(-1); });
}
Dual squeeze_last(const Dual& x) {
  return both(x, [](const torch::Tensor& y) { return y.squeeze(-1); });
}

Dual cat_last(const Dual& a, const Dual& b) {
  Dual result = {torch::cat({a.value, b.value}, -1), {}};
  if (!a.tangent.defined() && !b.tangent.defined()) return result;
  const auto tangent_of = [&](const Dual& x, const Dual& other) {
    if (x.tangent.defined()) return x.tangent;
    auto shape = x.value.sizes().vec();
    shape.insert(shape.begin(), other.tangent.size(0));
    return torch::zeros(shape, x.value.options());
  };
  result.tangent = torch::cat({tangent_of(a, b), tangent_of(b, a)}, -1);
  return result;
}

Dual linear(const Dual& x, const torch::Tensor& weight, const torch::Tensor& bias) {
  return {torch::nn::functional::linear(x.value, weight, bias),
          x.tangent.defined() ? torch::matmul(x.tangent, weight.t()) : torch::Tensor()};
}

}  // namespace eddyline::lagrangian_flow
