// IFactFormer as a trainable operator; the frames of a bundle are channels of one output.

#include <optional>

#include "core/config/config.hpp"
#include "core/training/operator.hpp"
#include "operators/factformer/factformer_positions.hpp"
#include "operators/factformer/factorised_config.hpp"
#include "operators/ifactformer/ifactformer_model.hpp"
#include "operators/kernels/dtype_check.hpp"

namespace eddyline::ifactformer {
namespace {

struct IFactFormerConfig final : Config {
  IFactFormerConfig() {
    attention.kernel_multiplier = 3;
    attention.mixing = "parallel";
    attention.norm = "channel_instance";
  }
  factformer::FactorisedConfig attention;
  std::int64_t depth = 1, repeats = 10;
  void fields(FieldVisitor& visit) override;
  void check(ConfigProblems& problems) const override { attention.check(problems); }
};

void IFactFormerConfig::fields(FieldVisitor& visit) {
  attention.fields(visit);
  visit("depth", depth, rule::at_least(1), "attention blocks with weights of their own");
  visit("repeats", repeats, rule::at_least(1), "applications of each block with the same weights");
}

class IFactFormerOperator final : public Operator {
 public:
  IFactFormerOperator(const IFactFormerConfig& config, const OperatorSpec& spec)
      : spec_(spec), extent_(config.attention.position_extent) {
    IFactFormerOptions options;
    options.encoder.attention = config.attention.options(spec.dimension);
    options.encoder.depth = config.depth;
    options.encoder.repeats = config.repeats;
    options.encoder.fourier_scale = config.attention.fourier_scale;
    options.in_channels = stacked_channel_count(spec);
    options.out_channels = spec.bundle * spec.channels;
    model_ = register_module("model", IFactFormerModel(options));
    check_dtype_.emplace(*model_);
  }
  torch::Tensor forward(const Batch& batch) override {
    const auto x = stacked_channels(batch, spec_).movedim(1, -1);
    (*check_dtype_)(batch.inputs);
    const auto cells = x.sizes().slice(1, static_cast<std::size_t>(spec_.dimension));
    return model_(x, factformer::scaled_positions(spec_, cells, extent_), nullptr)
        .unflatten(1, {spec_.bundle, spec_.channels});
  }

 private:
  OperatorSpec spec_;
  double extent_;
  IFactFormerModel model_{nullptr};
  std::optional<DtypeCheck> check_dtype_;
};

const OperatorRegistry::Registration<IFactFormerOperator, IFactFormerConfig> registration{
    "ifactformer", "implicit factorised transformer: one block applied many times, 1D to 3D"};

}  // namespace
}  // namespace eddyline::ifactformer
