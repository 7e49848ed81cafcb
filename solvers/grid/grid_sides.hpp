#pragma once
// The sides of the domain of the explicit solvers: what the ghost cells hold.

#include <array>
#include <optional>
#include <vector>

#include "core/field/space_time_formula.hpp"
#include "solvers/grid/padded_field.hpp"
#include "solvers/grid/row_physics.hpp"

namespace eddyline {

/// periodic; outflow (no gradient, or, with a formula for the pressure, nothing but a weak wave runs in that draws the
/// pressure there); free_slip (a reflecting wall); no_slip and moving_wall (adiabatic, or of a given temperature);
/// inflow and prescribed (the state that `values` gives with a formula a channel; with a formula `where` only on the
/// part of the side where it is not zero, the rest being a free-slip wall); far_field (what runs in comes from the
/// state that `values` gives, what runs out from inside, by characteristics).
template <class Element>
class GridSides {
 public:
  /// Values of the formulas at the last time they were asked for.
  struct Work {
    std::array<std::vector<Element>, 6> values;
    std::array<double, 6> time{};
    std::vector<Element> lines;  // of ghost cells in work
  };

  /// @throws ConfigError naming the side whose settings do not fit.
  GridSides(const Case& problem, const RowPhysics<Element>& physics, const BlockShape& shape);
  /// Fills all ghost cells of conserved states, edges and corners too. @throws ConfigError when a formula gives a state
  /// that is not admissible, naming side, point and values.
  void fill(PaddedArray<Element>& state, double time, Work& work) const;
  /// Fills the ghost cells of a fixed scalar field: periodic, mirrored at walls, constant beyond other sides.
  void fill_scalar(PaddedArray<Element>& field) const;
  /// The temperature of walls that have one in the ghost cells beyond them; others are left alone.
  /// @throws ConfigError where it is not positive.
  void set_wall_temperature(PaddedArray<Element>& field) const;

 private:
  enum class Kind { periodic, outflow, free_slip, no_slip, prescribed, far_field, pressure };
  struct Side {
    Kind kind = Kind::outflow;
    std::string name;
    std::array<double, 3> velocity{};      // of a moving wall
    std::vector<SpaceTimeFormula> values;  // of the channels, of the pressure, or of the temperature
    std::optional<SpaceTimeFormula> where;
    bool depends_on_time = false;
    [[nodiscard]] bool is_wall() const { return kind == Kind::free_slip || kind == Kind::no_slip; }
  };
  /// Ghost cells of a side along one line: `count` cells from `begin` along the first other axis; lines are numbered by
  /// the second other axis from `line_begin` to `line_end`. Axes before `axis` include their own ghosts.
  struct Lines {
    int begin, count, line_begin, line_end;
  };
  [[nodiscard]] Lines lines(int axis) const;
  [[nodiscard]] static Side read_side(const Case& problem, const StateLayout& layout, const std::string& patch,
                                      int axis);
  /// The cell that ghost `layer` copies.
  [[nodiscard]] int source_of(const Side& side, int index, int layer) const;
  [[nodiscard]] int ghost_of(int index, int layer) const;
  void copy_side(PaddedArray<Element>& field, int components, int index, int normal_component) const;
  void compute_side(PaddedArray<Element>& field, int index, Work& work) const;
  void prescribe_side(PaddedArray<Element>& field, int index, const std::vector<Element>& prescribed) const;
  void evaluate(int index, double time, std::vector<Element>& out) const;
  /// Component rows of a line out of a field, or back.
  void move_line(PaddedArray<Element>& field, int components, int axis, int across, int line,
                 const MutableRows<Element>& rows, bool is_reading) const;
  /// Place of a ghost cell. @param along, line  its indices along the other axes.
  [[nodiscard]] std::array<double, 3> place(int index, int layer, int along, int line) const;

  BlockShape shape_;
  const RowPhysics<Element>& physics_;
  std::array<Side, 6> sides_;
  std::array<double, 3> low_{}, width_{};
};

}  // namespace eddyline
