// Parity files and foreign weights of neuraloperator: FNO, TFNO, UNO.

#include <cctype>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/config/config.hpp"
#include "core/training/foreign_config.hpp"
#include "core/training/importer.hpp"
#include "operators/fno/fno_model.hpp"
#include "operators/fno/foreign_names.hpp"
#include "operators/fno/uno_model.hpp"

namespace eddyline::fno {
namespace {

std::vector<std::int64_t> integers(const std::vector<double>& values) { return {values.begin(), values.end()}; }

std::vector<double> numbers_or_none(const ForeignConfig& config, const std::string& name) {
  return foreign_text(config, name, "none") == "none" ? std::vector<double>() : foreign_numbers(config, name);
}

/// "Tucker" -> "tucker"; "ComplexDense" and "Dense" are no factorisation.
std::string factorization_of(const ForeignConfig& config) {
  std::string name;
  for (const char c : foreign_text(config, "factorization", "none")) name += static_cast<char>(std::tolower(c));
  if (name.starts_with("complex")) name = name.substr(7);
  if (name == "dense" || name == "none") return "none";
  if (name == "tucker" || name == "cp" || name == "tt") return name;
  throw ConfigError("config attribute 'factorization' = " + printable(name) +
                    " is not supported; supported: none, Dense, Tucker, CP, TT");
}

void read_blocks(const ForeignConfig& config, FnoBlockConfig& ours) {
  refuse_unless(config, "fno_block_precision", "full");
  refuse_unless(config, "fft_norm", "forward");
  refuse_unless(config, "max_n_modes", "none");
  refuse_unless(config, "decomposition_kwargs", "none");
  const std::vector<std::string> activations = {"gelu(erf)", "gelu", "relu", "silu", "tanh"};
  const std::string activation = foreign_choice(config, "non_linearity", "gelu", activations);
  ours.activation = activation == "gelu(erf)" ? "gelu" : activation;
  ours.norm = foreign_choice(config, "norm", "none", {"none", "group_norm", "instance_norm", "batch_norm"});
  ours.norm_groups = foreign_integer(config, "norm_groups", 1);
  ours.use_channel_mlp = foreign_number(config, "use_channel_mlp", 1) != 0;
  ours.channel_mlp_expansion = foreign_number(config, "channel_mlp_expansion", 0.5);
  const std::vector<std::string> skips = {"soft-gating", "linear", "identity", "none"};
  ours.channel_mlp_skip = foreign_choice(config, "channel_mlp_skip", "soft-gating", skips);
  ours.fno_skip = foreign_choice(config, "fno_skip", "linear", skips);
  ours.conv_bias_kernel = foreign_integer(config, "conv_bias_kernel", 1);
  ours.separable = foreign_number(config, "separable", 0) != 0;
  ours.preactivation = foreign_number(config, "preactivation", 0) != 0;
  ours.stabilizer = foreign_choice(config, "stabilizer", "none", {"none", "tanh"});
  ours.factorization = factorization_of(config);
  ours.rank = foreign_number(config, "rank", 1);
  if (config.contains("ranks")) ours.ranks = integers(foreign_numbers(config, "ranks"));
  ours.implementation = foreign_choice(config, "implementation", "factorized", {"factorized", "reconstructed"});
  ours.compat = "neuraloperator";
  // neuraloperator 2.0.0 on PyPI shifts odd axes the wrong way and does not zero the ends; its main branch does both
  // right.
  const std::string source = foreign_text(config, "source", "");
  const bool is_release = source.find("PyPI") != std::string::npos || source.find("pypi") != std::string::npos ||
                          source.find("2.0.0") != std::string::npos;
  if (is_release) ours.odd_shift = "fftshift";
  ours.enforce_hermitian_symmetry = foreign_number(config, "enforce_hermitian_symmetry", is_release ? 0 : 1) != 0;
}

/// Pairs (layer, source) from a list of numbers or the text of a Python dictionary, "{4: 0, 3: 1}".
std::vector<std::int64_t> skip_pairs(const ForeignConfig& config) {
  const std::string text = foreign_text(config, "horizontal_skips_map", "none");
  if (!text.starts_with("{")) return integers(numbers_or_none(config, "horizontal_skips_map"));
  std::string digits = text;
  for (char& c : digits)
    if (std::isdigit(static_cast<unsigned char>(c)) == 0) c = ' ';
  std::istringstream list(digits);
  std::vector<std::int64_t> pairs;
  for (std::int64_t value = 0; list >> value;) pairs.push_back(value);
  return pairs;
}

bool is_spectral_weight(const std::string& name) {
  return name.find("convs.") != std::string::npos && name.find(".weight.") != std::string::npos;
}

template <class Model>
class LibraryModel final : public ForeignModel {
 public:
  LibraryModel(Model model, bool is_complex, torch::Dtype dtype) : model_(std::move(model)), is_complex_(is_complex) {
    model_->to(dtype);
  }
  torch::nn::Module& module() override { return *model_; }
  NamedTensors state() override { return foreign_state(*model_); }
  NamedTensors run(const NamedTensors& inputs) override {
    const auto& x = inputs.at("x");
    return {{"y", model_(is_complex_ ? torch::view_as_complex(x) : x)}};
  }

 private:
  Model model_;
  bool is_complex_;
};

class LibraryImporter final : public Importer {
 public:
  explicit LibraryImporter(const EmptyConfig&) {}
  bool accepts(const ForeignConfig& config) const override {
    const std::string model = foreign_text(config, "model", "");
    return foreign_text(config, "operator", "") == "fno" && (model == "FNO" || model == "TFNO");
  }
  void complete(ForeignConfig& config, const NamedTensors& weights) const override {
    const std::string first = "fno_blocks.convs.0.weight.";
    const auto shape = [&](const std::string& name) {
      const auto found = weights.find(first + name);
      return found == weights.end() ? std::vector<std::int64_t>() : found->second.sizes().vec();
    };
    std::vector<double> ranks;
    if (auto core = shape("core"); core.size() > 1) ranks.assign(core.begin(), core.end() - 1);
    if (auto list = shape("weights"); list.size() == 2) ranks = {static_cast<double>(list[0])};
    for (int k = 0; shape("factors.factor_" + std::to_string(k + 1)).size() == 4; ++k)  // a train's are [r, size, r, 2]
      ranks.push_back(static_cast<double>(shape("factors.factor_" + std::to_string(k))[2]));
    if (!ranks.empty()) config["ranks"] = ranks;
  }
  std::unique_ptr<ForeignModel> build(const ForeignConfig& config, torch::Dtype dtype) const override {
    FnoConfig ours;
    read_blocks(config, ours);
    ours.n_modes = integers(foreign_numbers(config, "n_modes"));
    ours.hidden_channels = foreign_integer(config, "hidden_channels");
    ours.n_layers = foreign_integer(config, "n_layers", 4);
    ours.lifting_channel_ratio = foreign_number(config, "lifting_channel_ratio", 2);
    ours.projection_channel_ratio = foreign_number(config, "projection_channel_ratio", 2);
    ours.positional_embedding = foreign_choice(config, "positional_embedding", "grid", {"grid", "none"});
    ours.domain_padding = numbers_or_none(config, "domain_padding");
    ours.resolution_scaling_factor = numbers_or_none(config, "resolution_scaling_factor");
    ours.complex_data = foreign_number(config, "complex_data", 0) != 0;
    return std::make_unique<LibraryModel<FnoModel>>(
        FnoModel(ours, foreign_integer(config, "in_channels"), foreign_integer(config, "out_channels"),
                 static_cast<int>(ours.n_modes.size())),
        ours.complex_data, dtype);
  }
  NamedTensors operator_state(torch::nn::Module& model) const override {
    auto* held = held_module<FnoModelImpl>(model);
    return held == nullptr ? NamedTensors() : foreign_state(*held);
  }
  bool is_complex(const std::string& name) const override { return is_spectral_weight(name); }
};

class UnoImporter final : public Importer {
 public:
  explicit UnoImporter(const EmptyConfig&) {}
  bool accepts(const ForeignConfig& config) const override { return foreign_text(config, "model", "") == "UNO"; }
  std::unique_ptr<ForeignModel> build(const ForeignConfig& config, torch::Dtype dtype) const override {
    UnoConfig ours;
    read_blocks(config, ours);
    refuse_unless(config, "fixed_rank_modes", "0");
    ours.hidden_channels = foreign_integer(config, "hidden_channels");
    ours.lifting_channels = foreign_integer(config, "lifting_channels", 256);
    ours.projection_channels = foreign_integer(config, "projection_channels", 256);
    ours.uno_out_channels = integers(foreign_numbers(config, "uno_out_channels"));
    ours.uno_n_modes = integers(foreign_numbers(config, "uno_n_modes"));
    ours.uno_scalings = foreign_numbers(config, "uno_scalings");
    ours.horizontal_skips_map = skip_pairs(config);
    ours.horizontal_skip = foreign_choice(config, "horizontal_skip", "linear", {"linear", "soft-gating", "identity"});
    ours.positional_embedding = foreign_choice(config, "positional_embedding", "grid", {"grid", "none"});
    ours.domain_padding = numbers_or_none(config, "domain_padding");
    const auto layers = ours.uno_out_channels.size();
    const auto axes = layers == 0 ? 0 : ours.uno_n_modes.size() / layers;
    if (axes < 1 || axes > 3) throw ConfigError("config attribute 'uno_n_modes' does not fit 'uno_out_channels'");
    return std::make_unique<LibraryModel<UnoModel>>(
        UnoModel(ours, foreign_integer(config, "in_channels"), foreign_integer(config, "out_channels"),
                 static_cast<int>(axes)),
        false, dtype);
  }
  NamedTensors operator_state(torch::nn::Module& model) const override {
    auto* held = held_module<UnoModelImpl>(model);
    return held == nullptr ? NamedTensors() : foreign_state(*held);
  }
  bool is_complex(const std::string& name) const override { return is_spectral_weight(name); }
};

const ImporterRegistry::Registration<LibraryImporter, EmptyConfig> library_form{"fno", "FNO, TFNO of neuraloperator"};
const ImporterRegistry::Registration<UnoImporter, EmptyConfig> u_shaped{"uno", "UNO of neuraloperator"};

}  // namespace
}  // namespace eddyline::fno
