#pragma once
// From a foreign weight file to one of our operators. `verify`, `import` and `export` are written once on top of it.

#include <torch/torch.h>

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "core/base/registry.hpp"

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
  /// The scalar whose gradients the file holds: the sum of the outputs' mean squares unless the original chose another.
  [[nodiscard]] virtual torch::Tensor loss(const NamedTensors& outputs, const NamedTensors& inputs) const;
  /// The output of the file whose largest entry this output's difference is measured against; another one for a
  /// residual, which is zero but for rounding.
  [[nodiscard]] virtual std::string scale_of(const std::string& output) const { return output; }
};

class Importer {
 public:
  static constexpr const char* registry_kind = "importers";
  virtual ~Importer() = default;
  /// Whether this importer can build the model that the attributes describe.
  [[nodiscard]] virtual bool accepts(const ForeignConfig& config) const = 0;
  /// @throws ConfigError naming the attribute that is not supported.
  [[nodiscard]] virtual std::unique_ptr<ForeignModel> build(const ForeignConfig& config, torch::Dtype dtype) const = 0;
};
using ImporterRegistry = Registry<Importer>;

}  // namespace eddyline
