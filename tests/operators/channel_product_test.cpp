// The pointwise linear layer by compiled products against LibTorch's batched product.

#include "operators/kernels/channel_product.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace eddyline::test {
namespace {

struct Sizes {
  std::int64_t batch, in, out, points;
};

/// Largest difference relative to the largest value.
double difference(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).abs().max() / b.abs().max()).item<double>();
}

class ChannelProducts : public testing::TestWithParam<Sizes> {};

TEST_P(ChannelProducts, ValuesAndGradientsEqualTheBatchedProduct) {
  const auto [batch, in, out, points] = GetParam();
  for (const auto type : {torch::kFloat, torch::kDouble})
    for (const bool has_bias : {true, false}) {
      torch::manual_seed(7);
      const auto options = torch::dtype(type);
      std::vector<torch::Tensor> inputs = {torch::randn({out, in}, options),
                                           torch::randn({batch, in, points}, options)};
      if (has_bias) inputs.push_back(torch::randn({out}, options));
      for (auto& input : inputs) input.requires_grad_();
      const auto bias = has_bias ? inputs[2] : torch::Tensor();
      const auto fast = channel_product(inputs[0], bias, inputs[1]);
      const auto plain = plain_channel_product(inputs[0], bias, inputs[1]);
      const auto direction = torch::randn_like(plain);
      const auto fast_gradients = torch::autograd::grad({fast}, inputs, {direction});
      const auto plain_gradients = torch::autograd::grad({plain}, inputs, {direction});
      // Rounding of sums in another order grows like the root of their length.
      const double unit = type == torch::kFloat ? 1.2e-7 : 2.2e-16;
      const double tolerance = 2 * unit * std::sqrt(static_cast<double>(std::max(batch * points, 16L)));
      EXPECT_LT(difference(fast, plain), tolerance);
      for (std::size_t k = 0; k < inputs.size(); ++k)
        EXPECT_LT(difference(fast_gradients[k], plain_gradients[k]), tolerance) << "input " << k;
    }
}
INSTANTIATE_TEST_SUITE_P(Shapes, ChannelProducts,
                         testing::Values(Sizes{1, 1, 1, 1}, Sizes{3, 5, 7, 17}, Sizes{2, 24, 12, 256},
                                         Sizes{2, 3, 33, 300}, Sizes{1, 64, 128, 1000}, Sizes{2, 20, 20, 4096}));

TEST(ChannelProduct, DifferentiatesTwice) {
  torch::manual_seed(3);
  const auto options = torch::dtype(torch::kDouble).requires_grad(true);
  const auto weight = torch::randn({4, 3}, options), bias = torch::randn({4}, options),
             x = torch::randn({2, 3, 5}, options);
  const auto second = [&](const auto& product) {
    const auto energy = product(weight, bias, x).pow(3).sum();
    const auto first = torch::autograd::grad({energy}, {x}, {}, true, true);
    return torch::autograd::grad({first[0].pow(2).sum()}, {weight, bias, x});
  };
  const auto fast = second(channel_product), plain = second(plain_channel_product);
  for (std::size_t k = 0; k < 3; ++k) EXPECT_LT(difference(fast[k], plain[k]), 1e-13) << "input " << k;
}

TEST(ChannelProduct, ViewsAndOtherTypesAreTaken) {
  torch::manual_seed(5);
  const auto x = torch::randn({6, 4, 2}).permute({2, 1, 0}), weight = torch::randn({4, 5}).t();
  EXPECT_LT(difference(channel_product(weight, {}, x), plain_channel_product(weight, {}, x)), 3e-6);
  EXPECT_EQ(channel_product(weight.to(torch::kBFloat16), {}, x.to(torch::kBFloat16)).scalar_type(), torch::kBFloat16);
  EXPECT_EQ(channel_product(weight, {}, torch::zeros({0, 4, 6})).sizes(), (std::vector<std::int64_t>{0, 5, 6}));
}

}  // namespace
}  // namespace eddyline::test
