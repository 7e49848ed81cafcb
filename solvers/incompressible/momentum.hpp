#pragma once
// Discrete momentum balance on the staggered cut-cell grid.

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

/// Control volumes of the faces: M = max(mean fluid area of the two cells, a l d, 0.3 l d) with d the distance of the
/// centres; the floor only slows the transients of sliver cells, the steady balance does not contain M.
[[nodiscard]] MomentumGeometry momentum_geometry(const CutCells& cells, const Sides& sides);

/// Acceleration of every inner face by convection, diffusion and pressure, without wall friction (explicit part).
/// Convection: mass fluxes of the control volume are half sums of the open face fluxes, the convected value is the
/// plain mean: conserves kinetic energy (Verstappen & Veldman, J. Comput. Phys. 187 (2003) 343; cut cells after Cheny &
/// Botella, J. Comput. Phys. 229 (2010) 1043). Diffusion: normal stress from the cell by Green's theorem, shear stress
/// between the middles of the open parts. Needs filled ghosts of velocity and, at periodic sides, of pressure.
class MomentumBalance {
 public:
  MomentumBalance(const CutCells& cells, const Sides& sides, double viscosity);
  /// Scratch of one caller: the balance itself stays constant.
  struct Work {
    FaceVelocity flux;  // open face fluxes a l u
    Array2 stress_x, stress_y;
  };
  [[nodiscard]] Work work() const;
  void acceleration(const FaceVelocity& velocity, const Array2& pressure, Work& work, FaceVelocity& out) const;
  void compute_fluxes(const FaceVelocity& velocity, FaceVelocity& flux) const;
  [[nodiscard]] const MomentumGeometry& geometry() const { return geometry_; }
  /// Inner faces: first and one past the last index of u along x, of v along y (all of them when periodic).
  [[nodiscard]] std::int64_t first_u() const { return first_u_; }
  [[nodiscard]] std::int64_t last_u() const { return last_u_; }
  [[nodiscard]] std::int64_t first_v() const { return first_v_; }
  [[nodiscard]] std::int64_t last_v() const { return last_v_; }

 private:
  CutCells cells_;
  MomentumGeometry geometry_;
  double viscosity_;
  std::int64_t first_u_, last_u_, first_v_, last_v_;
};

}  // namespace eddyline
