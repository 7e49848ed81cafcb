// Parity files and foreign weights of IFactFormer-m and IFactFormer-o.

#include "core/config/config.hpp"
#include "core/training/foreign_config.hpp"
#include "core/training/importer.hpp"
#include "operators/factformer/foreign_attention.hpp"
#include "operators/ifactformer/ifactformer_model.hpp"

namespace eddyline::ifactformer {
namespace {

class ForeignIFactFormer final : public ForeignModel {
 public:
  ForeignIFactFormer(const IFactFormerOptions& options, torch::Dtype dtype) : model_(options) { model_->to(dtype); }
  torch::nn::Module& module() override { return *model_; }
  NamedTensors state() override { return named_state(*model_); }
  NamedTensors run(const NamedTensors& inputs) override {
    std::vector<torch::Tensor> increments;
    const auto x = inputs.at("x").movedim(-1, 1);  // [B, T, n.., C] to [B, C, T, n..]
    NamedTensors outputs = {{"y", model_(x, factformer::foreign_positions(inputs), &increments).movedim(1, -1)}};
    outputs["first_increment"] = increments.front();
    outputs["last_increment"] = increments.back();
    return outputs;
  }

 private:
  IFactFormerModel model_;
};

class IFactFormerImporter final : public Importer {
 public:
  explicit IFactFormerImporter(const EmptyConfig&) {}
  bool accepts(const ForeignConfig& config) const override {
    return foreign_text(config, "operator", "") == "ifactformer";
  }
  std::unique_ptr<ForeignModel> build(const ForeignConfig& config, torch::Dtype dtype) const override {
    const bool is_chained = foreign_choice(config, "model", "", {"IFactFormer_m", "IFactFormer_o"}) == "IFactFormer_o";
    IFactFormerOptions options;
    auto& attention = options.encoder.attention;
    attention = factformer::foreign_attention(config, 3);
    attention.mixing = is_chained ? "chained" : "parallel";
    // In the code with the row-wise norm (February 2025) the parallel block ends in a second MLP.
    attention.second_mlp = attention.norm == "instance_rowwise" && !is_chained;
    options.encoder.depth = foreign_integer(config, "depth");
    options.encoder.repeats = foreign_integer(config, "n_layer");
    options.encoder.fourier_scale = foreign_number(config, "fourier_feature_scale", 8);
    options.in_channels = foreign_integer(config, "in_dim");
    options.out_channels = foreign_integer(config, "out_dim");
    options.frames = foreign_integer(config, "in_time_window");
    return std::make_unique<ForeignIFactFormer>(options, dtype);
  }
};

const ImporterRegistry::Registration<IFactFormerImporter, EmptyConfig> registration{
    "ifactformer", "IFactFormer-m and IFactFormer-o of huiyu-2002/IFactFormer-m"};

}  // namespace
}  // namespace eddyline::ifactformer
