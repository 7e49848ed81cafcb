#pragma once
// The four sides of the domain: what they prescribe, and the ghost values that carry it into the stencils.

#include <array>
#include <optional>
#include <vector>

#include "solvers/incompressible/array2.hpp"
#include "solvers/incompressible/space_time_formula.hpp"
#include "solvers/linear/tensor_product_poisson.hpp"

namespace eddyline {

/// Face velocities with ghosts. u(i, j): vertical face at node i (0..nx) of row j; v(i, j): horizontal face at node j.
struct FaceVelocity {
  Array2 u, v;
};

enum class SideKind { periodic, fixed, free_slip, outflow };

/// One side. `fixed` prescribes both velocity components (inflow, walls, formulas). The scalar that the flow carries is
/// prescribed where `values` name it, zero on an inflow that does not, and passes no other side by diffusion.
class Side {
 public:
  /// @param scalar  channel of the transported scalar, or empty. @throws ConfigError naming the key.
  Side(const Case& problem, const std::string& name, const std::string& scalar);
  [[nodiscard]] SideKind kind() const { return kind_; }
  [[nodiscard]] PoissonEnd poisson_end() const;
  [[nodiscard]] bool is_inflow() const { return is_inflow_; }
  /// A wall that no flow passes.
  [[nodiscard]] bool is_solid() const { return is_solid_; }
  /// Prescribed velocity component (0: x, 1: y) at a point of the side.
  [[nodiscard]] double value(int component, double x, double y, double time) const;
  [[nodiscard]] bool prescribes_scalar() const { return is_inflow_ || scalar_.has_value(); }
  /// The prescribed scalar at a point of the side.
  [[nodiscard]] double scalar(double x, double y, double time) const { return scalar_ ? (*scalar_)(x, y, 0, time) : 0; }
  /// Nothing that it prescribes depends on time.
  [[nodiscard]] bool is_steady() const;

 private:
  SideKind kind_ = SideKind::fixed;
  bool is_inflow_ = false, is_parabolic_ = false, is_solid_ = false;
  int axis_ = 0;
  double low_ = 0, high_ = 1;  // extent along the side
  std::array<double, 2> velocity_{};
  std::array<std::optional<SpaceTimeFormula>, 2> formulas_;
  std::optional<SpaceTimeFormula> scalar_;
};

/// Derivative inwards at a boundary from its value and the two cells beside it, exact for parabolas: w0 f_boundary +
/// w1 f_1 + w2 f_2. With one cell: exact for straight lines.
[[nodiscard]] std::array<double, 3> boundary_derivative(double first_width, std::optional<double> second_width);

class Sides {
 public:
  /// @param scalar  channel of the transported scalar, or empty.
  /// @throws ConfigError naming the side whose settings do not fit a 2D incompressible flow.
  Sides(const Case& problem, const std::string& scalar);

  [[nodiscard]] bool periodic_x() const { return sides_[0].kind() == SideKind::periodic; }
  [[nodiscard]] bool periodic_y() const { return sides_[2].kind() == SideKind::periodic; }
  /// x_low, x_high, y_low, y_high.
  [[nodiscard]] const Side& side(int index) const { return sides_[static_cast<std::size_t>(index)]; }
  [[nodiscard]] bool has_outflow() const;

  /// Sets the normal velocity on fixed and free-slip sides.
  void set_normal(FaceVelocity& velocity, double time) const;
  /// Fills the ghost layers from the inner values, so that averages and differences across a side see its condition:
  /// the mean of ghost and inner value is the value on an open side, their difference the derivative at a wall to
  /// second order.
  void fill_ghosts(FaceVelocity& velocity, double time) const;
  /// The prescribed scalar along a side, cell by cell.
  void scalar_values(int side, double time, std::vector<double>& values) const;

 private:
  /// Prescribed velocity component at each centre (normal) or node (tangential) of a side.
  [[nodiscard]] std::vector<double> velocity_values(int side, int component, double time) const;
  [[nodiscard]] const std::vector<double>& velocity_along(int side, int component, double time,
                                                          std::vector<double>& scratch) const;
  std::vector<double> x_nodes_, y_nodes_, x_centers_, y_centers_;
  std::vector<Side> sides_;
  /// Ghost of a tangential velocity on a fixed side: w0 prescribed + w1 first + w2 second.
  std::array<std::array<double, 3>, 4> ghost_weights_{};
  std::array<std::array<std::vector<double>, 2>, 4> steady_values_;  // of steady sides: [side][component]
};

}  // namespace eddyline
