// Dead parameters, ignored inputs and broken promises are found; the registered operators are alive.

#include "core/training/liveness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/config/config_reader.hpp"
#include "core/training/optimiser.hpp"
#include "core/training/training_run.hpp"
#include "tests/training/synthetic.hpp"

namespace eddyline::test {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;

/// A pointwise network with the fault of your choice.
struct FaultyConfig final : Config {
  std::string fault = "none";
  void fields(FieldVisitor& visit) override { visit("fault", fault, rule::any(), "for tests"); }
};

class Faulty final : public Operator {
 public:
  Faulty(const FaultyConfig& config, const OperatorSpec& spec) : fault_(config.fault), spec_(spec) {
    first_ = register_module("first", torch::nn::Linear(stacked_channel_count(spec), 8));
    block_ = register_module("block", torch::nn::Linear(8, 8));
    last_ = register_module("last", torch::nn::Linear(8, spec.bundle * spec.channels));
    const torch::NoGradGuard no_gradient;
    if (fault_ == "zero start") last_->weight.zero_();
    if (fault_ == "wide start") block_->weight.mul_(3);
  }
  torch::Tensor forward(const Batch& given) override {
    Batch batch = given;
    if (fault_ == "ignored channel") {
      batch.inputs = batch.inputs.clone();
      batch.inputs.select(2, 1).zero_();
    }
    if (fault_ == "ignored parameter") batch.parameters = torch::zeros_like(batch.parameters);
    if (fault_ == "compared parameter") batch.parameters = (batch.parameters > 0.5).to(torch::kFloat);
    const auto x = torch::gelu(first_(stacked_channels(batch, spec_).movedim(1, -1)));
    auto h = torch::gelu(block_(x));
    // As published: the blocks are computed and what goes on is their input.
    if (fault_ == "discarded blocks") h = x;
    if (fault_ == "mixed samples") h = h - h.mean(0, true);
    if (fault_ == "place") h = h * torch::arange(h.size(1), h.options()).view({-1, 1});
    const auto y = last_(h).movedim(-1, 1).unflatten(1, {spec_.bundle, spec_.channels});
    return fault_ == "detached" ? y.detach() : y;
  }
  [[nodiscard]] std::vector<Symmetry> symmetries() const override { return {Symmetry::translation}; }
  [[nodiscard]] std::map<std::string, InitialMoments> initialisation() const override {
    return {{"block.weight", pytorch_moments(block_->weight)}};
  }

 private:
  std::string fault_;
  OperatorSpec spec_;
  torch::nn::Linear first_{nullptr}, block_{nullptr}, last_{nullptr};
};

const OperatorRegistry::Registration<Faulty, FaultyConfig> faulty{"faulty", "for tests"};

TrainConfig train_config(const std::string& fault) {
  set_log_level(LogLevel::quiet);
  const auto folder = fresh_folder("liveness");
  TrainConfig config;
  read_config_text("run: '" + (folder / "run").string() + "'\ndata: {path: '" + sine_file(folder).string() +
                       "'}\noperator: {name: faulty, fault: '" + fault +
                       "'}\ntask: {bundle: 2, pushforward: 0}\ntraining: {epochs: 1, batch_size: 4, threads: 1}\n",
                   "test", config);
  return config;
}

std::vector<std::string> findings(const std::string& fault) { return training_check(train_config(fault)).findings; }

TEST(Liveness, ASoundOperatorPasses) {
  const LivenessReport report = training_check(train_config("none"));
  EXPECT_TRUE(report.passes()) << report.text();
  EXPECT_THAT(report.checked, Contains("gradients of 6 parameters"));
  EXPECT_THAT(report.checked, Contains("translation"));
  EXPECT_TRUE(findings("zero start").empty()) << "a head that starts at zero hides nothing";
}

TEST(Liveness, DiscardedBlocksAreCaught) {
  EXPECT_THAT(findings("discarded blocks"),
              ElementsAre(HasSubstr("'block.weight' [8, 8]"), HasSubstr("'block.bias' [8]")));
}

TEST(Liveness, EveryOtherFaultIsNamed) {
  EXPECT_THAT(findings("ignored channel"), ElementsAre(HasSubstr("input channel 'w'")));
  EXPECT_THAT(findings("ignored parameter"), ElementsAre(HasSubstr("parameter 'speed'")));
  EXPECT_TRUE(findings("compared parameter").empty()) << "what enters through a comparison counts";
  EXPECT_THAT(findings("mixed samples"), Contains(HasSubstr("sample alone differs")));
  EXPECT_THAT(findings("place"), ElementsAre(HasSubstr("translated inputs")));
  EXPECT_THAT(findings("wide start"), ElementsAre(HasSubstr("'block.weight' starts with")));
  EXPECT_THAT(findings("detached"), ElementsAre(HasSubstr("detached")));
}

TEST(Liveness, TrainingRefusesADeadOperatorUnlessToldOtherwise) {
  TrainConfig config = train_config("discarded blocks");
  try {
    train(config);
    FAIL() << "a dead operator was trained";
  } catch (const NumericalError& error) {
    EXPECT_THAT(error.what(), HasSubstr("block.weight"));
    EXPECT_THAT(error.what(), HasSubstr("liveness: warn"));
  }
  EXPECT_TRUE(CheckpointStore(std::filesystem::path(config.run) / "checkpoints").steps().empty());
  config.liveness = "warn";
  EXPECT_TRUE(train(config).complete);
}

TEST(Liveness, LeavesNoTrace) {
  const auto data = std::make_shared<SineDataset>(SineOptions{}, "train");
  OperatorSpec spec;
  spec.dimension = 1;
  spec.bundle = 2;
  spec.channels = 2;
  spec.parameters = 1;
  torch::manual_seed(3);
  const auto model =
      OperatorRegistry::instance().create("unet_2015", *OperatorRegistry::instance().make_config("unet_2015"), spec);
  ModelDescription description;
  description.spec = spec;
  description.data = data->info();
  Batch batch;
  batch.inputs = torch::randn({3, 1, 2, 32});
  batch.parameters = torch::randn({3, 1});
  batch.lead_time = torch::ones({3});
  const NamedState before = copied(weights_of(*model));
  torch::manual_seed(3);
  const auto expected = torch::randn({4});
  torch::manual_seed(3);
  const LivenessReport report = check_liveness(*model, description, batch, true);
  EXPECT_TRUE(at::equal(torch::randn({4}), expected));
  EXPECT_TRUE(report.passes()) << report.text();
  EXPECT_TRUE(model->is_training());
  for (const auto& [name, value] : weights_of(*model)) EXPECT_TRUE(at::equal(value, before.at(name))) << name;
  for (const auto& parameter : model->parameters()) EXPECT_FALSE(parameter.grad().defined());
}

}  // namespace
}  // namespace eddyline::test
