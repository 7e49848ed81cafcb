#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "core/config/config.hpp"
#include "core/training/foreign_config.hpp"
#include "core/training/verify.hpp"
#include "operators/kernels/layers.hpp"

namespace eddyline {
namespace {

class FactorisedParity : public testing::TestWithParam<const char*> {};

TEST_P(FactorisedParity, OutputsAndGradientsEqualTheAuthors) {
  const auto report = verify_file(std::string(EDDYLINE_TEST_DATA) + "/parity/" + GetParam() + ".h5");
  EXPECT_TRUE(report.passes()) << to_line(report);
}

INSTANTIATE_TEST_SUITE_P(AllFiles, FactorisedParity,
                         testing::Values("factformer_block_2d", "factformer_2d", "factformer_2d_f64",
                                         "factformer_2d_rowwise_instancenorm", "factformer_2d_darcy", "factformer_3d",
                                         "factformer_3d_f64", "factformer_3d_smoke", "ifactformer_m",
                                         "ifactformer_m_f64", "ifactformer_m_feb2025", "ifactformer_o",
                                         "factformer_2d_scaled_kernel", "factformer_2d_darcy_channels",
                                         "factformer_block_3d", "ifactformer_o_feb2025"));

TEST(FactorisedImporters, NameWhatTheyDoNotKnow) {
  const auto importer = ImporterRegistry::instance().create("factformer", EmptyConfig{});
  ForeignConfig config = {{"operator", "factformer"}, {"model", "FABlock2D"}, {"dim", 8.0}, {"heads", 2.0},
                          {"dim_head", 4.0},          {"norm", "batch"}};
  try {
    static_cast<void>(importer->build(config, torch::kFloat));
    FAIL() << "an unknown norm was accepted";
  } catch (const ConfigError& error) {
    EXPECT_NE(std::string(error.what()).find("'norm' = batch"), std::string::npos) << error.what();
  }
  config["model"] = "FactFormer";
  config["norm"] = "head_group";
  EXPECT_THROW(static_cast<void>(importer->build(config, torch::kFloat)), ConfigError);
}

}  // namespace
}  // namespace eddyline
