// Heads: each law holds to round-off with the head and fails without it.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/field/derived.hpp"
#include "core/training/forecaster.hpp"
#include "core/training/operator_with_heads.hpp"
#include "tests/operators/operator_fixture.hpp"

namespace eddyline::test {
namespace {

using testing::AllOf;
using testing::HasSubstr;

/// Shallow water on a stretched box; `sides` of x and y: "periodic", "free_slip", "outflow".
HeadContext shallow_water(const std::string& x, const std::string& y, bool stretched = false) {
  const std::string axis = stretched ? ", stretching: 0.4}" : "}";
  HeadContext context;
  context.problem =
      Case::from_yaml("equation: shallow_water\nparameters: {gravity: 9.81}\ngrid: [{to: 2, cells: 12" + axis +
                          ", {to: 1, cells: 10" + axis + "]\nboundaries: {x_low: {type: " + x +
                          "}, x_high: {type: " + x + "}, y_low: {type: " + y + "}, y_high: {type: " + y + "}}\n",
                      "test");
  context.data.name = "water";
  context.data.grid = std::make_shared<Grid>(context.problem->grid());
  context.data.channels = context.problem->channels();
  context.data.channels[0].kind = ChannelKind::scalar;  // The Well's schema keeps no densities
  context.spec.channels = 3;
  context.spec.bundle = 2;
  context.spec.lead_time = false;
  context.spec.coordinates = cell_coordinates(*context.data.grid);
  return context;
}

std::shared_ptr<const Normaliser> small_steps(const HeadContext& context) {
  const auto normaliser = std::make_shared<Normaliser>();
  normaliser->mean = torch::tensor({1.5, 0.1, -0.2}, torch::kDouble);
  normaliser->deviation = torch::tensor({0.3, 0.7, 0.6}, torch::kDouble);
  normaliser->increment_deviation = torch::full({context.spec.bundle, 3}, 0.01, torch::kDouble);
  normaliser->parameter_mean = normaliser->parameter_scale = at::empty({0}, at::kDouble);
  normaliser->dt_low = normaliser->dt_high = 1;
  return normaliser;
}

std::vector<HeadConfig> heads_of(const std::string& yaml) {
  HeadListConfig list;
  read_config_text("heads: " + yaml, "test", list);
  return list.heads;
}

std::unique_ptr<Head> head_of(const std::string& yaml, const HeadContext& context) {
  const auto list = heads_of("[" + yaml + "]");
  return HeadRegistry::instance().create(list[0].choice.name, *list[0].choice.config, context);
}

/// Integral of the depth over the fluid, of frames [..., C, H, W].
at::Tensor volume_of(const at::Tensor& frames, const Grid& grid, const at::Tensor& mask = {}) {
  at::Tensor weight = at::tensor(grid.cell_volumes(), at::kDouble).view(grid.cell_shape());
  if (mask.defined()) weight = weight * mask;
  return (frames.select(-3, 0) * weight).sum({-2, -1});
}

/// Largest relative change of the volume along a rollout of 200 steps of a random network.
double drift(const HeadContext& context, const std::string& heads, bool solids = false) {
  HeadContext with = context;
  if (solids) {
    with.data.static_channels = {{"mask", "1", ChannelKind::scalar}};
    with.spec.static_channels = 1;
  }
  torch::manual_seed(3);
  PluginChoice choice{"fno", OperatorRegistry::instance().make_config("fno")};
  read_config_text("n_modes: [6, 6]\nhidden_channels: 8\nn_layers: 2\n", "test", *choice.config);
  const auto normaliser = small_steps(with);
  const auto model = eddyline::make_operator(choice, heads_of(heads), with, normaliser);
  OperatorSpec spec = with.spec;
  spec.output = model->output();
  const Forecaster forecaster(NormalisedOperator(model, spec, normaliser, solids ? 0 : -1));
  const auto shape = with.data.grid->cell_shape();
  at::Tensor mask = at::ones(shape, at::kDouble);
  if (solids) mask.narrow(0, 3, 3).narrow(1, 4, 5).zero_();
  Batch batch =
      forecaster.batch({1.5 + 0.3 * at::randn({2, 1, 3, shape[0], shape[1]}, at::kDouble),
                        solids ? mask.expand({2, 1, shape[0], shape[1]}) : at::empty({2, 0, shape[0], shape[1]}),
                        at::empty({2, 0}, at::kDouble), at::ones({2}, at::kDouble), at::zeros({2}, at::kDouble)});
  EXPECT_EQ(batch.inputs.scalar_type(), heads == "[]" ? at::kFloat : at::kDouble);
  const torch::NoGradGuard no_gradient;
  const at::Tensor first = volume_of(normaliser->invert(batch.inputs.select(1, 0)), *with.data.grid, mask);
  double worst = 0;
  for (int step = 0; step < 100; ++step) {
    const at::Tensor frames = forecaster.frames(batch);
    batch = forecaster.advanced(batch, frames);
    const at::Tensor now = volume_of(normaliser->invert(frames), *with.data.grid, mask);
    worst = std::max(worst, ((now - first.unsqueeze(1)) / first.unsqueeze(1)).abs().max().item<double>());
  }
  EXPECT_TRUE(at::isfinite(batch.inputs).all().item<bool>());
  return worst;
}

TEST(FluxForm, ConservesOver200StepsAndNothingElseDoes) {
  for (const auto& [x, y] : {std::pair{"periodic", "periodic"}, {"free_slip", "free_slip"}, {"periodic", "no_slip"}}) {
    const HeadContext context = shallow_water(x, y);
    EXPECT_LT(drift(context, "[{name: flux_form}]"), 1e-12) << x << y;
    EXPECT_GT(drift(context, "[]"), 1e-3) << x << y;
  }
  const HeadContext stretched = shallow_water("free_slip", "periodic", true);
  EXPECT_LT(drift(stretched, "[{name: flux_form}]"), 1e-12);
  EXPECT_LT(drift(stretched, "[{name: flux_form}, {name: positivity}]"), 1e-12);
  EXPECT_LT(drift(stretched, "[{name: flux_form}]", true), 1e-12);
  EXPECT_GT(drift(stretched, "[]", true), 1e-4);
}

TEST(Conservation, KeepsTheIntegralOver200Steps) {
  const HeadContext context = shallow_water("free_slip", "periodic", true);
  for (const char* variance : {"uniform", "change"})
    for (const bool solids : {false, true})
      EXPECT_LT(drift(context, std::string("[{name: conservation, variance: ") + variance + "}]", solids), 1e-12)
          << variance << solids;
}

HeadInputs inputs_of(const HeadContext& context, std::int64_t samples = 2) {
  const auto shape = context.data.grid->cell_shape();
  HeadInputs inputs;
  inputs.last = 1 + torch::rand({samples, 1, context.spec.channels, shape[0], shape[1]}, torch::kDouble);
  inputs.increment = torch::rand({context.spec.bundle, context.spec.channels, 1, 1}, torch::kDouble) + 0.5;
  return inputs;
}

at::Tensor random_frames(const HeadContext& context, double mean) {
  const auto shape = context.data.grid->cell_shape();
  return mean + torch::randn({2, context.spec.bundle, context.spec.channels, shape[0], shape[1]}, torch::kDouble);
}

TEST(FluxForm, OpenSidesPassWhatTheCellsBesideThemSay) {
  const HeadContext context = shallow_water("outflow", "free_slip", true);
  // A short length leaves the fluxes as they are: they are smoothed over it.
  const double length = 1e-4;
  const auto head = head_of("{name: flux_form, length: 1e-4}", context);
  ASSERT_EQ(head->outputs(), 2);
  const HeadInputs inputs = inputs_of(context);
  const at::Tensor q = torch::randn({2, 2, 2, 3, 10, 12}, torch::kDouble);
  const at::Tensor frames = head->apply(q, inputs);
  const Grid& grid = *context.data.grid;
  const at::Tensor change = (volume_of(frames, grid) - volume_of(inputs.last, grid)) / length;
  const at::Tensor heights = at::tensor(grid.widths(1), at::kDouble);  // areas of the faces across x
  const at::Tensor depth_flux = q.select(2, 0).select(2, 0) * inputs.increment.select(1, 0) * (2.0 / 12);
  const at::Tensor out =
      ((depth_flux.select(-1, 11) - (2 * depth_flux.select(-1, 0) - depth_flux.select(-1, 1))) * heights).sum(-1);
  EXPECT_LT(largest_difference(change, -out), 1e-6);
  EXPECT_GT(change.abs().min().item<double>(), 1e-3);
  // Channels that are not densities change by the mean of what the network gives for them.
  EXPECT_LT(largest_difference(frames.narrow(2, 1, 2), (inputs.last + q.mean(2) * inputs.increment).narrow(2, 1, 2)),
            1e-14);
}

TEST(FluxForm, ReachesTheShortestWave) {
  const HeadContext context = shallow_water("periodic", "periodic");
  HeadInputs inputs = inputs_of(context);
  at::Tensor q = torch::zeros({2, 2, 2, 3, 10, 12}, torch::kDouble);
  q.select(2, 0).copy_(1 - 2 * (at::arange(12) % 2));
  const at::Tensor change = (head_of("{name: flux_form}", context)->apply(q, inputs) - inputs.last).select(2, 0);
  EXPECT_GT(change.abs().min().item<double>(), 0.4);
}

TEST(FluxForm, IsConsistentWithTheDivergenceOfAFlux) {
  // q_i = sin(pi x) at the face i + 1/2: the change is minus the derivative at the centres, to second order.
  std::vector<double> errors;
  for (const std::int64_t cells : {32, 64}) {
    HeadContext context = shallow_water("periodic", "periodic");
    context.data.grid = std::make_shared<Grid>(Grid::uniform({0, 0}, {2, 1}, {cells, 4}));
    context.spec.bundle = 1;
    const auto head = head_of("{name: flux_form, length: " + std::to_string(cells) + "}", context);  // length * dx = 2
    const at::Tensor x = at::tensor(context.data.grid->centers(0), at::kDouble) * M_PI;
    at::Tensor q = torch::zeros({1, 1, 2, 3, 4, cells}, torch::kDouble);
    q.select(2, 0).copy_(at::sin(x + M_PI / static_cast<double>(cells)));  // half a cell of width 2 / cells
    HeadInputs inputs = inputs_of(context, 1);
    inputs.increment = torch::ones({1, 3, 1, 1}, torch::kDouble);
    const at::Tensor change = (head->apply(q, inputs) - inputs.last).select(2, 0);
    const double smoothed = 1 / std::sqrt(1 + 4 * M_PI * M_PI);  // 1 / sqrt(1 + (length k)^2)
    errors.push_back(largest_difference(change, -2 * M_PI * smoothed * at::cos(x).expand_as(change)));
  }
  EXPECT_LT(errors[1], 0.02);
  EXPECT_NEAR(errors[0] / errors[1], 4, 0.1);
}

TEST(Conservation, IsTheNearestFieldInTheWeightedSense) {
  const HeadContext context = shallow_water("periodic", "free_slip", true);
  const HeadInputs inputs = inputs_of(context);
  const at::Tensor frames = random_frames(context, 1),
                   volumes = at::tensor(context.data.grid->cell_volumes(), at::kDouble).view({10, 12});
  const at::Tensor wanted = volume_of(inputs.last, *context.data.grid).expand({2, 2});
  EXPECT_GT(largest_difference(volume_of(frames, *context.data.grid), wanted), 1e-2);
  for (const char* variance : {"uniform", "change"}) {
    const at::Tensor result =
        head_of(std::string("{name: conservation, variance: ") + variance + "}", context)->apply(frames, inputs);
    EXPECT_LT(largest_difference(volume_of(result, *context.data.grid), wanted), 1e-14);
    EXPECT_TRUE(at::equal(result.narrow(2, 1, 2), frames.narrow(2, 1, 2)));
    // Lagrange: (u' - u) / (s^2 V) is the same number in every cell.
    at::Tensor s2 = at::ones_like(frames.select(2, 0));
    if (variance == std::string("change"))
      s2 = (frames - inputs.last).select(2, 0).square() + (1e-3 * inputs.increment.select(1, 0)).square();
    const at::Tensor moved = (result - frames).select(2, 0), weight = s2 * volumes;
    const at::Tensor multiplier = moved.sum({-2, -1}, true) / weight.sum({-2, -1}, true);
    EXPECT_LT(largest_difference(moved, multiplier * weight), 1e-14) << variance;
    EXPECT_GT(moved.abs().max().item<double>(), 1e-3);
  }
}

/// Incompressible flow in a periodic box.
HeadContext flow(const std::vector<std::int64_t>& cells) {
  HeadContext context;
  context.spec.dimension = static_cast<int>(cells.size());
  context.spec.channels = context.spec.dimension + 1;
  context.data.name = "flow";
  context.data.grid = std::make_shared<Grid>(
      Grid::uniform(std::vector<double>(cells.size(), 0), std::vector<double>(cells.size(), 3), cells));
  for (const ChannelKind kind : {ChannelKind::vector_x, ChannelKind::vector_y, ChannelKind::vector_z})
    if (static_cast<std::int64_t>(context.data.channels.size()) < context.spec.dimension)
      context.data.channels.push_back({"velocity_" + to_string(kind), "m/s", kind});
  context.data.channels.push_back({"pressure", "Pa", ChannelKind::scalar});
  return context;
}

TEST(DivergenceFree, CentralDifferencesOfTheResultVanish) {
  for (const auto& cells : {std::vector<std::int64_t>{12, 10}, {15, 9}, {8, 6, 10}}) {
    const HeadContext context = flow(cells);
    const std::string sides = cells.size() == 2
                                  ? "x_low: periodic, x_high: periodic, y_low: periodic, y_high: periodic"
                                  : "x_low: periodic, x_high: periodic, y_low: periodic, y_high: periodic, "
                                    "z_low: periodic, z_high: periodic";
    auto shape = context.data.grid->cell_shape();
    shape.insert(shape.begin(), {1, 1, context.spec.channels});
    const at::Tensor frames = torch::randn(shape, torch::kDouble);
    const auto largest_divergence = [&](const at::Tensor& values) {
      return divergence(values[0][0].narrow(0, 0, context.spec.dimension), *context.data.grid,
                        PeriodicAxes(cells.size(), true))
          .abs()
          .max()
          .item<double>();
    };
    const auto head = head_of("{name: divergence_free, boundaries: {" + sides + "}}", context);
    const at::Tensor result = head->apply(frames, {});
    EXPECT_GT(largest_divergence(frames), 1);
    EXPECT_LT(largest_divergence(result), 1e-12);
    EXPECT_LT(largest_difference(head->apply(result, {}), result), 1e-13);
    EXPECT_TRUE(at::equal(result.select(2, context.spec.dimension), frames.select(2, context.spec.dimension)));
    // The mean flow stays, and what is taken off is a gradient: nothing of a field without divergence.
    EXPECT_LT(largest_difference(result.flatten(3).mean(3), frames.flatten(3).mean(3)), 1e-14);
    const at::Tensor taken = frames - result;
    EXPECT_LT((taken * result).sum().abs().item<double>(), 1e-10);
    const at::Tensor spectral =
        head_of("{name: divergence_free, derivative: spectral, boundaries: {" + sides + "}}", context)
            ->apply(frames, {});
    EXPECT_GT(largest_difference(spectral, result), 1e-3);
    EXPECT_LT((spectral - frames).mul(spectral).sum().abs().item<double>(), 1e-10);
  }
}

TEST(Positivity, LiftsWhatIsBelowAndKeepsTheIntegral) {
  const HeadContext context = shallow_water("free_slip", "free_slip", true);
  const at::Tensor frames = random_frames(context, 0.8);
  const auto least = [](const at::Tensor& values) { return values.select(2, 0).min().item<double>(); };
  ASSERT_LT(least(frames), 0);
  for (const double floor : {0.0, 0.1}) {
    const auto head = head_of("{name: positivity, floor: " + std::to_string(floor) + "}", context);
    const at::Tensor result = head->apply(frames, {});
    EXPECT_GE(least(result), floor);
    EXPECT_LT(largest_difference(volume_of(result, *context.data.grid), volume_of(frames, *context.data.grid)), 1e-13);
    EXPECT_TRUE(at::equal(result.narrow(2, 1, 2), frames.narrow(2, 1, 2)));
    const at::Tensor high = frames.abs() + 0.2;
    EXPECT_LT(largest_difference(head->apply(high, {}), high), 1e-14);
  }
  const at::Tensor cut = head_of("{name: positivity, conserve: false}", context)->apply(frames, {});
  EXPECT_TRUE(at::equal(cut.select(2, 0), frames.select(2, 0).clamp_min(0)));
  // No positive field has a negative integral: the frames are cut, nothing divides by zero.
  EXPECT_EQ(least(head_of("{name: positivity}", context)->apply(frames - 100, {})), 0);
}

TEST(Heads, KeepTheGraph) {
  const HeadContext context = shallow_water("periodic", "free_slip");
  const HeadInputs inputs = inputs_of(context);
  for (const char* name : {"flux_form", "conservation, variance: change", "positivity"}) {
    const auto head = head_of(std::string("{name: ") + name + "}", context);
    at::Tensor frames = random_frames(context, 1);
    if (head->outputs() > 1) frames = torch::randn({2, 2, 2, 3, 10, 12}, torch::kDouble);
    frames.requires_grad_(true);
    const at::Tensor weights = torch::randn({2, 2, 3, 10, 12}, torch::kDouble);
    const auto value = [&](const at::Tensor& at) { return (head->apply(at, inputs) * weights).sum(); };
    value(frames).backward();
    const at::Tensor direction = torch::randn_like(frames).detach();
    const double step = 1e-6;
    const torch::NoGradGuard no_gradient;
    const double difference =
        (value(frames + step * direction) - value(frames - step * direction)).item<double>() / (2 * step);
    EXPECT_NEAR((frames.grad() * direction).sum().item<double>(), difference, 1e-5 * std::abs(difference) + 1e-5)
        << name;
  }
}

TEST(Heads, SayWhatDoesNotFit) {
  const HeadContext closed = shallow_water("free_slip", "free_slip"), open = shallow_water("outflow", "free_slip");
  const auto made = [](const std::string& heads, const HeadContext& context) {
    return message_of<ConfigError>([&] {
      PluginChoice choice{"persistence", OperatorRegistry::instance().make_config("persistence")};
      static_cast<void>(eddyline::make_operator(choice, heads_of(heads), context, small_steps(context)));
    });
  };
  EXPECT_THAT(made("[{name: conservation}]", open),
              AllOf(HasSubstr("heads.0"), HasSubstr("open"), HasSubstr("flux_form")));
  EXPECT_THAT(made("[{name: positivity}, {name: flux_form}]", closed), AllOf(HasSubstr("heads.1"), HasSubstr("first")));
  EXPECT_THAT(made("[{name: divergence_free}]", closed), HasSubstr("not periodic"));
  EXPECT_THAT(made("[{name: conservation, channels: [dept]}]", closed), HasSubstr("did you mean 'depth'?"));
  EXPECT_THAT(made("[{name: flux_form, boundaries: {x_lo: closed}}]", closed), HasSubstr("did you mean 'x_low'?"));
  EXPECT_THAT(made("[{name: flux_form, boundaries: {x_low: periodic}}]", closed), HasSubstr("face each other"));
  HeadContext unknown = closed;
  unknown.problem = nullptr;
  EXPECT_THAT(made("[{name: flux_form}]", unknown), AllOf(HasSubstr("'water'"), HasSubstr("boundaries")));
  EXPECT_THAT(made("[{name: positivity}]", unknown), HasSubstr("name the channels"));
  EXPECT_THAT(message_of<ConfigError>([] { static_cast<void>(heads_of("[{name: flux_from}]")); }),
              HasSubstr("did you mean 'flux_form'?"));
  EXPECT_THAT(message_of<ConfigError>([] { static_cast<void>(heads_of("[{name: flux_form, lenth: 3}]")); }),
              HasSubstr("heads.0.lenth: unknown key; did you mean 'length'?"));
}

}  // namespace
}  // namespace eddyline::test
