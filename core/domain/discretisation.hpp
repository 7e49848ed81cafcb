#pragma once
// Where fields live: a Grid today, a Mesh or Particles later.

#include <cstdint>
#include <string>
#include <vector>

#include "core/domain/partition.hpp"

namespace eddyline {

class Discretisation {
 public:
  virtual ~Discretisation() = default;
  /// "grid", "mesh" or "particles".
  [[nodiscard]] virtual std::string kind() const = 0;
  /// 1, 2 or 3.
  [[nodiscard]] virtual int dimension() const = 0;
  /// Shape of a cell field in tensor order: [H, W] for a 2D grid, [N] for a mesh or particles.
  [[nodiscard]] virtual std::vector<std::int64_t> cell_shape() const = 0;
  /// Length, area or volume of every cell, in the order of a flattened cell field.
  [[nodiscard]] virtual std::vector<double> cell_volumes() const = 0;
  /// Names of the boundary patches.
  [[nodiscard]] virtual std::vector<std::string> patches() const = 0;
  [[nodiscard]] virtual Partition partition() const = 0;
};

}  // namespace eddyline
