// Parity files and foreign weights of the FNO family.

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/config/config.hpp"
#include "core/training/foreign_config.hpp"
#include "core/training/importer.hpp"
#include "operators/fno/fno_classic.hpp"
#include "operators/fno/fno_model.hpp"

namespace eddyline::fno {
namespace {

std::vector<std::int64_t> integers(const std::vector<double>& values) { return {values.begin(), values.end()}; }

/// Parameters by name; spectral weights, which we keep as real pairs, as the complex tensors that the originals store.
NamedTensors foreign_state(torch::nn::Module& module) {
  NamedTensors state;
  for (const auto& entry : module.named_parameters()) {
    std::string name = entry.key();
    if (name.find(".convs.") != std::string::npos && name.ends_with(".weight")) name += ".tensor";
    state[name] = entry.value();
  }
  return state;
}

class LibraryModel final : public ForeignModel {
 public:
  LibraryModel(const FnoConfig& config, std::int64_t in, std::int64_t out, int dimension, torch::Dtype dtype)
      : model_(config, in, out, dimension) {
    model_->to(dtype);
  }
  torch::nn::Module& module() override { return *model_; }
  NamedTensors state() override { return foreign_state(*model_); }
  NamedTensors run(const NamedTensors& inputs) override { return {{"y", model_(inputs.at("x"))}}; }

 private:
  FnoModel model_;
};

class LibraryImporter final : public Importer {
 public:
  explicit LibraryImporter(const EmptyConfig&) {}
  bool accepts(const ForeignConfig& config) const override {
    return foreign_text(config, "operator", "") == "fno" && foreign_text(config, "model", "") == "FNO";
  }
  std::unique_ptr<ForeignModel> build(const ForeignConfig& config, torch::Dtype dtype) const override {
    refuse_unless(config, "complex_data", "0");
    refuse_unless(config, "resolution_scaling_factor", "none");
    refuse_unless(config, "conv_bias_kernel", "1");
    refuse_unless(config, "fno_block_precision", "full");
    refuse_unless(config, "fft_norm", "forward");
    const std::string factorization = foreign_text(config, "factorization", "none");
    if (factorization != "none" && factorization != "Dense" && factorization != "dense")
      throw ConfigError("config attribute 'factorization' = " + factorization +
                        " is not supported by this importer; only dense weights are");
    FnoConfig ours;
    ours.n_modes = integers(foreign_numbers(config, "n_modes"));
    ours.hidden_channels = foreign_integer(config, "hidden_channels");
    ours.n_layers = foreign_integer(config, "n_layers", 4);
    ours.lifting_channel_ratio = foreign_number(config, "lifting_channel_ratio", 2);
    ours.projection_channel_ratio = foreign_number(config, "projection_channel_ratio", 2);
    ours.positional_embedding = foreign_choice(config, "positional_embedding", "grid", {"grid", "none"});
    ours.norm = foreign_choice(config, "norm", "none", {"none", "group_norm", "instance_norm"});
    ours.norm_groups = foreign_integer(config, "norm_groups", 1);
    ours.use_channel_mlp = foreign_number(config, "use_channel_mlp", 1) != 0;
    ours.channel_mlp_expansion = foreign_number(config, "channel_mlp_expansion", 0.5);
    ours.channel_mlp_skip =
        foreign_choice(config, "channel_mlp_skip", "soft-gating", {"soft-gating", "linear", "identity", "none"});
    ours.fno_skip = foreign_choice(config, "fno_skip", "linear", {"linear", "soft-gating", "identity", "none"});
    if (foreign_text(config, "domain_padding", "none") != "none")
      ours.domain_padding = foreign_numbers(config, "domain_padding");
    ours.separable = foreign_number(config, "separable", 0) != 0;
    ours.preactivation = foreign_number(config, "preactivation", 0) != 0;
    ours.stabilizer = foreign_choice(config, "stabilizer", "none", {"none", "tanh"});
    // neuraloperator 2.0.0 on PyPI shifts odd axes the wrong way; its main branch does not.
    const std::string source = foreign_text(config, "source", "");
    if (source.find("PyPI") != std::string::npos || source.find("pypi") != std::string::npos ||
        source.find("2.0.0") != std::string::npos)
      ours.odd_shift = "fftshift";
    return std::make_unique<LibraryModel>(ours, foreign_integer(config, "in_channels"),
                                          foreign_integer(config, "out_channels"),
                                          static_cast<int>(ours.n_modes.size()), dtype);
  }
};

class ClassicModel final : public ForeignModel {
 public:
  ClassicModel(const ClassicFnoConfig& config, std::int64_t in, std::int64_t out, int dimension, torch::Dtype dtype)
      : model_(config, in, out, dimension) {
    model_->to(dtype);
  }
  torch::nn::Module& module() override { return *model_; }
  NamedTensors state() override { return foreign_state(*model_); }
  // PDEBench's FNO3d makes four batch norms and applies none.
  bool ignores(const std::string& name) const override { return name.starts_with("bn"); }
  NamedTensors run(const NamedTensors& inputs) override {
    return {
        {"y", model_(inputs.at("x"), inputs.at("grid")).unsqueeze(-2)}};  // the original keeps an axis of one time step
  }

 private:
  ClassicFno model_;
};

class ClassicImporter final : public Importer {
 public:
  explicit ClassicImporter(const EmptyConfig&) {}
  bool accepts(const ForeignConfig& config) const override {
    const std::string model = foreign_text(config, "model", "");
    return (foreign_text(config, "operator", "") == "fno_classic" || foreign_text(config, "operator", "") == "fno") &&
           (model == "FNO1d" || model == "FNO2d" || model == "FNO3d");
  }
  std::unique_ptr<ForeignModel> build(const ForeignConfig& config, torch::Dtype dtype) const override {
    const int dimension = foreign_text(config, "model", "")[3] - '0';
    ClassicFnoConfig ours;
    ours.width = foreign_integer(config, "width");
    ours.modes.clear();
    if (config.contains("modes")) {
      ours.modes.assign(static_cast<std::size_t>(dimension), 0);
      const auto given = foreign_numbers(config, "modes");
      for (std::size_t axis = 0; axis < ours.modes.size(); ++axis)
        ours.modes[axis] = static_cast<std::int64_t>(given[given.size() == 1 ? 0 : axis]);
    } else {
      for (int axis = 1; axis <= dimension; ++axis)
        ours.modes.push_back(foreign_integer(config, "modes" + std::to_string(axis)));
    }
    const auto channels = foreign_integer(config, "num_channels");
    return std::make_unique<ClassicModel>(ours, foreign_integer(config, "initial_step") * channels, channels, dimension,
                                          dtype);
  }
};

const ImporterRegistry::Registration<LibraryImporter, EmptyConfig> library_form{"fno", "FNO of neuraloperator"};
const ImporterRegistry::Registration<ClassicImporter, EmptyConfig> classic_form{"fno_classic",
                                                                                "FNO1d, FNO2d, FNO3d of PDEBench"};

}  // namespace
}  // namespace eddyline::fno
