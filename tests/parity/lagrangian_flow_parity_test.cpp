// The authors' Lagrangian flows: values, gradients, continuity and inverse with their weights.

#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "core/io/hdf5.hpp"
#include "core/training/importer.hpp"
#include "core/training/verify.hpp"
#include "operators/kernels/layers.hpp"
#include "operators/lagrangian_flow/lagrangian_flow.hpp"

namespace eddyline::lagrangian_flow {
namespace {

struct File {
  const char *name, *model, *transforms, *activation;
  double dimension, layers, context, flexible;
  bool is_double;
};

constexpr const char* silu_all = "silu";
const File files[] = {
    {"lagrangian_flow_2d", "gaussians_2d", "Inverse(Affine 4)", silu_all, 2, 2, 3, 1, false},
    {"lagrangian_flow_2d_f64", "gaussians_2d", "Inverse(Affine 4)", silu_all, 2, 3, 2, 1, true},
    {"lagrangian_flow_3d", "gaussians_3d", "Inverse(Affine 4) {Permutation}", "silu in the last SVD; relu in the SVDs",
     3, 2, 3, 0, false},
    {"lagrangian_flow_moons", "conditional_moons", "", silu_all, 2, 2, 3, 0, false},
};

class FlowParity : public testing::TestWithParam<File> {};

std::string path_of(const File& file) { return std::string(EDDYLINE_TEST_DATA) + "/parity/" + file.name + ".h5"; }

TEST_P(FlowParity, ValuesAndGradientsEqualTheAuthors) {
  const ParityReport report = verify_file(path_of(GetParam()));
  EXPECT_TRUE(report.passes()) << to_line(report);
}

TEST(FlowParityOfAState, TheOriginalsSecondNamesOfTheSameWeightsArePassedOver) {
  const ParityReport report = verify_file(std::string(EDDYLINE_TEST_DATA) + "/parity/lagrangian_flow_2d_shallow.h5");
  EXPECT_TRUE(report.passes()) << to_line(report);
}

/// The model of a file with its weights, in evaluation mode.
std::unique_ptr<ForeignModel> loaded(const File& file, torch::Dtype dtype) {
  const bool moons = std::string(file.model) == "conditional_moons";
  ForeignConfig config = {{"operator", "lagrangian_flow"},    {"model", file.model},
                          {"n_dim", file.dimension},          {"num_layers", file.layers},
                          {"context_features", file.context}, {"hidden_features", moons ? 10.0 : 8.0},
                          {"flexible_norm", file.flexible},   {"transforms", file.transforms},
                          {"activation", file.activation},    {"n_sigmoids", 5.0}};
  if (!moons) config["hidden_features_shared"] = 12.0;
  auto model = ImporterRegistry::instance().create("lagrangian_flow", EmptyConfig{})->build(config, dtype);
  const auto weights = hdf5::File::open(path_of(file));
  const torch::NoGradGuard no_gradient;
  for (auto& [name, tensor] : model->state()) tensor.copy_(weights.read("weights/" + name));
  model->module().eval();
  return model;
}

TEST_P(FlowParity, TheContinuityEquationHoldsToRounding) {
  const File& file = GetParam();
  const auto source = hdf5::File::open(path_of(file));
  for (const auto dtype : {torch::kFloat, torch::kDouble}) {
    const auto model = loaded(file, dtype);
    const auto results =
        model->run({{"x", source.read("inputs/x").to(dtype)}, {"t", source.read("inputs/t").to(dtype)}});
    const double rate = results.at("drho_dt").abs().max().item<double>();
    const double residual = results.at("continuity_residual").abs().max().item<double>() / rate;
    EXPECT_LT(residual, dtype == torch::kDouble ? 1e-12 : 1e-5) << residual;
  }
}

TEST_P(FlowParity, TheInverseGivesThePointsBack) {
  const File& file = GetParam();
  const auto source = hdf5::File::open(path_of(file));
  const auto model = loaded(file, torch::kDouble);
  auto& flow = dynamic_cast<LagrangianFlowImpl&>(model->module());
  const auto x = source.read("inputs/x").to(torch::kDouble), t = source.read("inputs/t").to(torch::kDouble);
  const auto z = flow.forward(x, t).z.detach();
  EXPECT_LT((flow.inverse(z, t) - x).abs().max().item<double>(), 1e-10);
  // The original stops its iteration early; it is near, not equal.
  EXPECT_LT((source.read("outputs/x_from_z").to(torch::kDouble) - x).abs().max().item<double>(), 5e-3);
}

TEST_P(FlowParity, TheRegularisedVelocityOfTheOriginalLeavesAResidual) {
  const File& file = GetParam();
  const auto source = hdf5::File::open(path_of(file));
  const auto model = loaded(file, torch::kDouble);
  const auto results = model->run(
      {{"x", source.read("inputs/x").to(torch::kDouble)}, {"t", source.read("inputs/t").to(torch::kDouble)}});
  EXPECT_GT((results.at("velocity") - results.at("velocity_exact")).abs().max().item<double>(), 1e-8);
}

INSTANTIATE_TEST_SUITE_P(AllFiles, FlowParity, testing::ValuesIn(files),
                         [](const auto& chosen) { return std::string(chosen.param.name); });

TEST(FlowImporter, UnsupportedModelsAndOptionsAreNamed) {
  const auto importer = ImporterRegistry::instance().create("lagrangian_flow", EmptyConfig{});
  ForeignConfig config = {{"operator", "lagrangian_flow"}, {"model", "birds"},      {"n_dim", 3.0}, {"num_layers", 2.0},
                          {"context_features", 3.0},       {"hidden_features", 8.0}};
  EXPECT_THROW(static_cast<void>(importer->build(config, torch::kFloat)), ConfigError);
  config["model"] = "gaussians_2d";
  config["hidden_features_shared"] = 12.0;
  config["transforms"] = "nothing";
  EXPECT_THROW(static_cast<void>(importer->build(config, torch::kFloat)), ConfigError);
}

}  // namespace
}  // namespace eddyline::lagrangian_flow
