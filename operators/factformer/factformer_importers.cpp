// Parity files and foreign weights of FactFormer.

#include "core/base/error.hpp"
#include "core/config/config.hpp"
#include "core/training/foreign_config.hpp"
#include "core/training/importer.hpp"
#include "operators/factformer/factformer_model.hpp"
#include "operators/factformer/foreign_attention.hpp"

namespace eddyline::factformer {
namespace {

class ForeignFactFormer final : public ForeignModel {
 public:
  ForeignFactFormer(const FactFormerOptions& options, std::int64_t steps, torch::Dtype dtype)
      : model_(options), steps_(steps), steady_(options.latent_steps == 0) {
    model_->to(dtype);
  }
  torch::nn::Module& module() override { return *model_; }
  NamedTensors state() override { return named_state(*model_); }
  NamedTensors run(const NamedTensors& inputs) override {
    const auto y = model_(inputs.at("x"), foreign_positions(inputs), steps_).movedim(2, -1);
    return {{"y", steady_ ? y.squeeze(1) : y}};
  }

 private:
  FactFormerModel model_;
  std::int64_t steps_;
  bool steady_;
};

class ForeignBlock final : public ForeignModel {
 public:
  ForeignBlock(const AttentionOptions& options, torch::Dtype dtype) : block_(options) { block_->to(dtype); }
  torch::nn::Module& module() override { return *block_; }
  NamedTensors state() override { return named_state(*block_); }
  NamedTensors run(const NamedTensors& inputs) override {
    const auto positions = foreign_positions(inputs);
    NamedTensors outputs = {{"y", block_(inputs.at("x"), positions)}};
    const auto kernels = block_->kernels(inputs.at("x"), positions);
    for (std::size_t axis = 0; axis < kernels.size(); ++axis) outputs[std::string("k_") + "xyz"[axis]] = kernels[axis];
    return outputs;
  }

 private:
  FactorisedAttention block_;
};

class FactFormerImporter final : public Importer {
 public:
  explicit FactFormerImporter(const EmptyConfig&) {}
  bool accepts(const ForeignConfig& config) const override {
    return foreign_text(config, "operator", "") == "factformer";
  }
  std::unique_ptr<ForeignModel> build(const ForeignConfig& config, torch::Dtype dtype) const override {
    const std::string model = foreign_text(config, "model", "");
    const auto has = [&](const char* part) { return model.find(part) != std::string::npos; };
    const int dimension = has("2D") ? 2 : has("3D") ? 3 : 0;
    if (dimension == 0) throw ConfigError("config attribute 'model' = " + printable(model) + " names no dimension");
    FactFormerOptions options;
    options.encoder.attention = foreign_attention(config, dimension);
    if (has("FABlock")) return std::make_unique<ForeignBlock>(options.encoder.attention, dtype);
    const bool is_darcy = has("darcy"), is_smoke = has("smoke"), is_isotropic = dimension == 3 && !is_smoke;
    options.encoder.depth = foreign_integer(config, "depth");
    options.encoder.fourier_scale = foreign_number(config, "fourier_feature_scale", is_darcy || is_smoke ? 1 : 8);
    options.out_channels = foreign_integer(config, "out_dim");
    options.convolutional_block = is_darcy || is_smoke;
    if (is_darcy) {
      options.in_channels = foreign_integer(config, "in_dim");
      options.latent_steps = 0;
      options.norm_groups = 8;
      return std::make_unique<ForeignFactFormer>(options, 1, dtype);
    }
    const auto window = foreign_integer(config, "in_time_window");
    options.frames = dimension == 3 ? window : 0;
    options.in_channels = dimension == 3 ? foreign_integer(config, "in_dim") : window;
    // The 3D configs spell the key latent_mutliplier.
    options.latent_multiplier =
        foreign_number(config, config.contains("latent_mutliplier") ? "latent_mutliplier" : "latent_multiplier", 2);
    options.latent_steps = foreign_integer(config, "max_latent_steps");
    options.norm_groups = is_isotropic ? 8 : static_cast<std::int64_t>(8 * options.latent_multiplier);
    options.padding = is_smoke ? foreign_integer(config, "padding", 2) : 0;
    return std::make_unique<ForeignFactFormer>(options, foreign_integer(config, "latent_steps", options.latent_steps),
                                               dtype);
  }
};

const ImporterRegistry::Registration<FactFormerImporter, EmptyConfig> registration{"factformer",
                                                                                   "models of BaratiLab/FactFormer"};

}  // namespace
}  // namespace eddyline::factformer
