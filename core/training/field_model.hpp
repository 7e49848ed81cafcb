#pragma once
// A function of continuous space and time: Lagrangian flows, implicit neural representations, physics-informed
// networks.

#include <vector>

#include "core/base/registry.hpp"
#include "core/base/tensor.hpp"
#include "core/field/channel.hpp"
#include "core/training/batch.hpp"

namespace eddyline {

/// What a field model is built for; comes from the observations and the config, is stored in the checkpoint.
struct FieldModelSpec {
  std::vector<double> low, high;       // open box of space, one number an axis
  double time_low = 0, time_high = 1;  // range of the observations; a model may be asked beyond it
  std::vector<Channel> channels;       // "density", then "velocity_x", ...
  std::vector<double> scales;          // size of each channel, > 0: root mean square of the observations
  [[nodiscard]] int dimension() const { return static_cast<int>(low.size()); }
};

class FieldModel : public torch::nn::Module {
 public:
  static constexpr const char* registry_kind = "field_models";
  /// Physical values of every channel at N points: x [N, D], t [N, 1] -> [N, C]. @throws ShapeError, DataError when a
  /// point lies outside the box or is not finite.
  [[nodiscard]] virtual torch::Tensor values(const torch::Tensor& x, const torch::Tensor& t) = 0;
  /// How far the model is from observations: a scalar with its graph. Of the batch: positions [N, D], time [N], targets
  /// [N, C] physical, mask [N, C] (1 observed, 0 not).
  [[nodiscard]] virtual torch::Tensor loss(const Batch& batch) = 0;
};

/// Factories take the spec: create(name, config, spec).
using FieldModelRegistry = Registry<FieldModel, const FieldModelSpec&>;

}  // namespace eddyline
