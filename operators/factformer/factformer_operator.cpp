// FactFormer as a trainable operator: the latent march makes the frames of the bundle.

#include <cmath>
#include <optional>

#include "core/config/config.hpp"
#include "core/training/operator.hpp"
#include "operators/factformer/factformer_model.hpp"
#include "operators/factformer/factformer_positions.hpp"
#include "operators/factformer/factorised_config.hpp"
#include "operators/kernels/dtype_check.hpp"

namespace eddyline::factformer {
namespace {

struct FactFormerConfig final : Config {
  FactorisedConfig attention;
  std::int64_t depth = 2;
  double latent_multiplier = 2;
  std::int64_t padding = 0;
  bool convolutional_block = false;
  void fields(FieldVisitor& visit) override;
  void check(ConfigProblems& problems) const override;
};

void FactFormerConfig::fields(FieldVisitor& visit) {
  attention.fields(visit);
  visit("depth", depth, rule::at_least(1), "attention layers");
  visit("latent_multiplier", latent_multiplier, rule::positive(), "width of the latent march over the width");
  visit("padding", padding, rule::non_negative(), "zeros behind the end of each axis, for boundaries");
  visit("convolutional_block", convolutional_block, rule::any(),
        "a small U of convolutions beside the encoder, for boundaries");
}

void FactFormerConfig::check(ConfigProblems& problems) const {
  attention.check(problems);
  if (attention.width % 8 != 0)
    problems.add("width", "expected a multiple of 8 (groups of the head), got " + std::to_string(attention.width));
  const double latent = static_cast<double>(attention.width) * latent_multiplier, groups = 8 * latent_multiplier;
  if (groups != std::floor(groups) || latent != std::floor(latent))
    problems.add("latent_multiplier", "expected a multiple of 1/8, so that the head's groups come out whole");
}

class FactFormerOperator final : public Operator {
 public:
  FactFormerOperator(const FactFormerConfig& config, const OperatorSpec& spec)
      : spec_(spec), extent_(config.attention.position_extent), padding_(config.padding) {
    FactFormerOptions options;
    options.encoder.attention = config.attention.options(spec.dimension);
    options.encoder.depth = config.depth;
    options.encoder.fourier_scale = config.attention.fourier_scale;
    options.in_channels = stacked_channel_count(spec);
    options.out_channels = spec.channels;
    options.latent_steps = spec.bundle;
    options.latent_multiplier = config.latent_multiplier;
    options.norm_groups = static_cast<std::int64_t>(8 * config.latent_multiplier);
    options.padding = config.padding;
    options.convolutional_block = config.convolutional_block;
    model_ = register_module("model", FactFormerModel(options));
    check_dtype_.emplace(*model_);
  }
  torch::Tensor forward(const Batch& batch) override {
    const auto x = stacked_channels(batch, spec_).movedim(1, -1);
    (*check_dtype_)(batch.inputs);
    const auto positions =
        scaled_positions(spec_, x.sizes().slice(1, static_cast<std::size_t>(spec_.dimension)), extent_);
    return model_(x, padding_ > 0 ? continued(positions, padding_) : positions, spec_.bundle);
  }

 private:
  OperatorSpec spec_;
  double extent_;
  std::int64_t padding_;
  FactFormerModel model_{nullptr};
  std::optional<DtypeCheck> check_dtype_;
};

const OperatorRegistry::Registration<FactFormerOperator, FactFormerConfig> registration{
    "factformer", "factorised axial attention with a march in latent time, 1D to 3D"};

}  // namespace
}  // namespace eddyline::factformer
