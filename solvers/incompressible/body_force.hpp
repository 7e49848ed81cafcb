#pragma once
// What a case's `forcing` adds to the flow.

#include <optional>

#include "solvers/incompressible/cut_cells.hpp"
#include "solvers/incompressible/sides.hpp"
#include "solvers/incompressible/space_time_formula.hpp"

namespace eddyline {

/// Formulas of place and time at the faces (velocity) and in the cells (scalar), zero in solids.
class BodyForce {
 public:
  /// @param scalar  channel of the transported scalar, or empty. @throws ConfigError naming the key.
  BodyForce(const Case& problem, const CutCells& cells, const std::string& scalar);
  [[nodiscard]] bool moves() const { return formulas_[0] || formulas_[1]; }
  [[nodiscard]] bool feeds_scalar() const { return formulas_[2].has_value(); }
  [[nodiscard]] bool is_steady() const;
  /// @param force   both components, when `moves()`.
  /// @param source  in the cells, when `feeds_scalar()`.
  void evaluate(double time, FaceVelocity& force, Array2& source) const;

 private:
  CutCells cells_;
  std::vector<double> x_nodes_, y_nodes_, x_centers_, y_centers_;
  std::array<std::optional<SpaceTimeFormula>, 3> formulas_;  // velocity_x, velocity_y, the scalar
};

}  // namespace eddyline
