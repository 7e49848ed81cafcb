#pragma once
// Physical units to numbers of order one and back, with statistics of the training split only.

#include <ATen/core/Tensor.h>

#include <map>
#include <string>

#include "core/training/dataset.hpp"

namespace eddyline {

/// Statistics over the fluid cells of the training split; all tensors double. A channel or parameter that never varies
/// gets deviation 1, so that it becomes 0.
class Normaliser {
 public:
  int dimension = 2;                           // of space
  at::Tensor mean, deviation;                  // [C]
  at::Tensor increment_deviation;              // [F, C]: root mean square of u(t + j dt) - u(t), j = 1..F
  at::Tensor parameter_mean, parameter_scale;  // [P]
  double lead_time_scale = 1;                  // mean time between frames
  double dt_low = 0, dt_high = 0;              // trained range of the time between frames
  // What evaluation compares with.
  at::Tensor mean_field;      // [C, ...]: mean over the frames of the training split, cell by cell
  at::Tensor largest;         // [C]: largest magnitude
  double largest_energy = 0;  // largest mean over cells and channels of (u / deviation)^2 in one frame

  /// @param fields [..., C, space]. @return same shape and dtype, (u - mean) / deviation.
  [[nodiscard]] at::Tensor apply(const at::Tensor& fields) const;
  [[nodiscard]] at::Tensor invert(const at::Tensor& normalised) const;
  /// What multiplies the operator's output to make a normalised increment: [F, C, 1...], dtype of `like`.
  [[nodiscard]] at::Tensor increment_scale(const at::Tensor& like) const;
  /// Normalised value of a physical zero, the content of solids: [C, 1...].
  [[nodiscard]] at::Tensor solid_value(const at::Tensor& like) const;
  /// @param parameters [..., P] physical, double. @return float, normalised.
  [[nodiscard]] at::Tensor parameters(const at::Tensor& physical) const;

  /// By name, for a safetensors file; `from_tensors` reads it back. @throws DataError naming what is missing.
  [[nodiscard]] std::map<std::string, at::Tensor> to_tensors() const;
  [[nodiscard]] static Normaliser from_tensors(const std::map<std::string, at::Tensor>& tensors,
                                               const std::string& source);

 private:
  [[nodiscard]] at::Tensor channel_shape(const at::Tensor& values, const at::Tensor& like) const;
};

/// Position of the static channel "mask" (above 0 in the fluid, 0 in solids), -1 when there is none.
[[nodiscard]] std::int64_t mask_channel(const DatasetInfo& info);
/// Fluid cells of a trajectory, float 0 or 1: [...]; undefined when every cell is fluid.
[[nodiscard]] at::Tensor fluid_cells(const at::Tensor& statics, std::int64_t mask_channel);

/// One pass over the training split. @param bundle F, frames of one call; 0 for a task without time, whose increments
/// and frame intervals stay empty.
/// @throws DataError when a trajectory is too short or the split is empty.
[[nodiscard]] Normaliser fit_normaliser(const Dataset& train, std::int64_t bundle);

}  // namespace eddyline
