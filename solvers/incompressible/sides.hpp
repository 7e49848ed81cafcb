#pragma once
// The four sides of the domain: what they prescribe, and the ghost values that carry it into the stencils.

#include <array>
#include <optional>
#include <vector>

#include "core/config/formula.hpp"
#include "core/field/case.hpp"
#include "solvers/incompressible/array2.hpp"
#include "solvers/linear/tensor_product_poisson.hpp"

namespace eddyline {

/// Face velocities with ghosts. u(i, j): vertical face at node i (0..nx) of row j; v(i, j): horizontal face at node j.
struct FaceVelocity {
  Array2 u, v;
};

enum class SideKind { periodic, fixed, free_slip, outflow };

/// One side. `fixed` prescribes both velocity components (inflow, walls, formulas).
class Side {
 public:
  Side(const BoundaryConfig& config, const Grid& grid, int axis, bool is_high);
  [[nodiscard]] SideKind kind() const { return kind_; }
  [[nodiscard]] PoissonEnd poisson_end() const;
  [[nodiscard]] bool is_inflow() const { return is_inflow_; }
  /// Prescribed velocity component (0: x, 1: y) at a point of the side.
  [[nodiscard]] double value(int component, double x, double y, double time) const;

 private:
  SideKind kind_ = SideKind::fixed;
  bool is_inflow_ = false, is_parabolic_ = false;
  int axis_ = 0;
  double low_ = 0, high_ = 1;  // extent along the side
  std::array<double, 2> velocity_{};
  std::array<std::optional<Formula>, 2> formulas_;
};

class Sides {
 public:
  /// @throws ConfigError naming the side whose settings do not fit a 2D incompressible flow.
  explicit Sides(const Case& problem);

  [[nodiscard]] bool periodic_x() const { return sides_[0].kind() == SideKind::periodic; }
  [[nodiscard]] bool periodic_y() const { return sides_[2].kind() == SideKind::periodic; }
  /// x_low, x_high, y_low, y_high.
  [[nodiscard]] const Side& side(int index) const { return sides_[static_cast<std::size_t>(index)]; }
  [[nodiscard]] bool has_outflow() const;

  /// Sets the normal velocity on fixed and free-slip sides.
  void set_normal(FaceVelocity& velocity, double time) const;
  /// Fills the ghost layers from the inner values, so that averages and differences across a side see its condition.
  void fill_ghosts(FaceVelocity& velocity, double time) const;

 private:
  std::vector<double> x_nodes_, y_nodes_, x_centers_, y_centers_;
  std::vector<Side> sides_;
};

}  // namespace eddyline
