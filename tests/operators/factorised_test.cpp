// FactFormer and IFactFormer: the attention block against its plain formula, symmetries, bad input, gradients.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <ostream>

#include "operators/factformer/factformer_model.hpp"
#include "operators/factformer/factformer_positions.hpp"
#include "operators/factformer/factorised_attention.hpp"
#include "tests/operators/operator_fixture.hpp"

namespace eddyline::test {
namespace {

using namespace factformer;
using testing::HasSubstr;

AttentionOptions small_block(const std::string& mixing, const std::string& norm) {
  AttentionOptions options;
  options.width = options.latent_width = options.out_width = 8;
  options.heads = 2;
  options.head_width = 4;
  options.mixing = mixing;
  options.norm = norm;
  return options;
}

/// A block whose kernels are of visible size.
FactorisedAttention visible(const AttentionOptions& options) {
  FactorisedAttention block(options);
  const torch::NoGradGuard no_gradient;
  for (auto& item : block->named_parameters())
    if (item.key().find("to_q") != std::string::npos || item.key().find("to_k") != std::string::npos)
      item.value().mul_(50);
  block->to(torch::kDouble);
  return block;
}

AxisPositions lines(std::initializer_list<std::int64_t> sizes) {
  AxisPositions positions;
  for (const std::int64_t size : sizes) positions.push_back(torch::linspace(0, 1, size, torch::kDouble));
  return positions;
}

// Eqs. 9-11 as they stand: pool to_in(to_in(u)) at every point, contract by einsum, normalise, MLP.
torch::Tensor plain_block(FactorisedAttention& block, const torch::Tensor& u, const AxisPositions& positions,
                          bool parallel) {
  const auto weights = block->named_parameters();
  const auto weight = [&](const std::string& name) { return weights[name]; };
  const auto normed = torch::layer_norm(u, {8}, weight("in_norm.weight"), weight("in_norm.bias"), 1e-5);
  const auto w = torch::linear(normed, weight("to_in.weight"));
  std::vector<torch::Tensor> kernels;
  for (int axis = 0; axis < 2; ++axis) {
    const std::string letter(1, "xy"[axis]), pool = "to_" + letter + (axis == 0 ? ".0." : ".1."),
                                             kernel = "low_rank_kernel_" + letter + ".";
    auto p = torch::linear(w, weight(pool + "to_in.weight")).mean(axis == 0 ? 2 : 1);
    p = torch::layer_norm(p, {8}, weight(pool + "out_ffn.norm.weight"), weight(pool + "out_ffn.norm.bias"), 1e-5);
    p = torch::linear(p, weight(pool + "out_ffn.fn.net.0.weight"), weight(pool + "out_ffn.fn.net.0.bias"));
    p = torch::gelu(p.slice(-1, 0, 8)) * p.slice(-1, 8);
    p = torch::linear(p, weight(pool + "out_ffn.fn.net.3.weight"), weight(pool + "out_ffn.fn.net.3.bias"));
    // Rotary embedding of pairs (d, d + D/2) written as complex numbers.
    const auto frequency = block->named_buffers()[kernel + "pos_emb.inv_freq"];
    EXPECT_LT(largest_difference(frequency, torch::pow(1e4, -torch::arange(4, torch::kDouble) / 4)), 1e-7);
    const auto angle = torch::outer(positions[static_cast<std::size_t>(axis)] * 64, frequency);
    const auto turned = [&](const char* name) {
      const auto t = torch::linear(p, weight(kernel + name + ".weight")).view({u.size(0), -1, 2, 8}).transpose(1, 2);
      return torch::complex(t.slice(-1, 0, 4), t.slice(-1, 4)) * torch::polar(torch::ones_like(angle), angle);
    };
    kernels.push_back(torch::real(torch::einsum("bhid,bhjd->bhij", {turned("to_q"), turned("to_k").conj()})));
  }
  const auto v = torch::linear(normed, weight("to_v.weight")).view({u.size(0), u.size(1), u.size(2), 2, 4});
  torch::Tensor mixed;
  if (parallel) {
    mixed = torch::cat(
        {torch::einsum("bhij,bjlhc->bilhc", {kernels[0], v}), torch::einsum("bhlm,bimhc->bilhc", {kernels[1], v})}, -1);
    mixed = (mixed - mixed.mean(std::vector<std::int64_t>{1, 2}, true)) /
            (mixed.var(std::vector<std::int64_t>{1, 2}, false, true) + 1e-5).sqrt();
  } else {
    mixed = torch::einsum("bhij,bhlm,bjmhc->bilhc", {kernels[0], kernels[1], v});
    mixed = (mixed - mixed.mean(std::vector<std::int64_t>{1, 2, 4}, true)) /
            (mixed.var(std::vector<std::int64_t>{1, 2, 4}, true, true) + 1e-8).sqrt();
  }
  const char *first = parallel ? "to_out.2.weight" : "to_out.1.weight",
             *second = parallel ? "to_out.4.weight" : "to_out.3.weight";
  return torch::linear(torch::gelu(torch::linear(mixed.flatten(3), weight(first))), weight(second));
}

TEST(FactorisedAttention, EqualsThePlainFormula) {
  torch::manual_seed(1);
  for (const bool parallel : {false, true}) {
    auto block = visible(small_block(parallel ? "parallel" : "chained", parallel ? "channel_instance" : "head_group"));
    const auto u = torch::randn({2, 5, 7, 8}, torch::kDouble);
    const auto positions = lines({5, 7});
    EXPECT_LT(largest_difference(block(u, positions), plain_block(block, u, positions, parallel)), 1e-10) << parallel;
  }
}

TEST(FactorisedAttention, RowwiseNormMixesThePointsOfARowOnlyAndIsNotTheDefault) {
  // The defect of the earlier code: a row of the first axis is normalised by itself, so scaling a row's values away
  // leaves no trace; the norm over the whole head keeps the difference between rows.
  EXPECT_EQ(AttentionOptions{}.norm, "head_group");
  const auto row_spread = [](const std::string& norm) {
    torch::manual_seed(2);
    auto block = visible(small_block("chained", norm));
    const torch::NoGradGuard no_gradient;
    block->named_parameters()["to_v.weight"].mul_(100);  // so large that eps plays no part
    // The first output layer as the identity and the second as zero-free: read the normalised values through it.
    auto parameters = block->named_parameters();
    parameters["to_out.1.weight"].copy_(torch::eye(8, torch::kDouble) * 1e-3);  // small: GELU is then x / 2
    parameters["to_out.3.weight"].copy_(torch::eye(8, torch::kDouble) * 2e3);
    const auto y = block(torch::randn({1, 6, 9, 8}, torch::kDouble), lines({6, 9}));
    return y.square().mean(std::vector<std::int64_t>{2, 3}).std().item<double>();  // over rows
  };
  EXPECT_LT(row_spread("instance_rowwise"), 1e-2);
  EXPECT_GT(row_spread("head_group"), 0.1);
}

TEST(FactorisedAttention, QueriesAndKeysStartSmall) {
  torch::manual_seed(3);
  AttentionOptions options;
  options.width = options.latent_width = 48;
  options.heads = 4;
  options.head_width = 32;
  const FactorisedAttention block(options);
  const auto q = block->named_parameters()["low_rank_kernel_x.to_q.weight"];
  const double expected = 0.02 * std::sqrt(2.0 / (48 + 4 * 64));  // Xavier, gain 0.02
  EXPECT_NEAR(q.std().item<double>(), expected, 0.03 * expected);
  EXPECT_LE(q.abs().max().item<double>(), std::sqrt(3.0) * expected);
}

TEST(FourierFeatures, AreSinesAndCosinesOfEveryPoint) {
  torch::manual_seed(4);
  FourierFeatures features(2, 6, 8.0);
  const FourierFeatures many(3, 2000, 8.0);
  EXPECT_NEAR(many->named_buffers()["_B"].std().item<double>(), 8, 0.3);
  const auto positions = lines({3, 4});
  const auto got = features(positions, torch::kDouble);
  const auto matrix = features->named_buffers()["_B"].to(torch::kDouble);
  const auto point = torch::stack({positions[0][2], positions[1][1]});
  const auto phase = 2 * M_PI * torch::matmul(point, matrix);
  EXPECT_LT(largest_difference(got[0][2][1], torch::cat({phase.sin(), phase.cos()})), 1e-12);
}

OperatorSpec spec_2d() {
  OperatorSpec spec;
  spec.history = 2;
  spec.bundle = 3;
  spec.channels = 2;
  spec.static_channels = 1;
  spec.parameters = 2;
  return spec;
}

struct Case {
  const char *name, *settings;
};
std::ostream& operator<<(std::ostream& out, const Case& value) { return out << value.name << " " << value.settings; }

class FactorisedOperator : public testing::TestWithParam<Case> {};

constexpr const char* small = "width: 8\nheads: 2\nhead_width: 4\n";

TEST_P(FactorisedOperator, GivesFramesInEveryDimensionAndGradientsForEveryParameter) {
  torch::manual_seed(5);
  for (const std::vector<std::int64_t>& space : {std::vector<std::int64_t>{9}, {5, 7}, {4, 3, 5}}) {
    auto spec = spec_2d();
    spec.dimension = static_cast<int>(space.size());
    const auto model = make_operator(GetParam().name, std::string(small) + GetParam().settings, spec);
    model->to(torch::kDouble);
    const auto y = model->forward(random_batch(spec, 2, space));
    std::vector<std::int64_t> expected = {2, 3, 2};
    expected.insert(expected.end(), space.begin(), space.end());
    EXPECT_EQ(y.sizes(), expected);
    y.square().mean().backward();
    for (const auto& item : model->named_parameters())
      EXPECT_TRUE(item.value().grad().defined() && item.value().grad().abs().max().item<double>() > 0) << item.key();
  }
}

TEST_P(FactorisedOperator, ASampleAloneEqualsTheSampleInABatch) {
  torch::manual_seed(6);
  const auto model = make_operator(GetParam().name, std::string(small) + GetParam().settings, spec_2d());
  model->to(torch::kDouble);
  const Batch batch = random_batch(spec_2d(), 3, {6, 5});
  EXPECT_LT(largest_difference(model->forward(batch)[1], model->forward(sample_of(batch, 1))[0]), 1e-12);
}

TEST_P(FactorisedOperator, TheInputsStayAndWrongOnesAreNamed) {
  torch::manual_seed(7);
  auto spec = spec_2d();
  spec.coordinates = {{0.5, 1.5, 2.5}, {0.5, 1.5, 2.5, 3.5}};
  const auto model = make_operator(GetParam().name, std::string(small) + GetParam().settings, spec);
  model->to(torch::kDouble);
  const Batch batch = random_batch(spec, 1, {3, 4});
  const auto before = batch.inputs.clone();
  static_cast<void>(model->forward(batch));
  EXPECT_TRUE(torch::equal(before, batch.inputs));
  const auto refused = [&](const Batch& wrong) { return message_of<ShapeError>([&] { model->forward(wrong); }); };
  auto channels = spec;
  channels.channels = 3;
  EXPECT_THAT(refused(random_batch(channels, 1, {3, 4})), HasSubstr("[1, 2, 3, 3, 4]"));
  EXPECT_THAT(refused(random_batch(spec, 1, {4, 3})), HasSubstr("[3, 4] cells, got [4, 3]"));
  Batch whole = batch;
  whole.inputs = whole.inputs.to(torch::kLong);
  EXPECT_THAT(refused(whole), HasSubstr("Long [1, 2, 2, 3, 4]"));
}

INSTANTIATE_TEST_SUITE_P(All, FactorisedOperator,
                         testing::Values(Case{"factformer", ""},
                                         Case{"factformer", "mixing: parallel\nnorm: channel_instance\n"},
                                         Case{"factformer", "padding: 2\nconvolutional_block: true\n"},
                                         Case{"ifactformer", "repeats: 3\n"},
                                         Case{"ifactformer", "repeats: 2\nmixing: chained\ndepth: 2\n"}));

TEST(FactFormerOperator, TranslationsOfTheCoordinatesChangeNothing) {
  torch::manual_seed(8);
  auto spec = spec_2d();
  spec.coordinates = {{0.5, 1.5, 2.5}, {0, 0.5, 2, 4}};
  const auto model = make_operator("factformer", small, spec);
  auto moved_spec = spec;
  for (auto& line : moved_spec.coordinates)
    for (auto& value : line) value += 7;
  const auto moved = make_operator("factformer", small, moved_spec);
  const torch::NoGradGuard no_gradient;
  for (const auto& item : model->named_parameters()) moved->named_parameters()[item.key()].copy_(item.value());
  for (const auto& item : model->named_buffers()) moved->named_buffers()[item.key()].copy_(item.value());
  model->to(torch::kDouble);
  moved->to(torch::kDouble);
  const Batch batch = random_batch(spec, 1, {3, 4});
  EXPECT_LT(largest_difference(model->forward(batch), moved->forward(batch)), 1e-9);
}

TEST(FactFormerOperator, SettingsThatDoNotFitAreNamed) {
  const auto message = [](const std::string& settings) {
    return message_of<ConfigError>([&] { make_operator("factformer", settings, spec_2d()); });
  };
  EXPECT_THAT(message("width: 12\n"), HasSubstr("multiple of 8"));
  EXPECT_THAT(message("latent_multiplier: 1.3\n"), HasSubstr("multiple of 1/8"));
  EXPECT_THAT(message("head_width: 3\nkernel_multiplier: 3\n"), HasSubstr("even product"));
  EXPECT_THAT(message("norm: batch\n"), HasSubstr("head_group"));
}

TEST(FactFormerModel, TheMarchIsCausalAndBounded) {
  torch::manual_seed(9);
  FactFormerOptions options;
  options.encoder.attention = small_block("chained", "head_group");
  options.latent_steps = 4;
  FactFormerModel model(options);
  model->to(torch::kDouble);
  const auto x = torch::randn({2, 5, 6, 1}, torch::kDouble);
  // Fewer steps give the first frames of more steps.
  EXPECT_LT(largest_difference(model(x, lines({5, 6}), 2), model(x, lines({5, 6}), 4).slice(1, 0, 2)), 1e-12);
  EXPECT_THROW(model(x, lines({5, 6}), 5), ConfigError);
}

}  // namespace
}  // namespace eddyline::test
