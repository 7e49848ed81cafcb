#pragma once
// The sides of the domain of the explicit solvers: what the ghost cells hold.

#include <array>
#include <optional>
#include <vector>

#include "core/config/formula.hpp"
#include "core/field/case.hpp"
#include "solvers/grid/padded_field.hpp"
#include "solvers/grid/row_physics.hpp"

namespace eddyline {

/// periodic, outflow (no gradient), free_slip (a reflecting wall), inflow and prescribed (the state that `values` gives
/// with a formula a channel; with a formula `where` only on the part of the side where it is not zero, the rest being a
/// free-slip wall).
class GridSides {
 public:
  /// Values of the prescribed sides at the last time they were asked for.
  struct Work {
    std::array<std::vector<double>, 6> values;  // conserved states of the ghost cells, NaN where the wall is
    std::array<double, 6> time{};
  };

  /// @throws ConfigError naming the side whose settings do not fit.
  GridSides(const Case& problem, const RowPhysics& physics, const BlockShape& shape);
  /// Fills all ghost cells of conserved states, edges and corners too. @throws ConfigError when a formula gives a state
  /// that is not admissible, naming side, point and values.
  void fill(PaddedField& state, double time, Work& work) const;
  /// Fills the ghost cells of a fixed scalar field: periodic, mirrored at walls, constant beyond other sides.
  void fill_scalar(PaddedField& field) const;

 private:
  enum class Kind { periodic, outflow, wall, prescribed };
  struct Side {
    Kind kind = Kind::outflow;
    std::string name;
    std::vector<Formula> values;  // primitive channels
    std::optional<Formula> where;
    bool depends_on_time = false;
  };
  /// The cell that ghost `layer` copies.
  [[nodiscard]] static int source_of(Kind kind, bool is_high, int layer, int cells);
  void copy_side(PaddedField& field, int components, int side, int normal_component) const;
  void prescribe_side(PaddedField& field, int components, int side, int normal_component,
                      const std::vector<double>& prescribed) const;
  void evaluate(int side, double time, std::vector<double>& out) const;
  /// Calls visit(layer, a, b) for the ghost cells of a side, `layer` counted outwards from 1, `a`, `b` along the other
  /// axes in order; axes before `axis` include their own ghosts.
  template <class Visit>
  void for_ghosts(int axis, Visit&& visit) const;
  [[nodiscard]] double center(int axis, int index) const;

  BlockShape shape_;
  const RowPhysics& physics_;
  std::array<Side, 6> sides_;
  std::array<double, 3> low_{}, width_{};
};

}  // namespace eddyline
