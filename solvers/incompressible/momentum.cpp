#include "solvers/incompressible/momentum.hpp"

#include <algorithm>
#include <cmath>

namespace eddyline {

MomentumGeometry momentum_geometry(const CutCells& cells, const Sides& sides) {
  const std::int64_t nx = cells.nx, ny = cells.ny;
  MomentumGeometry out;
  for (FaceGeometry* face : {&out.x, &out.y}) {
    const bool is_x = face == &out.x;
    const std::int64_t width = nx + (is_x ? 1 : 0), height = ny + (is_x ? 0 : 1);
    for (Array2* array : {&face->length, &face->mobility, &face->inverse_mass, &face->friction})
      *array = Array2(width, height);
    face->shear = Array2(nx + 1, ny + 1);
  }
  out.inverse_area = Array2(nx, ny);
  for (std::int64_t j = -1; j <= ny; ++j)
    for (std::int64_t i = -1; i <= nx; ++i) out.inverse_area(i, j) = cells.area(i, j) > 0 ? 1 / cells.area(i, j) : 0;

  // Tangential stress at node (i, j) on u (between rows j-1 and j) and on v (between columns i-1 and i).
  for (std::int64_t j = 0; j <= ny; ++j)
    for (std::int64_t i = 0; i <= nx; ++i) {
      if (cells.corner_is_fluid(i, j) == 0) continue;
      const double across = 0.5 * (cells.open_y(i - 1, j) * cells.width(i - 1) + cells.open_y(i, j) * cells.width(i));
      const double up = 0.5 * (cells.open_x(i, j - 1) * cells.height(j - 1) + cells.open_x(i, j) * cells.height(j));
      if (up > 0) out.x.shear(i, j) = across / up;
      if (across > 0) out.y.shear(i, j) = up / across;
    }

  const auto fill = [](FaceGeometry& face, std::int64_t i, std::int64_t j, double open, double length, double distance,
                       double mean_area, double wall) {
    if (open == 0) return;
    const double mass = std::max({mean_area, open * length * distance, 0.3 * length * distance});
    face.length(i, j) = open * length;
    face.inverse_mass(i, j) = 1 / mass;
    face.mobility(i, j) = open * length / mass;
    face.friction(i, j) = wall / (0.5 * open * length) / mass;
  };
  // Open area of a control volume's tangential side: zero where the node lies in a solid (that part is wall).
  const auto open_u = [&](std::int64_t i, std::int64_t j) {
    if (cells.corner_is_fluid(i, j) == 0) return 0.0;
    return 0.5 * (cells.open_y(i - 1, j) * cells.width(i - 1) + cells.open_y(i, j) * cells.width(i));
  };
  const auto open_v = [&](std::int64_t i, std::int64_t j) {
    if (cells.corner_is_fluid(i, j) == 0) return 0.0;
    return 0.5 * (cells.open_x(i, j - 1) * cells.height(j - 1) + cells.open_x(i, j) * cells.height(j));
  };
  for (std::int64_t j = 0; j < ny; ++j)
    for (std::int64_t i = 0; i <= nx; ++i) {
      const bool is_side = !sides.periodic_x() && (i == 0 || i == nx);
      const double distance =
          is_side ? 0.5 * cells.width(i == 0 ? 0 : nx - 1) : 0.5 * (cells.width(i - 1) + cells.width(i));
      const double area =
          is_side ? 0.5 * cells.area(i == 0 ? 0 : nx - 1, j) : 0.5 * (cells.area(i - 1, j) + cells.area(i, j));
      fill(out.x, i, j, cells.open_x(i, j), cells.height(j), distance, area, std::abs(open_u(i, j + 1) - open_u(i, j)));
    }
  for (std::int64_t j = 0; j <= ny; ++j)
    for (std::int64_t i = 0; i < nx; ++i) {
      const bool is_side = !sides.periodic_y() && (j == 0 || j == ny);
      const double distance =
          is_side ? 0.5 * cells.height(j == 0 ? 0 : ny - 1) : 0.5 * (cells.height(j - 1) + cells.height(j));
      const double area =
          is_side ? 0.5 * cells.area(i, j == 0 ? 0 : ny - 1) : 0.5 * (cells.area(i, j - 1) + cells.area(i, j));
      fill(out.y, i, j, cells.open_y(i, j), cells.width(i), distance, area, std::abs(open_v(i + 1, j) - open_v(i, j)));
    }
  return out;
}

MomentumBalance::MomentumBalance(const CutCells& cells, const Sides& sides, double viscosity)
    : cells_(cells),
      geometry_(momentum_geometry(cells, sides)),
      viscosity_(viscosity),
      first_u_(sides.periodic_x() ? 0 : 1),
      last_u_(cells.nx),
      first_v_(sides.periodic_y() ? 0 : 1),
      last_v_(cells.ny) {}

MomentumBalance::Work MomentumBalance::work() const {
  return {{Array2(cells_.nx + 1, cells_.ny), Array2(cells_.nx, cells_.ny + 1)},
          Array2(cells_.nx, cells_.ny),
          Array2(cells_.nx, cells_.ny)};
}

void MomentumBalance::compute_fluxes(const FaceVelocity& velocity, FaceVelocity& flux) const {
  const std::int64_t nx = cells_.nx, ny = cells_.ny;
  // Ghost faces carry the open length of their image: around a periodic domain, mirrored at a side.
#pragma omp parallel for schedule(static)
  for (std::int64_t j = -1; j <= ny; ++j) {
    const bool inside = j >= 0 && j < ny;
    const std::int64_t image = inside ? j : (first_v_ == 0 ? (j < 0 ? ny - 1 : 0) : (j < 0 ? 0 : ny - 1));
    const double* length = geometry_.x.length.row(image);
    const double* u = velocity.u.row(j);
    double* out = flux.u.row(j);
    for (std::int64_t i = 0; i <= nx; ++i) out[i] = length[i] * u[i];
    out[-1] = first_u_ == 0 ? length[nx - 1] * u[nx - 1] : 0;
    out[nx + 1] = first_u_ == 0 ? length[1] * u[1] : 0;
  }
#pragma omp parallel for schedule(static)
  for (std::int64_t j = 0; j <= ny; ++j) {
    const double* length = geometry_.y.length.row(j);
    const double* v = velocity.v.row(j);
    double* out = flux.v.row(j);
    for (std::int64_t i = 0; i < nx; ++i) out[i] = length[i] * v[i];
    out[-1] = first_u_ == 0 ? out[nx - 1] : length[0] * v[-1];
    out[nx] = first_u_ == 0 ? out[0] : length[nx - 1] * v[nx];
  }
  if (first_v_ == 0) {
    std::copy_n(flux.v.row(ny - 1) - 1, nx + 2, flux.v.row(-1) - 1);
    std::copy_n(flux.v.row(1) - 1, nx + 2, flux.v.row(ny + 1) - 1);
  }
}

void MomentumBalance::acceleration(const FaceVelocity& velocity, const Array2& pressure, Work& work,
                                   FaceVelocity& out) const {
  const FaceVelocity& flux = work.flux;
  const std::int64_t nx = cells_.nx, ny = cells_.ny;
  compute_fluxes(velocity, work.flux);
  const double nu = viscosity_;
#pragma omp parallel for schedule(static)
  for (std::int64_t j = 0; j < ny; ++j) {
    const double *fu = flux.u.row(j), *fv = flux.v.row(j), *fv_up = flux.v.row(j + 1),
                 *inverse = geometry_.inverse_area.row(j);
    double *sx = work.stress_x.row(j), *sy = work.stress_y.row(j);
#pragma omp simd
    for (std::int64_t i = 0; i < nx; ++i) {
      sx[i] = nu * (fu[i + 1] - fu[i]) * inverse[i];
      sy[i] = nu * (fv_up[i] - fv[i]) * inverse[i];
    }
    sx[-1] = sx[nx - 1];  // used by periodic sides only
    sx[nx] = sx[0];
  }
  std::copy_n(work.stress_y.row(ny - 1), nx, work.stress_y.row(-1));
  std::copy_n(work.stress_y.row(0), nx, work.stress_y.row(ny));

#pragma omp parallel for schedule(static)
  for (std::int64_t j = 0; j < ny; ++j) {
    const double *u = velocity.u.row(j), *u_up = velocity.u.row(j + 1), *u_down = velocity.u.row(j - 1);
    const double *fu = flux.u.row(j), *fv = flux.v.row(j), *fv_up = flux.v.row(j + 1);
    const double *shear = geometry_.x.shear.row(j), *shear_up = geometry_.x.shear.row(j + 1);
    const double *length = geometry_.x.length.row(j), *mobility = geometry_.x.mobility.row(j);
    const double *inverse_mass = geometry_.x.inverse_mass.row(j), *p = pressure.row(j), *stress = work.stress_x.row(j);
    double* acceleration = out.u.row(j);
#pragma omp simd
    for (std::int64_t i = first_u_; i < last_u_; ++i) {
      const double east = (fu[i] + fu[i + 1]) * (u[i] + u[i + 1]), west = (fu[i - 1] + fu[i]) * (u[i - 1] + u[i]);
      const double north = (fv_up[i - 1] + fv_up[i]) * (u[i] + u_up[i]),
                   south = (fv[i - 1] + fv[i]) * (u_down[i] + u[i]);
      const double viscous = length[i] * (stress[i] - stress[i - 1]) +
                             nu * (shear_up[i] * (u_up[i] - u[i]) - shear[i] * (u[i] - u_down[i]));
      acceleration[i] =
          (viscous - 0.25 * (east - west + north - south)) * inverse_mass[i] - mobility[i] * (p[i] - p[i - 1]);
    }
  }
#pragma omp parallel for schedule(static)
  for (std::int64_t j = first_v_; j < last_v_; ++j) {
    const double *v = velocity.v.row(j), *v_up = velocity.v.row(j + 1), *v_down = velocity.v.row(j - 1);
    const double *fu = flux.u.row(j), *fu_down = flux.u.row(j - 1);
    const double *fv = flux.v.row(j), *fv_up = flux.v.row(j + 1), *fv_down = flux.v.row(j - 1);
    const double *shear = geometry_.y.shear.row(j), *length = geometry_.y.length.row(j),
                 *mobility = geometry_.y.mobility.row(j);
    const double *inverse_mass = geometry_.y.inverse_mass.row(j), *p = pressure.row(j), *p_down = pressure.row(j - 1);
    const double *stress = work.stress_y.row(j), *stress_down = work.stress_y.row(j - 1);
    double* acceleration = out.v.row(j);
#pragma omp simd
    for (std::int64_t i = 0; i < nx; ++i) {
      const double east = (fu_down[i + 1] + fu[i + 1]) * (v[i] + v[i + 1]),
                   west = (fu_down[i] + fu[i]) * (v[i - 1] + v[i]);
      const double north = (fv[i] + fv_up[i]) * (v[i] + v_up[i]), south = (fv_down[i] + fv[i]) * (v_down[i] + v[i]);
      const double viscous = length[i] * (stress[i] - stress_down[i]) +
                             nu * (shear[i + 1] * (v[i + 1] - v[i]) - shear[i] * (v[i] - v[i - 1]));
      acceleration[i] =
          (viscous - 0.25 * (east - west + north - south)) * inverse_mass[i] - mobility[i] * (p[i] - p_down[i]);
    }
  }
}

}  // namespace eddyline
