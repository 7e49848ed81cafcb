// The U-Nets as trainable operators.

#include <optional>

#include "core/training/operator.hpp"
#include "operators/kernels/dtype_check.hpp"
#include "operators/unet/unet_2015.hpp"
#include "operators/unet/unet_modern.hpp"

namespace eddyline::unet {
namespace {

/// PDEBench's settings of the same network.
struct PdeBenchConfig final : Config {
  std::int64_t init_features = 32;
  std::string size_padding = "none";
  void fields(FieldVisitor& visit) override {
    visit("init_features", init_features, rule::at_least(1), "width of the first level; the others double it");
    visit("size_padding", size_padding, rule::one_of({"none", "zero", "periodic"}),
          "how axes that are no multiple of 16 are filled up at the high end; none: an error");
  }
};

Unet2015Config network(const PdeBenchConfig& config) {
  Unet2015Config result;
  result.features = config.init_features;
  result.activation = "tanh";
  result.size_padding = config.size_padding;
  return result;
}
const Unet2015Config& network(const Unet2015Config& config) { return config; }
const UnetConfig& network(const UnetConfig& config) { return config; }

template <class Model, class ModelConfig>
class UnetOperator final : public Operator {
 public:
  UnetOperator(const ModelConfig& config, const OperatorSpec& spec) : spec_(spec) {
    model_ = register_module(
        "model", Model(network(config), stacked_channel_count(spec), spec.bundle * spec.channels, spec.dimension));
    check_dtype_.emplace(*model_);
  }
  torch::Tensor forward(const Batch& batch) override {
    const auto x = stacked_channels(batch, spec_);
    (*check_dtype_)(batch.inputs);
    return model_(x).unflatten(1, {spec_.bundle, spec_.channels});
  }
  std::map<std::string, InitialMoments> initialisation() const override {
    std::map<std::string, InitialMoments> moments;  // of the convolutions
    for (const auto& entry : named_parameters())
      if (entry.value().dim() == spec_.dimension + 2) moments[entry.key()] = pytorch_moments(entry.value());
    return moments;
  }

 private:
  OperatorSpec spec_;
  Model model_{nullptr};
  std::optional<DtypeCheck> check_dtype_;
};

const OperatorRegistry::Registration<UnetOperator<ModernUnet, UnetConfig>, UnetConfig> modern{
    "unet", "modern residual U-Net, 1D to 3D, as in PDEArena; optional attention and Fourier blocks"};
const OperatorRegistry::Registration<UnetOperator<Unet2015, Unet2015Config>, Unet2015Config> classic{
    "unet_2015", "U-Net of 2015, 1D to 3D, as in PDEArena"};
const OperatorRegistry::Registration<UnetOperator<Unet2015, PdeBenchConfig>, PdeBenchConfig> pdebench{
    "unet_pdebench", "U-Net of 2015, 1D to 3D, as in PDEBench"};

}  // namespace
}  // namespace eddyline::unet
