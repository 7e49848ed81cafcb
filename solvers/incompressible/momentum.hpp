#pragma once
// Discrete momentum balance on the staggered cut-cell grid.

#include <array>
#include <vector>

#include "solvers/incompressible/cut_cells.hpp"
#include "solvers/incompressible/sides.hpp"

namespace eddyline {

/// What the momentum balance needs of the geometry, once a grid. For the face at (i, j) of a component:
///   length   a l: open length of the face
///   mobility a l / M: acceleration by a unit pressure difference; M is the mass of the face's control volume
///   friction sigma / nu: rate at which solid walls slow the face down, times 1/nu; treated implicitly
///   shear    A / h at the corner below (u) or left of (v) the face: open area over distance for the tangential stress
struct FaceGeometry {
  Array2 length, mobility, inverse_mass, friction, shear;
};

struct MomentumGeometry {
  FaceGeometry x, y;
  Array2 inverse_area;  // 1 / fluid area of a cell, 0 in solids
};

/// Cells and nodes along one axis, each array with one ghost in front: values[i + 1] belongs to cell or node i.
struct LineSpacing {
  LineSpacing() = default;
  explicit LineSpacing(const std::vector<double>& widths_with_ghosts);
  std::vector<double> width, inverse_width;        // of the cells
  std::vector<double> distance, inverse_distance;  // of the centres beside a node
};

/// Control volumes of the faces: M = max(mean fluid area of the two cells, a l d, 0.3 l d) with d the distance of the
/// centres; the floor only slows the transients of sliver cells, the steady balance does not contain M.
/// Ghosts continue it: around a periodic domain, mirrored at a side.
[[nodiscard]] MomentumGeometry momentum_geometry(const CutCells& cells, const Sides& sides);

/// What accelerates the fluid besides its own stresses; null or zero is none.
struct Sources {
  const FaceVelocity* force = nullptr;  // acceleration at the faces
  const Array2* scalar = nullptr;       // buoyant scalar in the cells, ghosts filled at periodic sides
  double buoyancy = 0;                  // acceleration along y by a unit of the scalar
  double drag = 0;                      // 1 / time
};

/// One stage of a Runge-Kutta scheme in Shu and Osher's form: keep * start + step * (u + dt * rate).
struct Stage {
  double keep, step, dt;
};

/// The momentum balance of every inner face. Convection: mass fluxes of the control volume are half sums of the open
/// face fluxes, the convected value is the plain mean: conserves kinetic energy (Verstappen & Veldman, J. Comput. Phys.
/// 187 (2003) 343; cut cells after Cheny & Botella, J. Comput. Phys. 229 (2010) 1043). Diffusion: normal stress from
/// the cell by Green's theorem, shear stress between the middles of the open parts. Needs filled ghosts of the velocity
/// and, at periodic sides, of pressure and scalar. The same bits for any number of threads.
class MomentumBalance {
 public:
  MomentumBalance(const CutCells& cells, const Sides& sides, double viscosity);
  /// Convection, diffusion, pressure and sources without wall friction.
  void acceleration(const FaceVelocity& velocity, const Array2& pressure, const Sources& sources,
                    FaceVelocity& out) const;
  /// One stage from `start` and `velocity`; the friction of cut walls is implicit: (u + dt a) / (1 + dt sigma).
  void advance(const FaceVelocity& velocity, const Array2& pressure, const Sources& sources, const FaceVelocity& start,
               const Stage& stage, FaceVelocity& next) const;
  /// out = factor * outflow of every cell, row-major [ny][nx].
  void divergence(const FaceVelocity& velocity, double factor, std::vector<double>& out) const;
  /// velocity -= factor * grad(potential), pressure += potential; zero in solids. Faces of fixed sides stay.
  void correct(const std::vector<double>& potential, double factor, FaceVelocity& velocity, Array2& pressure) const;

  [[nodiscard]] const MomentumGeometry& geometry() const { return geometry_; }
  /// Open face fluxes a l u.
  [[nodiscard]] double flux_x(const FaceVelocity& velocity, std::int64_t i, std::int64_t j) const {
    return geometry_.x.length(i, j) * velocity.u(i, j);
  }
  [[nodiscard]] double flux_y(const FaceVelocity& velocity, std::int64_t i, std::int64_t j) const {
    return geometry_.y.length(i, j) * velocity.v(i, j);
  }
  /// Inner faces: first and one past the last index of u along x, of v along y (all of them when periodic).
  [[nodiscard]] std::int64_t first_u() const { return first_u_; }
  [[nodiscard]] std::int64_t last_u() const { return last_u_; }
  [[nodiscard]] std::int64_t first_v() const { return first_v_; }
  [[nodiscard]] std::int64_t last_v() const { return last_v_; }

 private:
  template <class Geometry, class Consume>
  void for_rows_of_u(const Geometry& geometry, const FaceVelocity& velocity, const Array2& pressure,
                     const Sources& sources, Consume consume) const;
  template <class Geometry, class Consume>
  void for_rows_of_v(const Geometry& geometry, const FaceVelocity& velocity, const Array2& pressure,
                     const Sources& sources, Consume consume) const;
  /// Calls `visit` with the geometry of a grid without bodies, whose sizes are products, or with that of cut cells.
  template <class Visit>
  void with_geometry(Visit visit) const;

  CutCells cells_;
  MomentumGeometry geometry_;
  double viscosity_;
  std::int64_t first_u_, last_u_, first_v_, last_v_;
  std::array<SideKind, 4> sides_{};
  LineSpacing along_x_, along_y_;
};

}  // namespace eddyline
