// Every invertible layer by itself: Jacobian and rate against automatic differentiation, log-determinant, inverse.

#include <gtest/gtest.h>

#include <cmath>
#include <functional>

#include "core/base/error.hpp"
#include "operators/kernels/layers.hpp"
#include "operators/lagrangian_flow/lagrangian_flow.hpp"
#include "operators/lagrangian_flow/residual_layer.hpp"
#include "operators/lagrangian_flow/sigmoid_layer.hpp"
#include "operators/lagrangian_flow/simple_layers.hpp"
#include "operators/lagrangian_flow/small_matrix.hpp"

namespace eddyline::lagrangian_flow {
namespace {

constexpr std::int64_t features = 3, hidden = 8, points = 7;

struct LayerCase {
  std::string name;
  std::function<std::shared_ptr<FlowLayer>(std::int64_t dimension)> make;
  bool in_box = false;  // points inside (-1, 1)
};

std::vector<LayerCase> layer_cases() {
  const auto numbers = [](std::int64_t dimension, double first) {
    return torch::arange(dimension, torch::kFloat) * 0.3 + first;
  };
  return {
      {"affine", [=](std::int64_t D) { return std::make_shared<AffineLayer>(numbers(D, 2), numbers(D, -0.5), false); }},
      {"inverse_affine",
       [=](std::int64_t D) { return std::make_shared<AffineLayer>(numbers(D, 2), numbers(D, -0.5), true); }},
      {"artanh", [](std::int64_t) { return std::make_shared<ArtanhLayer>(); }, true},
      {"act_norm", [](std::int64_t D) { return std::make_shared<ActNormLayer>(D); }},
      {"permutation",
       [](std::int64_t D) {
         std::vector<std::int64_t> order;
         for (std::int64_t axis = 0; axis < D; ++axis) order.push_back((axis + 1) % D);
         return std::make_shared<PermutationLayer>(order);
       }},
      {"shift", [](std::int64_t D) { return std::make_shared<ShiftLayer>(D, features, hidden); }},
      {"svd", [](std::int64_t D) { return std::make_shared<SvdLayer>(D, features, hidden, Activation::silu); }},
      {"residual", [](std::int64_t D) { return std::make_shared<ResidualLayer>(D, features, 3, 8, 15.0); }},
      {"sum_of_sigmoids", [](std::int64_t D) { return std::make_shared<SigmoidLayer>(D, features, hidden, 4); }},
  };
}

class FlowLayers : public testing::TestWithParam<std::tuple<std::size_t, std::int64_t>> {
 protected:
  FlowLayers() : which(layer_cases()[std::get<0>(GetParam())]), dimension(std::get<1>(GetParam())) {
    torch::manual_seed(11);
    embedding = ResidualNet(1, features, 12, 1, Activation::silu);
    embedding->to(torch::kDouble);
    layer = which.make(dimension);
    layer->to(torch::kDouble);
    {
      const torch::NoGradGuard no_gradient;
      for (auto& parameter : layer->parameters()) parameter.add_(0.3 * torch::randn_like(parameter));
    }
    if (which.name == "residual")  // its spectral norms follow the weights while training
      for (int n = 0; n < 40; ++n)
        static_cast<void>(layer->forward(torch::zeros({1, dimension}, torch::kDouble), context()));
    layer->eval();
    x = which.in_box ? 1.8 * torch::rand({points, dimension}, torch::kDouble) - 0.9
                     : torch::randn({points, dimension}, torch::kDouble);
    x.requires_grad_(true);
  }
  Dual context() { return embedding->forward(Dual{t.narrow(0, 0, 1), torch::ones({1, 1, 1}, torch::kDouble)}); }

  LayerCase which;
  std::int64_t dimension;
  ResidualNet embedding{nullptr};
  std::shared_ptr<FlowLayer> layer;
  torch::Tensor x, t = torch::linspace(-1, 1, points, torch::kDouble).unsqueeze(1).requires_grad_(true);
};

TEST_P(FlowLayers, DerivativesEqualAutomaticDifferentiation) {
  const Dual when = embedding->forward(Dual{t, torch::ones({1, points, 1}, torch::kDouble)});
  const LayerOutput output = layer->forward(x, when);
  auto jacobian = torch::zeros({points, dimension, dimension}, torch::kDouble);
  auto rate = torch::zeros({points, dimension}, torch::kDouble);
  for (std::int64_t i = 0; i < dimension; ++i) {
    const auto gradients = torch::autograd::grad({output.value.select(1, i).sum()}, {x, t}, {}, true, false, true);
    jacobian.select(1, i).copy_(gradients[0]);
    if (gradients[1].defined()) rate.select(1, i).copy_(gradients[1].squeeze(1));
  }
  EXPECT_LT((output.jacobian - jacobian).abs().max().item<double>(), 1e-11);
  EXPECT_LT((output.rate - rate).abs().max().item<double>(), 1e-11);
  const auto log_determinant = std::get<1>(torch::linalg_slogdet(jacobian));
  EXPECT_LT((output.log_determinant - log_determinant).abs().max().item<double>(), 1e-11);
  const double deviation = (jacobian - torch::eye(dimension, torch::kDouble)).abs().max().item<double>();
  if (dimension > 1 && which.name != "shift") {
    EXPECT_GT(deviation, 1e-3) << "the test's layer does nothing";
  }
}

TEST_P(FlowLayers, TheInverseGivesThePointsBack) {
  const torch::NoGradGuard no_gradient;
  const Dual when = embedding->forward(Dual{t, torch::ones({1, points, 1}, torch::kDouble)});
  const auto y = layer->forward(x, when).value;
  EXPECT_LT((layer->inverse(y, when.value) - x).abs().max().item<double>(), 1e-10);
}

INSTANTIATE_TEST_SUITE_P(AllLayers, FlowLayers,
                         testing::Combine(testing::Range<std::size_t>(0, layer_cases().size()),
                                          testing::Values<std::int64_t>(1, 2, 3)),
                         [](const auto& chosen) {
                           return layer_cases()[std::get<0>(chosen.param)].name + "_" +
                                  std::to_string(std::get<1>(chosen.param)) + "d";
                         });

TEST(SmallMatrix, SolvesAndDeterminantsEqualLapack) {
  torch::manual_seed(3);
  for (const std::int64_t rows : {1, 2, 3}) {
    const auto matrix = torch::randn({20, rows, rows}, torch::kDouble), b = torch::randn({20, rows}, torch::kDouble);
    EXPECT_LT((determinant(matrix) - torch::linalg_det(matrix)).abs().max().item<double>(), 1e-12);
    EXPECT_LT((torch::bmm(matrix, solved(matrix, b).unsqueeze(2)).squeeze(2) - b).abs().max().item<double>(), 1e-11);
  }
  EXPECT_THROW(static_cast<void>(determinant(torch::zeros({2, 4, 4}))), ShapeError);
}

TEST(ActNorm, TheFirstTrainingBatchGetsZeroMeanAndUnitDeviation) {
  torch::manual_seed(5);
  ActNormLayer layer(2);
  layer.to(torch::kDouble);
  const auto x = 3 * torch::randn({100, 2}, torch::kDouble) + 5;
  const Dual none;
  const auto y = layer.forward(x, none).value;
  EXPECT_LT(y.mean(0).abs().max().item<double>(), 1e-12);
  EXPECT_LT(((y.square().sum(0) / 99).sqrt() - 1).abs().max().item<double>(), 1e-12);
  const auto again = layer.forward(x + 1, none).value;  // later batches change nothing
  EXPECT_GT(again.mean(0).abs().min().item<double>(), 0.1);
}

TEST(ResidualNetwork, ContractsWhateverItsWeights) {
  torch::manual_seed(6);
  SpectralLinear linear(6, 5);
  linear->to(torch::kDouble);
  {
    const torch::NoGradGuard no_gradient;
    for (auto& parameter : linear->parameters()) parameter.mul_(20);
  }
  for (int n = 0; n < 40; ++n) static_cast<void>(linear->forward(Dual{torch::zeros({1, 6}, torch::kDouble), {}}));
  linear->eval();
  const auto identity = torch::eye(6, torch::kDouble);
  const auto matrix = linear->forward(Dual{identity, {}}).value - linear->forward(Dual{0 * identity, {}}).value;
  EXPECT_NEAR(torch::linalg_matrix_norm(matrix, 2).item<double>(), lipschitz_bound, 1e-6);
}

LagrangianFlow small_flow(const std::string& form, std::int64_t dimension) {
  FlowConfig config;
  config.form = form;
  config.layers = 2;
  config.context_features = 3;
  config.hidden_features = 8;
  config.embedding_features = 8;
  FlowDomain domain;
  domain.dimension = dimension;
  if (form != "sum_of_sigmoids") {
    domain.centre = torch::full({dimension}, 0.5f);
    domain.half_width = torch::full({dimension}, 2.0f);
  }
  LagrangianFlow flow(config, domain);
  flow->to(torch::kDouble);
  flow->eval();
  return flow;
}

TEST(LagrangianFlow, MassByQuadratureIsConstantInTime) {
  torch::manual_seed(7);
  auto flow = small_flow("residual", 2);
  const torch::NoGradGuard no_gradient;
  constexpr std::int64_t cells = 300;
  const auto line = (torch::arange(cells, torch::kDouble) + 0.5) * (4.0 / cells) - 1.5;
  const auto planes = torch::meshgrid({line, line}, "ij");
  const auto x = torch::stack({planes[0].flatten(), planes[1].flatten()}, 1);
  const double mass = flow->log_mass().exp().item<double>();
  for (const double time : {-1.0, 0.0, 0.7}) {
    const auto density = flow->forward(x, torch::full({x.size(0), 1}, time, torch::kDouble)).log_density.exp();
    EXPECT_NEAR(density.sum().item<double>() * 16.0 / (cells * cells), mass, 1e-3 * mass);
  }
}

TEST(LagrangianFlow, ContinuityHoldsInEveryFormAndDimension) {
  for (const std::string form : {"residual", "permuted_residual", "sum_of_sigmoids"})
    for (const std::int64_t dimension : {1, 2, 3}) {
      torch::manual_seed(8);
      auto flow = small_flow(form, dimension);
      const auto x = 2 * torch::rand({20, dimension}, torch::kDouble) - 0.5, t = torch::rand({20, 1}, torch::kDouble);
      const auto terms = continuity_terms(flow, x, t);
      EXPECT_LT((terms.residual().abs().max() / terms.density_rate.abs().max()).item<double>(), 1e-11)
          << form << " " << dimension;
      const auto output = flow->forward(x, t);
      EXPECT_LT((flow->inverse(output.z.detach(), t) - x).abs().max().item<double>(), 1e-9) << form << " " << dimension;
    }
}

TEST(LagrangianFlow, BadInputIsNamed) {
  auto flow = small_flow("residual", 2);
  const auto x = torch::zeros({4, 2}, torch::kDouble), t = torch::zeros({4, 1}, torch::kDouble);
  const auto message = [&](const torch::Tensor& points_given, const torch::Tensor& times) -> std::string {
    try {
      static_cast<void>(flow->forward(points_given, times));
    } catch (const DataError& error) {
      return error.what();
    }
    return "nothing was thrown";
  };
  const auto says = [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  };
  EXPECT_TRUE(says(message(torch::zeros({4, 3}, torch::kDouble), t), "[4, 3]"));
  EXPECT_TRUE(says(message(x, torch::zeros({4}, torch::kDouble)), "[4]"));
  EXPECT_TRUE(says(message(x, torch::zeros({5, 1}, torch::kDouble)), "[5, 1]"));
  EXPECT_TRUE(says(message(x.to(torch::kFloat), t), "Float"));
  EXPECT_TRUE(says(message(x, t + std::nan("")), "not finite"));
  EXPECT_TRUE(says(message(x + 2.5, t), "inside the domain"));  // the box ends there
  EXPECT_EQ(message(x, t), "nothing was thrown");
  FlowDomain domain;
  domain.dimension = 4;
  EXPECT_THROW(LagrangianFlow(FlowConfig{}, domain), ConfigError);
}

}  // namespace
}  // namespace eddyline::lagrangian_flow
