#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>

#include "core/base/error.hpp"
#include "core/config/config.hpp"
#include "core/training/foreign_config.hpp"
#include "core/training/operator.hpp"
#include "core/training/verify.hpp"
#include "operators/fno/fno_classic.hpp"
#include "operators/fno/fno_model.hpp"
#include "operators/fno/uno_model.hpp"
#include "operators/kernels/layers.hpp"
#include "operators/unet/unet_2015.hpp"
#include "operators/unet/unet_modern.hpp"

namespace eddyline {
namespace {

std::string parity_file(const std::string& name) { return std::string(EDDYLINE_TEST_DATA) + "/parity/" + name + ".h5"; }

class FnoParity : public testing::TestWithParam<const char*> {};

TEST_P(FnoParity, OutputsAndGradientsEqualTheAuthors) {
  const ParityReport report = verify_file(parity_file(GetParam()));
  EXPECT_TRUE(report.passes()) << to_line(report);
}

INSTANTIATE_TEST_SUITE_P(
    AllFiles, FnoParity,
    testing::Values("fno_1d_default", "fno_1d_odd", "fno_2d_default", "fno_2d_f64", "fno_2d_odd_padded",
                    "fno_3d_default", "fno_2d_modes_exceed_grid", "fno_2d_nomlp_preact", "fno_2d_separable",
                    "fno_2d_even_pypi200", "fno_2d_odd_pypi200", "fno_2d_complex", "fno_2d_superres", "tfno_2d_cp",
                    "tfno_2d_tucker", "tfno_2d_tucker_reconstructed_f64", "uno_2d", "fno_classic_1d_pdebench",
                    "fno_classic_2d_pdebench", "fno_classic_2d_pdebench_f64", "fno_classic_2d_pdebench_overlap",
                    "fno_classic_3d_pdebench", "fno_classic_2d_2020_batchnorm", "fno_classic_2d_2023_instancenorm",
                    "unet_1d_pdebench", "unet_2015_2d_pdearena", "unet_3d_pdebench_f64", "unet_fourier_2d",
                    "unet_mod_2d_attn", "unet_mod_2d_f64"));

// Other sizes and options: odd counts of modes, more modes than points, factorisations, complex data, rescaling.
INSTANTIATE_TEST_SUITE_P(OtherOptions, FnoParity,
                         testing::Values("fno_1d_complex_pypi200", "fno_1d_odd_modes_pypi200",
                                         "fno_1d_rescaled_pypi200", "fno_2d_kernel3", "fno_2d_one_mode_pypi200",
                                         "fno_2d_relu_pypi200", "fno_2d_rescaled_axes_pypi200", "fno_2d_skips_pypi200",
                                         "fno_3d_separable_pypi200", "fno_classic_1d_pdebench_f64",
                                         "fno_classic_2d_pdebench_all_modes", "tfno_1d_pypi200",
                                         "tfno_2d_complex_pypi200", "tfno_2d_cp_exceeds_grid_pypi200",
                                         "tfno_2d_separable_pypi200", "tfno_2d_tt_exceeds_grid_pypi200",
                                         "tfno_3d_pypi200", "unet_mod_2d_one_level", "uno_1d_pypi200",
                                         "uno_2d_odd_skips_map_pypi200", "uno_2d_padded_f64_pypi200"));

TEST(UnetImporter, TheFormOf2015CutsItsOutputIntoFramesOfTheInputsChannels) {
  const auto importer = ImporterRegistry::instance().create("unet_2015", EmptyConfig{});
  ForeignConfig config = {{"operator", "unet"},
                          {"model", "Unet2015"},
                          {"hidden_channels", 2.0},
                          {"activation", "sigmoid"},
                          {"time_history", 2.0},
                          {"time_future", 1.0},
                          {"n_input_scalar_components", 1.0},
                          {"n_input_vector_components", 1.0},
                          {"n_output_scalar_components", 0.0},
                          {"n_output_vector_components", 3.0}};
  const auto model = importer->build(config, torch::kFloat);
  model->module().eval();
  const auto y = model->run({{"x", torch::randn({1, 2, 3, 16, 16})}}).at("y");
  EXPECT_EQ(y.sizes(), (std::vector<std::int64_t>{1, 2, 3, 16, 16}));
  config["n_output_vector_components"] = 2.0;
  EXPECT_THROW(static_cast<void>(importer->build(config, torch::kFloat)), ConfigError);
}

TEST(Verify, RefusesWhatIsNoParityFile) {
  EXPECT_THROW(static_cast<void>(verify_file("no_such_file.h5")), IoError);
  EXPECT_THROW(static_cast<void>(verify_file(std::string(EDDYLINE_TEST_DATA) + "/parity/README.md")), DataError);
}

TEST(Verify, UnsupportedOptionsAreNamed) {
  const auto importer = ImporterRegistry::instance().create("fno", EmptyConfig{});
  const ForeignConfig config = {{"operator", "fno"}, {"model", "FNO"}, {"fno_block_precision", "half"}};
  try {
    static_cast<void>(importer->build(config, torch::kFloat));
    FAIL() << "half precision was accepted";
  } catch (const ConfigError& error) {
    EXPECT_NE(std::string(error.what()).find("fno_block_precision"), std::string::npos);
  }
}

fno::FnoConfig small() {
  fno::FnoConfig config;
  config.n_modes = {6, 6};
  config.hidden_channels = 8;
  config.n_layers = 2;
  return config;
}

TEST(Fno, TranslationsCommuteWithoutTheGrid) {
  torch::manual_seed(1);
  auto config = small();
  config.positional_embedding = "none";
  fno::FnoModel model(config, 2, 1, 2);
  model->to(torch::kDouble);
  const auto x = torch::randn({1, 2, 12, 15}, torch::kDouble);
  const auto moved = model(torch::roll(x, {3, 4}, {2, 3})), expected = torch::roll(model(x), {3, 4}, {2, 3});
  EXPECT_LT((moved - expected).abs().max().item<double>(), 1e-12);
}

TEST(Fno, ASampleAloneEqualsTheSampleInABatch) {
  torch::manual_seed(2);
  fno::FnoModel model(small(), 2, 1, 2);
  model->to(torch::kDouble);
  const auto x = torch::randn({3, 2, 10, 10}, torch::kDouble);
  EXPECT_LT((model(x)[1] - model(x.slice(0, 1, 2))[0]).abs().max().item<double>(), 1e-13);
}

TEST(Fno, GradientsMatchFiniteDifferences) {
  torch::manual_seed(3);
  auto config = small();
  config.norm = "group_norm";
  config.domain_padding = {0.1, 0.2};
  fno::FnoModel model(config, 1, 1, 2);
  model->to(torch::kDouble);
  const auto x = torch::randn({1, 1, 9, 8}, torch::kDouble);
  const auto loss = [&] { return model(x).square().mean(); };
  loss().backward();
  for (const auto& entry : model->named_parameters()) {
    const auto& parameter = entry.value();
    ASSERT_TRUE(parameter.grad().defined()) << entry.key();
    // In the order of the memory: spectral weights are stored by mode.
    const auto in_memory = [](const torch::Tensor& values) { return values.as_strided({values.numel()}, {1}); };
    auto flat = in_memory(parameter.data());
    const auto k = flat.numel() / 2;
    const double old = flat[k].item<double>(), step = 1e-6;
    flat[k] = old + step;
    const double high = loss().item<double>();
    flat[k] = old - step;
    const double low = loss().item<double>();
    flat[k] = old;
    EXPECT_NEAR(in_memory(parameter.grad())[k].item<double>(), (high - low) / (2 * step), 1e-7) << entry.key();
  }
}

TEST(Fno, SpectralWeightsStartWithTheSpecifiedVariance) {
  torch::manual_seed(4);
  fno::SpectralConvolution layer(24, 40, std::vector<std::int64_t>{12, 12}, false, fno::OddShift::ifftshift);
  const double expected = 2.0 / (24 + 40);  // E|w|^2
  EXPECT_NEAR(layer->weight.square().sum(-1).mean().item<double>(), expected, 0.03 * expected);
  EXPECT_NEAR(layer->weight.mean().item<double>(), 0, 0.01);
}

TEST(Fno, WrongShapesAreNamed) {
  OperatorSpec spec;
  spec.channels = 2;
  fno::FnoConfig config = small();
  const auto model = OperatorRegistry::instance().create("fno", config, spec);
  Batch batch;
  batch.inputs = torch::zeros({1, 1, 3, 8, 8});
  try {
    static_cast<void>(model->forward(batch));
    FAIL() << "three channels were accepted";
  } catch (const ShapeError& error) {
    EXPECT_NE(std::string(error.what()).find("[1, 1, 3, 8, 8]"), std::string::npos) << error.what();
  }
  config.n_modes = {6};
  EXPECT_THROW(static_cast<void>(OperatorRegistry::instance().create("fno", config, spec)), ConfigError);
}

TEST(Fno, EveryWrongInputIsATypedErrorWithItsShape) {
  OperatorSpec spec;
  spec.channels = 2;
  spec.static_channels = 1;
  spec.parameters = 3;
  const auto model = OperatorRegistry::instance().create("fno", small(), spec);
  Batch good;
  good.inputs = torch::zeros({2, 1, 2, 8, 8});
  good.statics = torch::zeros({2, 1, 8, 8});
  good.parameters = torch::zeros({2, 3});
  good.lead_time = torch::zeros({2});
  EXPECT_NO_THROW(static_cast<void>(model->forward(good)));
  const auto message = [&](const auto& spoil) {
    Batch bad = good;
    spoil(bad);
    try {
      static_cast<void>(model->forward(bad));
    } catch (const ShapeError& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_NE(message([](Batch& b) { b.inputs = torch::zeros({2, 1, 2, 8}); }).find("[2, 1, 2, 8]"), std::string::npos);
  EXPECT_NE(message([](Batch& b) { b.statics = torch::zeros({2, 1, 8, 9}); }).find("[2, 1, 8, 9]"), std::string::npos);
  EXPECT_NE(message([](Batch& b) { b.statics = torch::Tensor(); }).find("none"), std::string::npos);
  EXPECT_NE(message([](Batch& b) { b.parameters = torch::zeros({2, 4}); }).find("[2, 4]"), std::string::npos);
  EXPECT_NE(message([](Batch& b) { b.lead_time = torch::zeros({1}); }).find("[1]"), std::string::npos);
  EXPECT_NE(message([](Batch& b) {
              b.inputs = torch::zeros({2, 1, 2, 8, 8}, torch::kLong);
            }).find("floating"),
            std::string::npos);
  // Not a number in, not a number out: no filter hides it.
  good.inputs[0][0][0][3][3] = NAN;
  EXPECT_FALSE(model->forward(good).isfinite().all().item<bool>());
}

TEST(Fno, ModesAboveTheGridOfTheClassicFormAreRefused) {
  fno::ClassicFnoConfig config;
  config.modes = {4, 9};
  fno::ClassicFno model(config, 1, 1, 2);
  try {
    static_cast<void>(model(torch::zeros({1, 12, 12, 1}), torch::zeros({1, 12, 12, 2})));
    FAIL() << "nine modes on an axis of 14 points were accepted";
  } catch (const ShapeError& error) {
    EXPECT_NE(std::string(error.what()).find("9 modes on an axis of 14"), std::string::npos) << error.what();
  }
}

class OperatorOfEveryDimension : public testing::TestWithParam<int> {};

TEST_P(OperatorOfEveryDimension, GivesFramesAndGradientsForEveryParameter) {
  const int dimension = GetParam();
  OperatorSpec spec;
  spec.dimension = dimension;
  spec.history = 2;
  spec.bundle = 3;
  spec.channels = 2;
  spec.static_channels = 1;
  spec.parameters = 4;
  for (const std::string name : {"fno", "tfno", "fno_classic", "fno_classic 2020", "fno_classic 2023", "uno", "unet",
                                 "unet_fourier", "unet_2015", "unet_pdebench"}) {
    const std::string registered = name == "tfno"           ? "fno"
                                   : name == "unet_fourier" ? "unet"
                                                            : name.substr(0, name.find(' '));
    const auto config = OperatorRegistry::instance().make_config(registered);
    const auto axes = static_cast<std::size_t>(dimension);
    const std::vector<std::int64_t> modes(axes, 4);
    if (auto* library = dynamic_cast<fno::FnoConfig*>(config.get())) {
      library->n_modes = modes;
      if (name == "tfno") library->factorization = "tucker";
      if (name == "tfno") library->rank = 0.3;
    }
    if (auto* classic = dynamic_cast<fno::ClassicFnoConfig*>(config.get())) {
      classic->modes = modes;
      if (name.find(' ') != std::string::npos) classic->form = name.substr(name.find(' ') + 1);
    }
    if (auto* u_shaped = dynamic_cast<fno::UnoConfig*>(config.get())) {
      u_shaped->uno_out_channels = {6, 8, 6};
      u_shaped->uno_n_modes.assign(3 * axes, 4);
      u_shaped->uno_scalings.assign(3 * axes, 1);
      for (std::size_t axis = 0; axis < axes; ++axis) {
        u_shaped->uno_scalings[axis] = 0.5;
        u_shaped->uno_scalings[axes + axis] = 2;
      }
    }
    if (auto* unet = dynamic_cast<unet::UnetConfig*>(config.get())) {
      unet->hidden_channels = 8;
      unet->ch_mults = {1, 2};
      unet->n_blocks = 1;
      unet->mid_attn = true;
      if (name == "unet_fourier") unet->n_fourier_layers = 1;
      unet->modes = modes;
    }
    if (auto* old = dynamic_cast<unet::Unet2015Config*>(config.get())) old->features = 4;
    const auto model = OperatorRegistry::instance().create(registered, *config, spec);
    model->eval();
    const std::int64_t points = name == "unet_2015" || name == "unet_pdebench" ? 16 : 8;
    std::vector<std::int64_t> space(axes, points), inputs = {2, 2, 2}, statics = {2, 1}, outputs = {2, 3, 2};
    for (auto* shape : {&inputs, &statics, &outputs}) shape->insert(shape->end(), space.begin(), space.end());
    Batch batch;
    batch.inputs = torch::randn(inputs);
    batch.statics = torch::rand(statics);
    batch.parameters = torch::rand({2, 4});
    batch.lead_time = torch::rand({2});
    const auto y = model->forward(batch);
    EXPECT_EQ(y.sizes(), outputs) << name;
    y.square().mean().backward();
    for (const auto& entry : model->named_parameters())
      EXPECT_TRUE(entry.value().grad().defined()) << name << " " << entry.key();
  }
}
INSTANTIATE_TEST_SUITE_P(Dimensions, OperatorOfEveryDimension, testing::Values(1, 2, 3));

}  // namespace
}  // namespace eddyline
