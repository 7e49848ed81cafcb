#pragma once
// The six sides of a box: what they prescribe, and the ghost values that carry it into the stencils.

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "core/field/space_time_formula.hpp"
#include "solvers/grid/padded_field.hpp"
#include "solvers/incompressible/axis_metrics.hpp"
#include "solvers/linear/line_transform.hpp"
#include "solvers/physics/incompressible_equation.hpp"

namespace eddyline {

/// Velocity and scalar on a staggered grid of three dimensions. Component c of the velocity at index i along its own
/// axis is that of face i, 0..n; index n lies in the ghost layer. The scalar is at cells.
struct BoxFields {
  PaddedField velocity;  // 3 components
  PaddedField scalar;    // without cells when the equation has none
};

/// Side 2 a is the low end of axis a, side 2 a + 1 the high end.
class BoxSides {
 public:
  /// What the sides prescribe at one time. Values of component c (3: the scalar) on a side of axis a lie at
  /// [upper * (n_lower + 1) + lower], where lower < upper are the other two axes.
  struct Values {
    std::array<std::array<std::vector<double>, 4>, 6> at;
    double time = 0;
    bool are_known = false;
  };

  /// @throws ConfigError naming the side whose settings contradict each other or do not fit the equation.
  BoxSides(const Case& problem, const std::array<AxisMetrics, 3>& axes);

  [[nodiscard]] bool is_periodic(int axis) const { return sides_[static_cast<std::size_t>(2 * axis)].kind == periodic; }
  [[nodiscard]] bool is_outflow(int side) const { return sides_[static_cast<std::size_t>(side)].kind == outflow; }
  [[nodiscard]] PoissonAxis poisson_axis(const Grid& grid, int axis) const;

  /// Evaluates what depends on time, unless it is known for that time. Without an outflow the volume flux through the
  /// sides must vanish; what the midpoint rule leaves over of formulas (2 % at most) is taken off them evenly.
  /// @throws ConfigError when the fluxes do not balance or a formula is not finite.
  void update(Values& values, double time) const;
  /// Sets the normal velocity on fixed and free-slip sides and repeats the first face of periodic axes.
  void set_normal(PaddedField& velocity, const Values& values) const;
  /// Rate of change of the prescribed normal velocities at the time of `values`, written where they are.
  void set_normal_rate(PaddedField& rate, const Values& values) const;
  /// Fills the ghost layers: the mean of ghost and inner value is the value on the side.
  void fill_ghosts(PaddedField& velocity, const Values& values) const;
  void fill_scalar_ghosts(PaddedField& scalar, const Values& values) const;
  /// Volume a time unit that flows in and out through all sides.
  [[nodiscard]] std::array<double, 2> volume_flux(const PaddedField& velocity) const;

 private:
  enum Kind { periodic, fixed, free_slip, outflow };
  struct Side {
    std::string name;
    Kind kind = fixed;
    bool is_parabolic = false, has_scalar_value = false;
    std::array<double, 3> velocity{};
    std::array<std::optional<SpaceTimeFormula>, 4> formulas;
    [[nodiscard]] bool depends_on_time() const;
    [[nodiscard]] bool has_velocity_formula() const { return formulas[0] || formulas[1] || formulas[2]; }
  };
  [[nodiscard]] Side read(const Case& problem, int index) const;
  void evaluate(int side, int component, double time, std::vector<double>& out) const;
  void balance(Values& values) const;
  /// Where the values of a component lie along an axis of a side.
  [[nodiscard]] const std::vector<double>& points(int axis, int component) const;
  template <class Visit>
  void for_lines(int side, int component, Visit&& visit) const;
  [[nodiscard]] std::ptrdiff_t line_length(int side) const;
  void fill_layer(PaddedField& field, int stored, int side, int component, int source, int ghost,
                  const double* prescribed) const;

  std::array<AxisMetrics, 3> axes_;
  std::array<Side, 6> sides_;
  bool has_scalar_ = false;
};

}  // namespace eddyline
