#pragma once
// One stage of an explicit finite-volume scheme over a grid: the only loops over cells of the explicit solvers.

#include <memory>
#include <vector>

#include "solvers/grid/padded_field.hpp"
#include "solvers/grid/row_physics.hpp"

namespace eddyline {

/// What one stage reads and writes: out = sum of weight * part + step * (rate of change of `state`). The weights of
/// several parts add up to one.
struct Stage {
  struct Part {
    double weight;
    const PaddedField* state;
  };
  const PaddedField* state = nullptr;  // conserved, its ghosts filled
  std::vector<Part> parts;
  double step = 0;
  PaddedField* out = nullptr;               // neither `state` nor a part
  const PaddedField* forcing = nullptr;     // rates added to every cell; null is none
  const PaddedField* bed = nullptr;         // null unless the equation has one
  const PaddedField* smoothness = nullptr;  // 1: the full reconstruction, 0: first order in this cell; null is 1
  bool wants_rate = false;                  // also find the next step's stability limit
};

/// What a stage found. The state it read may hold cells that are not admissible; then `out` is of no use.
struct StageReport {
  bool is_admissible = true;
  double rate = 0;  // largest 1/dt at a Courant number of one in `out`; not a number when `out` is not admissible
};

/// Cells are visited in tiles that fit the second-level cache, a row at a time: primitive variables are computed once a
/// cell, edge values and fluxes once a face, and nothing but the result goes back to memory. A cell's result does not
/// depend on the tile or the thread that computed it.
class Sweep {
 public:
  /// @param width  of the cells along each axis.
  Sweep(std::shared_ptr<const RowPhysics> physics, std::shared_ptr<const RowReconstruction> reconstruction,
        std::shared_ptr<const RowFlux> flux, const std::array<double, 3>& width);
  /// Ghost cells needed on every side.
  [[nodiscard]] int ghosts() const;
  [[nodiscard]] StageReport run(const Stage& stage) const;
  /// The stability limit of a state alone, as StageReport::rate.
  [[nodiscard]] double rate(const PaddedField& state, const PaddedField* bed) const;
  [[nodiscard]] const RowPhysics& physics() const { return *physics_; }
  [[nodiscard]] const std::array<double, 3>& inverse_width() const { return inverse_width_; }

 private:
  friend class TileSweep;
  std::shared_ptr<const RowPhysics> physics_;
  std::shared_ptr<const RowReconstruction> reconstruction_;
  std::shared_ptr<const RowFlux> flux_;
  std::array<double, 3> inverse_width_{};
};

}  // namespace eddyline
