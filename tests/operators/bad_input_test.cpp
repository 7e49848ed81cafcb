// What does not fit any operator on a grid is refused by a typed error that names the shapes.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/operators/operator_fixture.hpp"

namespace eddyline::test {
namespace {

using testing::HasSubstr;

struct Case {
  const char *name, *settings;
  bool has_weights = true;
};
std::ostream& operator<<(std::ostream& out, const Case& value) { return out << value.name; }

class GridOperator : public testing::TestWithParam<Case> {};

TEST_P(GridOperator, NamesWhatDoesNotFit) {
  torch::manual_seed(8);
  OperatorSpec spec;
  spec.history = 2;
  spec.channels = 2;
  spec.static_channels = 1;
  spec.parameters = 1;
  const auto model = make_operator(GetParam().name, GetParam().settings, spec);
  model->to(torch::kDouble);
  const std::vector<std::int64_t> cells = {16, 16};
  EXPECT_EQ(model->forward(random_batch(spec, 2, cells)).sizes(), (std::vector<std::int64_t>{2, 1, 2, 16, 16}));
  const auto refused = [&](const Batch& wrong) { return message_of<ShapeError>([&] { model->forward(wrong); }); };
  const auto with = [&](auto change) {
    Batch wrong = random_batch(spec, 2, cells);
    change(wrong);
    return refused(wrong);
  };
  auto channels = spec;
  channels.channels = 3;
  EXPECT_THAT(refused(random_batch(channels, 2, cells)), HasSubstr("[2, 2, 3, 16, 16]"));
  auto history = spec;
  history.history = 1;
  EXPECT_THAT(refused(random_batch(history, 2, cells)), HasSubstr("[2, 1, 2, 16, 16]"));
  EXPECT_THAT(refused(random_batch(spec, 2, {16})), HasSubstr("[2, 2, 2, 16]"));
  EXPECT_THAT(with([](Batch& batch) { batch.inputs = batch.inputs.to(torch::kLong); }), HasSubstr("[2, 2, 2, 16, 16]"));
  if (!GetParam().has_weights) return;
  EXPECT_THAT(with([](Batch& batch) { batch.statics = torch::Tensor(); }), HasSubstr("[2, 1, 16, 16]"));
  EXPECT_THAT(with([](Batch& batch) { batch.parameters = torch::zeros({2, 3}); }), HasSubstr("[2, 3]"));
  EXPECT_THAT(with([](Batch& batch) { batch.lead_time = torch::zeros({1}); }), HasSubstr("[1]"));
  EXPECT_THAT(with([](Batch& batch) { batch.inputs = batch.inputs.to(torch::kFloat); }),
              testing::AllOf(HasSubstr("Double"), HasSubstr("Float [2, 2, 2, 16, 16]")));
}

INSTANTIATE_TEST_SUITE_P(
    All, GridOperator,
    testing::Values(Case{"fno", "hidden_channels: 4\nn_layers: 2\nn_modes: [6, 6]\n"},
                    Case{"uno",
                         "hidden_channels: 4\nuno_out_channels: [4, 4, 4]\nuno_n_modes: [4, 4, 4, 4, 4, 4]\n"
                         "uno_scalings: [0.5, 0.5, 1, 1, 2, 2]\n"},
                    Case{"fno_classic", "modes: [4, 4]\nwidth: 4\n"},
                    Case{"fno_classic", "modes: [4, 4]\nwidth: 4\nform: \"2020\"\n"},
                    Case{"fno_classic", "modes: [4, 4]\nwidth: 4\nform: \"2023\"\n"},
                    Case{"unet", "hidden_channels: 8\nch_mults: [1, 2]\nn_blocks: 1\n"},
                    Case{"unet_2015", "features: 2\n"}, Case{"unet_pdebench", "init_features: 2\n"},
                    Case{"factformer", "width: 8\nheads: 2\nhead_width: 4\n"},
                    Case{"ifactformer", "width: 8\nheads: 2\nhead_width: 4\nrepeats: 2\n"},
                    Case{"mp_pde", "width: 8\nlayers: 2\ndecoder: linear\n"}, Case{"persistence", "{}", false},
                    Case{"linear_extrapolation", "{}", false}, Case{"mean", "{}", false}));

TEST(FnoOperator, ModesThatTheGridDoesNotHaveAreRefused) {
  OperatorSpec spec;
  const auto line = [](std::size_t cells) { return std::vector<double>(cells, 0.0); };
  spec.coordinates = {line(12), line(20)};
  const auto built = [&](const std::string& settings) {
    return message_of<ConfigError>([&] { make_operator("fno", "hidden_channels: 4\n" + settings, spec); });
  };
  EXPECT_THAT(built("n_modes: [13, 8]\n"), HasSubstr("13 modes along axis 0 (of y, x), whose 12 points"));
  EXPECT_THAT(built("n_modes: [8, 21]\n"), HasSubstr("21 modes along axis 1"));
  EXPECT_NO_THROW(make_operator("fno", "hidden_channels: 4\nn_modes: [12, 20]\n", spec));
  EXPECT_NO_THROW(make_operator("fno", "hidden_channels: 4\nn_modes: [16, 20]\ndomain_padding: [0.25, 0]\n", spec));
}

TEST(ClassicFnoOperator, ModesThatTheGridDoesNotHaveAreRefused) {
  OperatorSpec spec;
  const auto model = make_operator("fno_classic", "modes: [12, 12]\nwidth: 4\n", spec);
  model->to(torch::kDouble);
  EXPECT_THAT(message_of<ShapeError>([&] {
                model->forward(random_batch(spec, 1, {16, 16}));
              }),
              HasSubstr("12 modes on an axis of 18 points, which has 10"));
}

}  // namespace
}  // namespace eddyline::test
