#pragma once
// From a foreign weight file to one of our operators. `verify`, `import` and `export` are written once on top of it.

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/base/registry.hpp"
#include "core/base/tensor.hpp"

namespace eddyline {

/// Attributes of a foreign file: an option may be a text, a number or a list, as it comes.
using ForeignValue = std::variant<std::string, double, std::vector<double>>;
using ForeignConfig = std::map<std::string, ForeignValue>;
using NamedTensors = std::map<std::string, torch::Tensor>;

/// A model built from a foreign file, run on named tensors.
class ForeignModel {
 public:
  virtual ~ForeignModel() = default;
  [[nodiscard]] virtual torch::nn::Module& module() = 0;
  /// Our parameter or buffer for each foreign state name.
  [[nodiscard]] virtual NamedTensors state() = 0;
  /// State names that the original stores but never uses.
  [[nodiscard]] virtual bool ignores(const std::string&) const { return false; }
  /// Named inputs to named outputs, as the file stores them.
  [[nodiscard]] virtual NamedTensors run(const NamedTensors& inputs) = 0;
  /// The scalar whose gradients the file stores, from our outputs and the file's inputs: mean |y|^2 of most files.
  [[nodiscard]] virtual torch::Tensor loss(const NamedTensors& outputs, const NamedTensors&) const {
    const torch::Tensor& y = outputs.at("y");
    return (y.is_complex() ? torch::view_as_real(y) : y).square().sum() / static_cast<double>(y.numel());
  }
  /// The output of the file whose largest entry this output's difference is measured against; another one for a
  /// residual, which is zero but for rounding.
  [[nodiscard]] virtual std::string scale_of(const std::string& output) const { return output; }
};

/// Parameters and buffers under their own names, for models whose names are the original's.
[[nodiscard]] inline NamedTensors named_state(const torch::nn::Module& module) {
  NamedTensors state;
  for (const auto& entry : module.named_parameters()) state[entry.key()] = entry.value();
  for (const auto& entry : module.named_buffers()) state[entry.key()] = entry.value();
  return state;
}

class Importer {
 public:
  static constexpr const char* registry_kind = "importers";
  virtual ~Importer() = default;
  /// Whether this importer can build the model that the attributes describe.
  [[nodiscard]] virtual bool accepts(const ForeignConfig& config) const = 0;
  /// Adds to the attributes what only the tensors tell (the ranks of factorised weights, channels that the original
  /// has in its source).
  virtual void complete(ForeignConfig&, const NamedTensors&) const {}
  /// @throws ConfigError naming the attribute that is not supported.
  [[nodiscard]] virtual std::unique_ptr<ForeignModel> build(const ForeignConfig& config, torch::Dtype dtype) const = 0;

  /// Parameters and buffers of a registered operator (an `Operator`) under the authors' names; empty when the operator
  /// is none of this importer's.
  [[nodiscard]] virtual NamedTensors operator_state(torch::nn::Module&) const { return {}; }
  /// What the authors' model stores beside and never uses, at its initial values, so that their loader finds it.
  [[nodiscard]] virtual NamedTensors unused_state(torch::nn::Module&) const { return {}; }
  /// Whether the authors keep as complex numbers what we keep as pairs [..., 2].
  [[nodiscard]] virtual bool is_complex(const std::string&) const { return false; }
  /// State names that may stand in a foreign file without a counterpart here.
  [[nodiscard]] virtual bool ignores(const std::string&) const { return false; }
};
using ImporterRegistry = Registry<Importer>;

}  // namespace eddyline
