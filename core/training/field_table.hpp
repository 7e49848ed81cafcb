#pragma once
// A split of samples without time as tensors in memory.

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

#include "core/training/dataset.hpp"
#include "core/training/regressor.hpp"

namespace eddyline {

struct FieldTable {
  at::Tensor targets;            // [N, C, ...] physical, float
  at::Tensor statics;            // [N, S, ...]
  at::Tensor parameters;         // [N, P] physical, double
  std::vector<std::string> ids;  // of the trajectories
  [[nodiscard]] std::int64_t size() const { return targets.size(0); }
  /// Inputs of samples first..first+count-1.
  [[nodiscard]] RegressionInputs inputs(std::int64_t first, std::int64_t count) const;
};

/// The first `count` samples of a split; 0 is all.
/// @throws DataError when the split is empty or a trajectory has more than one frame.
[[nodiscard]] FieldTable field_table(const Dataset& dataset, std::int64_t count = 0);

/// Physical predictions for every sample, `batch_size` at a time: [N, C, ...]. Stops when interrupted.
[[nodiscard]] at::Tensor predictions(const Regressor& regressor, const FieldTable& table, std::int64_t batch_size);

}  // namespace eddyline
