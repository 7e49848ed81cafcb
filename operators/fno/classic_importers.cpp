// Parity files and foreign weights of the classic forms: PDEBench's modules, the paper's scripts of 2020 and 2023.

#include "core/base/error.hpp"
#include "core/config/config.hpp"
#include "core/training/foreign_config.hpp"
#include "core/training/importer.hpp"
#include "operators/fno/fno_classic.hpp"
#include "operators/fno/fno_scripts.hpp"
#include "operators/fno/foreign_names.hpp"

namespace eddyline::fno {
namespace {

/// PDEBench's FNO3d makes four batch norms and applies none.
bool is_unused_norm(const std::string& name) { return name.starts_with("bn"); }

class PdeBenchModel final : public ForeignModel {
 public:
  PdeBenchModel(const ClassicFnoConfig& config, std::int64_t in, std::int64_t out, int dimension, torch::Dtype dtype)
      : model_(config, in, out, dimension) {
    model_->to(dtype);
  }
  torch::nn::Module& module() override { return *model_; }
  NamedTensors state() override { return foreign_state(*model_); }
  bool ignores(const std::string& name) const override { return is_unused_norm(name); }
  NamedTensors run(const NamedTensors& inputs) override {
    return {
        {"y", model_(inputs.at("x"), inputs.at("grid")).unsqueeze(-2)}};  // the original keeps an axis of one time step
  }

 private:
  ClassicFno model_;
};

template <class Model>
class ScriptModel final : public ForeignModel {
 public:
  /// @param prefix  of the state names: the script of 2020 wraps its network once more.
  ScriptModel(Model model, std::string prefix, torch::Dtype dtype)
      : model_(std::move(model)), prefix_(std::move(prefix)) {
    model_->to(dtype);
  }
  torch::nn::Module& module() override { return *model_; }
  NamedTensors state() override { return foreign_state(*model_, prefix_); }
  NamedTensors run(const NamedTensors& inputs) override { return {{"y", model_(inputs.at("x"))}}; }

 private:
  Model model_;
  std::string prefix_;
};

/// "modes" (one number or one an axis) or "modes1", "modes2", ...
std::vector<std::int64_t> modes_of(const ForeignConfig& config, int dimension) {
  std::vector<std::int64_t> modes;
  if (!config.contains("modes")) {
    for (int axis = 1; axis <= dimension; ++axis)
      modes.push_back(foreign_integer(config, "modes" + std::to_string(axis)));
    return modes;
  }
  const auto given = foreign_numbers(config, "modes");
  if (given.size() != 1 && given.size() != static_cast<std::size_t>(dimension))
    throw ConfigError("config attribute 'modes' has " + std::to_string(given.size()) + " numbers for " +
                      std::to_string(dimension) + " axes");
  for (int axis = 0; axis < dimension; ++axis)
    modes.push_back(static_cast<std::int64_t>(given[given.size() == 1 ? 0 : static_cast<std::size_t>(axis)]));
  return modes;
}

/// "FNO2d", "Net2d": the dimension of space, 0 when the name is no such.
int dimension_of(const std::string& model, const std::string& stem) {
  if (model.size() != stem.size() + 2 || !model.starts_with(stem) || model.back() != 'd') return 0;
  const int dimension = model[stem.size()] - '0';
  return dimension >= 1 && dimension <= 3 ? dimension : 0;
}

class ClassicImporter final : public Importer {
 public:
  explicit ClassicImporter(const EmptyConfig&) {}
  bool accepts(const ForeignConfig& config) const override {
    const std::string model = foreign_text(config, "model", "");
    return (foreign_text(config, "operator", "") == "fno_classic" || foreign_text(config, "operator", "") == "fno") &&
           (dimension_of(model, "FNO") > 0 || dimension_of(model, "Net") > 0);
  }
  void complete(ForeignConfig& config, const NamedTensors& weights) const override {
    // The scripts take their channels from literals in their source: only the tensors tell them.
    const auto size = [&](const std::string& name, std::int64_t axis) {
      const auto found = weights.find(name);
      return found == weights.end() || found->second.dim() <= axis ? std::int64_t{0} : found->second.size(axis);
    };
    const auto put = [&](const std::string& key, std::int64_t value) {
      if (value > 0) config[key] = static_cast<double>(value);
    };
    put("channels_in", size("conv1.fc0.weight", 1) + size("p.weight", 1));
    put("channels_out", size("conv1.fc2.weight", 0) + size("q.mlp2.weight", 0));
  }
  std::unique_ptr<ForeignModel> build(const ForeignConfig& config, torch::Dtype dtype) const override {
    const std::string model = foreign_text(config, "model", "");
    const auto width = foreign_integer(config, "width");
    if (const int dimension = dimension_of(model, "Net"); dimension > 0) {
      refuse_unless(config, "activation", "relu");
      refuse_unless(config, "fft_norm", "ortho");
      return std::make_unique<ScriptModel<ClassicFno2020>>(
          ClassicFno2020(modes_of(config, dimension), width, foreign_integer(config, "channels_in"),
                         foreign_integer(config, "channels_out")),
          "conv1.", dtype);
    }
    const int dimension = dimension_of(model, "FNO");
    if (config.contains("num_channels")) {
      ClassicFnoConfig ours;
      ours.width = width;
      ours.modes = modes_of(config, dimension);
      const auto channels = foreign_integer(config, "num_channels");
      return std::make_unique<PdeBenchModel>(ours, foreign_integer(config, "initial_step", 10) * channels, channels,
                                             dimension, dtype);
    }
    refuse_unless(config, "fft_norm", "backward");
    return std::make_unique<ScriptModel<ClassicFno2023>>(
        ClassicFno2023(modes_of(config, dimension), width, foreign_integer(config, "channels_in") - dimension,
                       foreign_integer(config, "channels_out")),
        "", dtype);
  }
  NamedTensors operator_state(torch::nn::Module& model) const override {
    if (auto* held = held_module<ClassicFnoImpl>(model)) return foreign_state(*held);
    if (auto* held = held_module<ClassicFno2020Impl>(model)) return foreign_state(*held, "conv1.");
    if (auto* held = held_module<ClassicFno2023Impl>(model)) return foreign_state(*held);
    return {};
  }
  bool is_complex(const std::string& name) const override {
    // The script of 2020, whose names begin with conv1.conv, keeps pairs.
    return name.find(".weights") != std::string::npos && !name.starts_with("conv1.conv");
  }
  bool ignores(const std::string& name) const override { return is_unused_norm(name); }
};

const ImporterRegistry::Registration<ClassicImporter, EmptyConfig> classic_form{
    "fno_classic", "FNO1d, FNO2d, FNO3d of PDEBench; Net2d (2020) and FNO2d (2023) of the paper's scripts"};

}  // namespace
}  // namespace eddyline::fno
