// Defects of the originals: each shown with the switch that reproduces it, and cured without.

#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "operators/fno/complex_spectral_convolution.hpp"
#include "operators/fno/spectral_convolution.hpp"
#include "operators/fno/uno_model.hpp"
#include "operators/kernels/layers.hpp"
#include "operators/unet/unet_2015.hpp"
#include "operators/unet/unet_modern.hpp"

namespace eddyline {
namespace {

using fno::OddShift;
using fno::Rescaling;

double largest(const torch::Tensor& values) { return values.abs().max().item<double>(); }

/// cos(2 pi (a x + b y)) on [1, 1, rows (y), columns (x)].
torch::Tensor wave(int a, int b, std::int64_t rows, std::int64_t columns) {
  const auto y = torch::arange(rows, torch::kDouble).view({-1, 1}) / static_cast<double>(rows);
  const auto x = torch::arange(columns, torch::kDouble) / static_cast<double>(columns);
  return torch::cos(2 * M_PI * (a * x + b * y)).view({1, 1, rows, columns});
}

/// Passes the kept modes unchanged.
fno::SpectralConvolution all_ones(Rescaling rescaling, OddShift shift = OddShift::ifftshift) {
  fno::SpectralConvolution layer(1, 1, std::vector<std::int64_t>{8, 8}, false, shift, fno::Factorisation{}, rescaling);
  layer->to(torch::kDouble);
  const torch::NoGradGuard no_gradient;
  layer->weight.zero_();
  layer->weight.select(-1, 0).fill_(1);
  layer->bias.zero_();
  return layer;
}

TEST(UpstreamDefects, RescalingMisplacesNegativeFrequencies) {
  for (const std::vector<std::int64_t>& sizes : std::vector<std::vector<std::int64_t>>{{32, 24}, {8, 6}}) {  // 2, 1/2
    const auto rows = sizes[0], columns = sizes[1];
    for (const int b : {1, -2}) {  // -2 along y is the frequency that a leading axis must not misplace
      const auto x = wave(1, b, 16, 12), expected = wave(1, b, rows, columns);
      EXPECT_LT(largest(all_ones(Rescaling::by_frequency)->forward_to(x, sizes) - expected), 1e-12) << rows << " " << b;
      const double wrong = largest(all_ones(Rescaling::as_neuraloperator)->forward_to(x, sizes) - expected);
      if (b > 0)
        EXPECT_LT(wrong, 1e-12) << "positive frequencies are right in the library too";
      else
        EXPECT_GT(wrong, 0.5) << "the defect is gone: the parity files need it";
    }
  }
  // The wave of the specification: going down the library loses it.
  const auto lost = all_ones(Rescaling::as_neuraloperator)->forward_to(wave(1, -2, 16, 16), {8, 8});
  EXPECT_LT(largest(lost), 1e-12);
}

TEST(UpstreamDefects, RescalingCommutesWithInterpolation) {
  torch::manual_seed(3);
  for (const int dimension : {1, 2, 3}) {
    const std::vector<std::int64_t> from = {9, 8, 10}, to = {14, 13, 6};
    const std::vector<std::int64_t> old(from.begin(), from.begin() + dimension),
        now(to.begin(), to.begin() + dimension);
    fno::SpectralConvolution layer(2, 3, std::vector<std::int64_t>(static_cast<std::size_t>(dimension), 20), false,
                                   OddShift::ifftshift);
    layer->to(torch::kDouble);
    std::vector<std::int64_t> shape = {2, 2};
    shape.insert(shape.end(), old.begin(), old.end());
    const auto x = torch::randn(shape, torch::kDouble);
    const auto expected = fno::resampled(layer(x), now, Rescaling::by_frequency);
    EXPECT_LT(largest(layer->forward_to(x, now) - expected), 1e-12) << dimension;
    // There and back again is the identity when going up first.
    std::vector<std::int64_t> finer;
    for (const auto size : old) finer.push_back(2 * size + 1);
    const auto back = fno::resampled(fno::resampled(x, finer, Rescaling::by_frequency), old, Rescaling::by_frequency);
    EXPECT_LT(largest(back - x), 1e-12) << dimension;
  }
}

TEST(UpstreamDefects, OddGridsOfRelease200) {
  const auto x = wave(1, -2, 15, 12);
  EXPECT_LT(largest(all_ones(Rescaling::by_frequency)(x) - x), 1e-12);
  EXPECT_GT(largest(all_ones(Rescaling::by_frequency, OddShift::fftshift)(x) - x), 0.5);
}

TEST(UpstreamDefects, ComplexFieldsKeepTheWrongFrequencies) {
  const auto layer = [](Rescaling compatibility) {
    fno::ComplexSpectralConvolution result(1, 1, std::vector<std::int64_t>{6, 6}, false, OddShift::ifftshift,
                                           fno::Factorisation{}, compatibility);
    result->to(torch::kDouble);
    const torch::NoGradGuard no_gradient;
    for (auto& parameter : result->parameters()) parameter.zero_();
    result->parameters()[0].select(-1, 0).fill_(1);
    return result;
  };
  // exp(2 pi i (x + y)): well within the kept modes.
  const auto phase = torch::arange(12, torch::kDouble) / 12 * 2 * M_PI;
  const auto sum = (phase.view({-1, 1}) + phase).view({1, 1, 12, 12});
  const auto x = torch::polar(torch::ones_like(sum), sum);
  EXPECT_LT(largest(layer(Rescaling::by_frequency)->forward(x, {12, 12}) - x), 1e-12);
  EXPECT_GT(largest(layer(Rescaling::as_neuraloperator)->forward(x, {12, 12}) - x), 0.5);
}

TEST(UpstreamDefects, UnoLayersHaveNoActivation) {
  torch::manual_seed(5);
  fno::UnoConfig config;
  config.uno_out_channels = {6, 6};
  config.uno_n_modes = {4, 4, 4, 4};
  config.uno_scalings = {1, 1, 1, 1};
  config.hidden_channels = 6;
  config.use_channel_mlp = false;
  config.positional_embedding = "none";
  // Without channel MLPs the original's layers are linear: twice the hidden input is twice the hidden output.
  const auto is_linear = [&](const std::string& compat) {
    config.compat = compat;
    fno::FnoBlocks blocks(config, 6, 6, std::vector<std::int64_t>{4, 4}, 1, compat == "none");
    blocks->to(torch::kDouble);
    const auto x = torch::randn({1, 6, 8, 8}, torch::kDouble), zero = torch::zeros_like(x);
    const std::vector<std::int64_t> sizes = {8, 8};
    const auto y = blocks(x, 0, sizes), y0 = blocks(zero, 0, sizes);
    return largest(blocks(2 * x, 0, sizes) - y0 - 2 * (y - y0)) < 1e-10;
  };
  EXPECT_TRUE(is_linear("neuraloperator"));
  EXPECT_FALSE(is_linear("none"));
}

TEST(UpstreamDefects, AttentionOfPdeArenaSumsOverQueries) {
  torch::manual_seed(6);
  // With the softmax over the keys every token gets a mean of the values: constant values stay. Over the queries not.
  const auto spread = [](const std::string& axis) {
    unet::AttentionBlock block(8, axis);
    block->to(torch::kDouble);
    const torch::NoGradGuard no_gradient;
    for (auto& entry : block->named_parameters()) {
      if (entry.key() == "output.weight") entry.value().copy_(torch::eye(8, torch::kDouble));
      if (entry.key() == "output.bias") entry.value().zero_();
      if (entry.key() == "projection.weight") {
        entry.value().mul_(10);
        entry.value().narrow(0, 16, 8).zero_();  // the values are the bias alone
      }
    }
    const auto x = torch::randn({1, 8, 4, 4}, torch::kDouble), added = block(x) - x;
    return largest(added - added.mean({2, 3}, true));
  };
  EXPECT_LT(spread("key"), 1e-12);
  EXPECT_GT(spread("query"), 1e-2);
}

TEST(Unet, SizesThatDoNotFitAreAnErrorOrPaddedAsAsked) {
  torch::manual_seed(7);
  unet::UnetConfig config;
  config.hidden_channels = 8;
  config.ch_mults = {1, 2, 2};
  config.n_blocks = 1;
  unet::ModernUnet strict(config, 1, 1, 2);
  const auto x = torch::randn({1, 1, 10, 13});
  try {
    static_cast<void>(strict(x));
    FAIL() << "10 x 13 cells were accepted";
  } catch (const ShapeError& error) {
    const std::string text = error.what();
    EXPECT_NE(text.find("multiple of 4"), std::string::npos) << text;
    EXPECT_NE(text.find("[1, 1, 10, 13]"), std::string::npos) << text;
  }
  EXPECT_THROW(static_cast<void>(strict(torch::zeros({1, 2, 8, 8}))), ShapeError);
  EXPECT_THROW(static_cast<void>(strict(torch::zeros({1, 1, 8, 8}, torch::kLong))), ShapeError);
  for (const std::string padding : {"zero", "periodic"}) {
    config.size_padding = padding;
    unet::ModernUnet padded(config, 1, 1, 2);
    const auto y = padded(x);
    EXPECT_EQ(y.sizes(), x.sizes()) << padding;
    // What was appended is what the switch says.
    auto more = torch::zeros({1, 1, 12, 16});
    more.narrow(2, 0, 10).narrow(3, 0, 13).copy_(x);
    if (padding == "periodic") {
      more.narrow(2, 10, 2).narrow(3, 0, 13).copy_(x.narrow(2, 0, 2));
      more.narrow(3, 13, 3).copy_(more.narrow(3, 0, 3).clone());
    }
    EXPECT_LT(largest(padded(more).narrow(2, 0, 10).narrow(3, 0, 13) - y), 1e-6) << padding;
  }
  config.hidden_channels = 12;
  EXPECT_THROW(unet::ModernUnet(config, 1, 1, 2), ConfigError);
}

/// Trainable numbers of a module.
std::int64_t parameters_of(const torch::nn::Module& module) {
  std::int64_t count = 0;
  for (const auto& parameter : module.parameters()) count += parameter.numel();
  return count;
}

TEST(Unet, ParameterCountsAreTheAuthors) {
  unet::Unet2015Config small;
  small.features = 32;
  EXPECT_EQ(parameters_of(*unet::Unet2015(small, 10, 1, 2)), 7'765'057);  // PDEBench, 10 input frames
}

TEST(FactorisedWeights, FactorByFactorEqualsRebuilt) {
  torch::manual_seed(8);
  for (const std::string kind : {"tucker", "cp", "tt"})
    for (const int dimension : {1, 2, 3}) {
      const std::vector<std::int64_t> modes(static_cast<std::size_t>(dimension), 6);
      fno::Factorisation form{kind, 0.4, {}, false};
      fno::SpectralConvolution direct(3, 5, modes, false, OddShift::ifftshift, form);
      form.is_reconstructed = true;
      fno::SpectralConvolution rebuilt(3, 5, modes, false, OddShift::ifftshift, form);
      direct->to(torch::kDouble);
      rebuilt->to(torch::kDouble);
      const torch::NoGradGuard no_gradient;
      const auto from = direct->parameters(), to = rebuilt->parameters();
      for (std::size_t k = 0; k < from.size(); ++k) torch::Tensor(to[k]).copy_(from[k]);
      std::vector<std::int64_t> shape = {2, 3};
      shape.insert(shape.end(), modes.size(), 5);  // fewer points than modes: the factors are cut
      const auto x = torch::randn(shape, torch::kDouble);
      EXPECT_LT(largest(direct(x) - rebuilt(x)), 1e-12 * largest(rebuilt(x))) << kind << " " << dimension;
    }
}

TEST(FactorisedWeights, StartWithTheVarianceOfADenseWeight) {
  torch::manual_seed(9);
  const std::vector<std::int64_t> shape = {20, 12, 12, 7};
  for (const std::string kind : {"tucker", "cp", "tt"}) {
    double square = 0;
    for (int n = 0; n < 20; ++n) {
      fno::FactorisedWeight weight(fno::Factorisation{kind, 0.2, {}, false}, shape, 2, 0.25);
      square += weight->dense({{0, 12}, {0, 7}}).abs().square().mean().item<double>() / 20;
    }
    EXPECT_NEAR(std::sqrt(square), 0.25, 0.04) << kind;
  }
}

TEST(FactorisedWeights, RanksFollowTensorLy) {
  // Of the parity files: Tucker 0.2 of [16, 16, 8, 5] and CP 0.3 of [12, 12, 6, 5].
  EXPECT_EQ(fno::factorisation_ranks("tucker", {16, 16, 8, 5}, 0.2), (std::vector<std::int64_t>{10, 10, 5, 3}));
  EXPECT_EQ(fno::factorisation_ranks("cp", {12, 12, 6, 5}, 0.3), (std::vector<std::int64_t>{37}));
  EXPECT_THROW(
      fno::FactorisedWeight(fno::Factorisation{"tucker", 1, {2, 2}, false}, std::vector<std::int64_t>{4, 4, 4}, 2, 1.0),
      ConfigError);
}

}  // namespace
}  // namespace eddyline
