#pragma once
// One stage of an explicit finite-volume scheme over a grid: the only loops over cells of the explicit solvers.

#include <memory>
#include <vector>

#include "solvers/grid/padded_field.hpp"
#include "solvers/grid/row_physics.hpp"

namespace eddyline {

/// What one stage reads and writes: out = sum of weight * part + step * (rate of change of `state`). The weights of
/// several parts add up to one.
template <class Element>
struct Stage {
  struct Part {
    double weight;
    const PaddedArray<Element>* state;
  };
  const PaddedArray<Element>* state = nullptr;  // conserved, its ghosts filled
  std::vector<Part> parts;
  double step = 0;
  PaddedArray<Element>* out = nullptr;            // neither `state` nor a part
  const PaddedArray<Element>* forcing = nullptr;  // rates of the channels in every cell; null is none
  double drag = 0;                                // the velocity decays at this rate
  const PaddedArray<Element>* fixed = nullptr;    // null unless the equation has a fixed field
  const PaddedArray<Element>* smoothness =
      nullptr;              // 1: the full reconstruction, 0: first order in this cell; null is 1
  bool wants_rate = false;  // also find the next step's stability limit
};

/// What a stage found. The state it read may hold cells that are not admissible; then `out` is of no use.
struct StageReport {
  bool is_admissible = true;
  double rate = 0;  // largest 1/dt at a Courant number of one in `out`; not a number when `out` is not admissible
};

/// Cells are visited in tiles that fit the second-level cache, a row at a time: primitive variables are computed once a
/// cell, edge values and fluxes once a face, and nothing but the result goes back to memory. A cell's result does not
/// depend on the tile or the thread that computed it.
template <class Element>
class Sweep {
 public:
  /// @param width  of the cells along each axis.
  Sweep(std::shared_ptr<const RowPhysics<Element>> physics,
        std::shared_ptr<const RowReconstruction<Element>> reconstruction, std::shared_ptr<const RowFlux<Element>> flux,
        const std::array<double, 3>& width);
  /// Ghost cells needed on every side.
  [[nodiscard]] int ghosts() const;
  [[nodiscard]] StageReport run(const Stage<Element>& stage) const;
  /// The stability limit of a state alone, as StageReport::rate.
  [[nodiscard]] double rate(const PaddedArray<Element>& state, const PaddedArray<Element>* fixed) const;
  [[nodiscard]] const RowPhysics<Element>& physics() const { return *physics_; }
  [[nodiscard]] const RowReconstruction<Element>& reconstruction() const { return *reconstruction_; }
  [[nodiscard]] const RowFlux<Element>& flux() const { return *flux_; }
  [[nodiscard]] const std::array<double, 3>& inverse_width() const { return inverse_width_; }

 private:
  std::shared_ptr<const RowPhysics<Element>> physics_;
  std::shared_ptr<const RowReconstruction<Element>> reconstruction_;
  std::shared_ptr<const RowFlux<Element>> flux_;
  std::array<double, 3> inverse_width_{};
};

}  // namespace eddyline
