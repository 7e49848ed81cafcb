// Parity files and foreign weights of the U-Nets of PDEArena and PDEBench.

#include "core/base/error.hpp"
#include "core/config/config.hpp"
#include "core/training/foreign_config.hpp"
#include "core/training/importer.hpp"
#include "operators/unet/unet_2015.hpp"
#include "operators/unet/unet_modern.hpp"

namespace eddyline::unet {
namespace {

/// PDEArena's attention makes a group norm and never calls it.
constexpr const char* unused_norm = ".attn.norm.";

NamedTensors state_of(torch::nn::Module& module) {
  NamedTensors state;
  for (const auto& entry : module.named_parameters()) state[entry.key()] = entry.value();
  for (const auto& entry : module.named_buffers()) state[entry.key()] = entry.value();
  return state;
}

template <class Module>
Module* held_module(torch::nn::Module& owner) {
  const auto children = owner.named_children();
  const auto* child = children.find("model");
  return child == nullptr ? nullptr : dynamic_cast<Module*>(child->get());
}

std::vector<std::int64_t> integers(const std::vector<double>& values) { return {values.begin(), values.end()}; }

/// x [B, C, ...] (PDEBench), or [B, T, C, ...] with time and channels merged (PDEArena).
template <class Model>
class UnetModel final : public ForeignModel {
 public:
  /// @param frames  T of the output; 0 when the file has no axis of time.
  UnetModel(Model model, std::int64_t frames, torch::Dtype dtype) : model_(std::move(model)), frames_(frames) {
    model_->to(dtype);
  }
  torch::nn::Module& module() override { return *model_; }
  NamedTensors state() override { return state_of(*model_); }
  bool ignores(const std::string& name) const override { return name.find(unused_norm) != std::string::npos; }
  NamedTensors run(const NamedTensors& inputs) override {
    const auto& x = inputs.at("x");
    if (frames_ == 0) return {{"y", model_(x)}};
    return {{"y", model_(x.flatten(1, 2)).unflatten(1, {frames_, -1})}};
  }

 private:
  Model model_;
  std::int64_t frames_;
};

/// Scalars and two components of every vector, times the frames.
std::int64_t arena_channels(const ForeignConfig& config, const std::string& side, const std::string& frames) {
  return foreign_integer(config, frames) * (foreign_integer(config, "n_" + side + "_scalar_components") +
                                            2 * foreign_integer(config, "n_" + side + "_vector_components"));
}

class ModernImporter final : public Importer {
 public:
  explicit ModernImporter(const EmptyConfig&) {}
  bool accepts(const ForeignConfig& config) const override {
    const std::string model = foreign_text(config, "model", "");
    return foreign_text(config, "operator", "") == "unet" && (model == "Unet" || model == "FourierUnet");
  }
  std::unique_ptr<ForeignModel> build(const ForeignConfig& config, torch::Dtype dtype) const override {
    UnetConfig ours;
    ours.hidden_channels = foreign_integer(config, "hidden_channels");
    ours.ch_mults = integers(foreign_numbers(config, "ch_mults"));
    ours.n_blocks = foreign_integer(config, "n_blocks", 2);
    ours.norm = foreign_number(config, "norm", 0) != 0;
    ours.use1x1 = foreign_number(config, "use1x1", 0) != 0;
    ours.activation = foreign_choice(config, "activation", "gelu", {"gelu", "relu", "silu", "tanh", "sigmoid"});
    if (config.contains("is_attn")) ours.is_attn = integers(foreign_numbers(config, "is_attn"));
    ours.mid_attn = foreign_number(config, "mid_attn", 0) != 0;
    ours.softmax_axis = "query";
    if (foreign_text(config, "model", "") == "FourierUnet") {
      refuse_unless(config, "fft_norm", "backward");
      ours.n_fourier_layers = foreign_integer(config, "n_fourier_layers");
      ours.modes = {foreign_integer(config, "modes1"), foreign_integer(config, "modes2")};
      ours.mode_scaling = foreign_number(config, "mode_scaling", 1) != 0;
    }
    return std::make_unique<UnetModel<ModernUnet>>(ModernUnet(ours, arena_channels(config, "input", "time_history"),
                                                              arena_channels(config, "output", "time_future"), 2),
                                                   foreign_integer(config, "time_future"), dtype);
  }
  NamedTensors operator_state(torch::nn::Module& model) const override {
    auto* held = held_module<ModernUnetImpl>(model);
    return held == nullptr ? NamedTensors() : state_of(*held);
  }
  NamedTensors unused_state(torch::nn::Module& model) const override {
    NamedTensors unused;
    const std::string projection = ".attn.output.bias";
    for (const auto& [name, tensor] : operator_state(model)) {
      if (!name.ends_with(projection)) continue;
      const std::string stem = name.substr(0, name.size() - projection.size()) + unused_norm;
      unused[stem + "weight"] = torch::ones_like(tensor);
      unused[stem + "bias"] = torch::zeros_like(tensor);
    }
    return unused;
  }
  bool ignores(const std::string& name) const override { return name.find(unused_norm) != std::string::npos; }
};

class ClassicImporter final : public Importer {
 public:
  explicit ClassicImporter(const EmptyConfig&) {}
  bool accepts(const ForeignConfig& config) const override {
    const std::string model = foreign_text(config, "model", "");
    return foreign_text(config, "operator", "") == "unet" &&
           (model == "Unet2015" || model == "UNet1d" || model == "UNet2d" || model == "UNet3d");
  }
  std::unique_ptr<ForeignModel> build(const ForeignConfig& config, torch::Dtype dtype) const override {
    const std::string model = foreign_text(config, "model", "");
    Unet2015Config ours;
    if (model != "Unet2015") {
      ours.features = foreign_integer(config, "init_features", 32);
      ours.activation = foreign_choice(config, "activation", "tanh", {"tanh"});
      return std::make_unique<UnetModel<Unet2015>>(Unet2015(ours, foreign_integer(config, "in_channels"),
                                                            foreign_integer(config, "out_channels"), model[4] - '0'),
                                                   0, dtype);
    }
    ours.features = foreign_integer(config, "hidden_channels");
    ours.activation = foreign_choice(config, "activation", "gelu", {"gelu", "relu", "silu", "tanh", "sigmoid"});
    const auto in = arena_channels(config, "input", "time_history"),
               out = arena_channels(config, "output", "time_future");
    // The original cuts its result into frames of as many channels as the input has.
    const auto channels = in / foreign_integer(config, "time_history");
    if (out % channels != 0)
      throw ConfigError("PDEArena's Unet2015 cuts its " + std::to_string(out) + " output channels into frames of " +
                        std::to_string(channels) + ", the channels of an input frame; they do not divide");
    return std::make_unique<UnetModel<Unet2015>>(Unet2015(ours, in, out, 2), out / channels, dtype);
  }
  NamedTensors operator_state(torch::nn::Module& model) const override {
    auto* held = held_module<Unet2015Impl>(model);
    return held == nullptr ? NamedTensors() : state_of(*held);
  }
};

const ImporterRegistry::Registration<ModernImporter, EmptyConfig> modern{"unet", "Unet, FourierUnet of PDEArena"};
const ImporterRegistry::Registration<ClassicImporter, EmptyConfig> classic{
    "unet_2015", "Unet2015 of PDEArena; UNet1d, UNet2d, UNet3d of PDEBench"};

}  // namespace
}  // namespace eddyline::unet
