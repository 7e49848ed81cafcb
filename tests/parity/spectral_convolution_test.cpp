// The spectral convolution by matrix products against the one by FFT.

#include "operators/fno/spectral_convolution.hpp"

#include <gtest/gtest.h>

namespace eddyline::fno {
namespace {

struct Shape {
  std::vector<std::int64_t> sizes, modes;
};

class ByProducts : public testing::TestWithParam<Shape> {};

double relative(const torch::Tensor& a, const torch::Tensor& b) {
  return ((a - b).abs().max() / b.abs().max()).item<double>();
}

TEST_P(ByProducts, EqualsTheFftInOutputsAndGradients) {
  torch::manual_seed(5);
  const auto& [sizes, modes] = GetParam();
  SpectralConvolution layer(3, 4, modes, false, OddShift::ifftshift);
  layer->to(torch::kDouble);
  auto shape = sizes;
  shape.insert(shape.begin(), {2, 3});
  auto x = torch::randn(shape, torch::kDouble).requires_grad_();
  const auto gradients = [&](const torch::Tensor& y) {
    return torch::autograd::grad({y.square().sum()}, {x, layer->weight, layer->bias});
  };
  const auto fast = layer->forward(x), plain = layer->forward_by_fft(x);
  EXPECT_LT(relative(fast, plain), 1e-13);
  const auto ours = gradients(fast), theirs = gradients(plain);
  for (std::size_t k = 0; k < ours.size(); ++k) EXPECT_LT(relative(ours[k], theirs[k]), 1e-12) << k;
}

INSTANTIATE_TEST_SUITE_P(Grids, ByProducts,
                         testing::Values(Shape{{40}, {16}}, Shape{{31}, {9}}, Shape{{20}, {40}},
                                         Shape{{20, 24}, {8, 10}}, Shape{{17, 21}, {7, 6}}, Shape{{12, 10}, {16, 18}},
                                         Shape{{8, 10, 7}, {4, 5, 6}}, Shape{{6, 6, 8}, {8, 3, 8}}));

TEST(ByProducts, OneLayerServesSeveralGridsAndPrecisions) {
  torch::manual_seed(6);
  SpectralConvolution layer(2, 2, std::vector<std::int64_t>{6, 6}, false, OddShift::ifftshift);
  for (const std::int64_t size : {16, 24, 16}) {
    const auto x = torch::randn({1, 2, size, size});
    EXPECT_LT(relative(layer->forward(x), layer->forward_by_fft(x)), 1e-5) << size;
  }
  layer->to(torch::kDouble);
  const auto x = torch::randn({1, 2, 16, 16}, torch::kDouble);
  EXPECT_LT(relative(layer->forward(x), layer->forward_by_fft(x)), 1e-13);
}

class ClassicByProducts : public testing::TestWithParam<Shape> {};

TEST_P(ClassicByProducts, EqualsTheFftInOutputsAndGradients) {
  torch::manual_seed(7);
  const auto& [sizes, modes] = GetParam();
  for (const bool is_2020_form : {false, true}) {
    ClassicSpectralConvolution layer(3, 4, modes, is_2020_form);
    layer->to(torch::kDouble);
    auto shape = sizes;
    shape.insert(shape.begin(), {2, 3});
    auto x = torch::randn(shape, torch::kDouble).requires_grad_();
    std::vector<torch::Tensor> inputs = layer->weights;
    inputs.push_back(x);
    const auto fast = layer->forward(x), plain = layer->forward_by_fft(x);
    EXPECT_LT(relative(fast, plain), 1e-13);
    const auto ours = torch::autograd::grad({fast.square().sum()}, inputs);
    const auto theirs = torch::autograd::grad({plain.square().sum()}, inputs);
    for (std::size_t k = 0; k < ours.size(); ++k) EXPECT_LT(relative(ours[k], theirs[k]), 1e-12) << k;
  }
}

INSTANTIATE_TEST_SUITE_P(Grids, ClassicByProducts,
                         testing::Values(Shape{{23}, {7}}, Shape{{20}, {11}}, Shape{{16, 18}, {6, 5}},
                                         Shape{{13, 15}, {6, 8}}, Shape{{8, 10}, {6, 4}}, Shape{{8, 7, 6}, {3, 2, 4}},
                                         Shape{{6, 9, 5}, {3, 4, 2}}));

TEST(ByProducts, LongAxesAreLeftToTheFft) {
  EXPECT_TRUE(TruncatedTransform::pays({64, 64}, {24, 13}));
  EXPECT_FALSE(TruncatedTransform::pays({4096}, {64}));
}

}  // namespace
}  // namespace eddyline::fno
