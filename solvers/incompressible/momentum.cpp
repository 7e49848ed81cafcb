#include "solvers/incompressible/momentum.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace eddyline {
namespace {

/// Ghosts of an array over the faces (extra_x, extra_y: 1 where there is one more face than cells).
void fill_ghosts(Array2& faces, std::int64_t extra_x, std::int64_t extra_y, const Sides& sides) {
  const std::int64_t nx = faces.nx() - extra_x, ny = faces.ny() - extra_y;
  for (std::int64_t j = 0; j < faces.ny(); ++j) {
    faces(-1, j) = faces(sides.periodic_x() ? nx - 1 : 0, j);
    faces(faces.nx(), j) = faces(sides.periodic_x() ? extra_x : faces.nx() - 1, j);
  }
  for (std::int64_t i = -1; i <= faces.nx(); ++i) {
    faces(i, -1) = faces(i, sides.periodic_y() ? ny - 1 : 0);
    faces(i, faces.ny()) = faces(i, sides.periodic_y() ? extra_y : faces.ny() - 1);
  }
}

}  // namespace

LineSpacing::LineSpacing(const std::vector<double>& widths_with_ghosts)
    : width(widths_with_ghosts), inverse_width(width.size()), distance(width.size()), inverse_distance(width.size()) {
  for (std::size_t k = 0; k < width.size(); ++k) {
    inverse_width[k] = 1 / width[k];
    distance[k] = 0.5 * (width[k > 0 ? k - 1 : 0] + width[k]);
    inverse_distance[k] = 1 / distance[k];
  }
}

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
  fill_ghosts(out.x.length, 1, 0, sides);
  fill_ghosts(out.y.length, 0, 1, sides);
  return out;
}

MomentumBalance::MomentumBalance(const CutCells& cells, const Sides& sides, double viscosity)
    : cells_(cells),
      geometry_(momentum_geometry(cells, sides)),
      viscosity_(viscosity),
      first_u_(sides.periodic_x() ? 0 : 1),
      last_u_(cells.nx),
      first_v_(sides.periodic_y() ? 0 : 1),
      last_v_(cells.ny),
      along_x_(cells.dx),
      along_y_(cells.dy) {
  for (int k = 0; k < 4; ++k) sides_[static_cast<std::size_t>(k)] = sides.side(k).kind();
}

namespace {

// The geometry of one row as the kernels read it. Without bodies all sizes are products of what belongs to the row and
// what belongs to the column, which spares the memory traffic of two-dimensional arrays.

struct BoxGeometry {
  const LineSpacing &x, &y;
  static constexpr bool has_walls = false;
  struct FaceRow {  // of u
    double row_length, row_inverse;
    const double *inverse_width, *inverse_distance;
    [[nodiscard]] double length(std::int64_t) const { return row_length; }
    [[nodiscard]] double inverse_area(std::int64_t i) const { return inverse_width[i] * row_inverse; }
    [[nodiscard]] double inverse_mass(std::int64_t i) const { return inverse_distance[i] * row_inverse; }
    [[nodiscard]] double mobility(std::int64_t i) const { return inverse_distance[i]; }
    [[nodiscard]] double friction(std::int64_t) const { return 0; }
  };
  struct NodeRow {  // of v
    double row_distance, row_inverse;
    const double *width, *inverse_width, *distance, *inverse_distance;
    [[nodiscard]] double length(std::int64_t i) const { return width[i]; }
    [[nodiscard]] double inverse_mass(std::int64_t i) const { return inverse_width[i] * row_inverse; }
    [[nodiscard]] double mobility(std::int64_t) const { return row_inverse; }
    [[nodiscard]] double friction(std::int64_t) const { return 0; }
    [[nodiscard]] double is_open(std::int64_t) const { return 1; }
    [[nodiscard]] double shear_u(std::int64_t i) const { return distance[i] * row_inverse; }
    [[nodiscard]] double shear_v(std::int64_t i) const { return row_distance * inverse_distance[i]; }
  };
  [[nodiscard]] FaceRow face_row(std::int64_t j) const {
    const auto k = static_cast<std::size_t>(j + 1);
    return {y.width[k], y.inverse_width[k], x.inverse_width.data() + 1, x.inverse_distance.data() + 1};
  }
  [[nodiscard]] NodeRow node_row(std::int64_t j) const {
    const auto k = static_cast<std::size_t>(j + 1);
    return {y.distance[k],         y.inverse_distance[k],        x.width.data() + 1, x.inverse_width.data() + 1,
            x.distance.data() + 1, x.inverse_distance.data() + 1};
  }
};

struct CutGeometry {
  const MomentumGeometry& arrays;
  static constexpr bool has_walls = true;
  struct FaceRow {
    const double *lengths, *inverse_areas, *inverse_masses, *mobilities, *frictions;
    [[nodiscard]] double length(std::int64_t i) const { return lengths[i]; }
    [[nodiscard]] double inverse_area(std::int64_t i) const { return inverse_areas[i]; }
    [[nodiscard]] double inverse_mass(std::int64_t i) const { return inverse_masses[i]; }
    [[nodiscard]] double mobility(std::int64_t i) const { return mobilities[i]; }
    [[nodiscard]] double friction(std::int64_t i) const { return frictions[i]; }
  };
  struct NodeRow {
    const double *lengths, *inverse_masses, *mobilities, *frictions, *shears_u, *shears_v;
    [[nodiscard]] double length(std::int64_t i) const { return lengths[i]; }
    [[nodiscard]] double inverse_mass(std::int64_t i) const { return inverse_masses[i]; }
    [[nodiscard]] double mobility(std::int64_t i) const { return mobilities[i]; }
    [[nodiscard]] double friction(std::int64_t i) const { return frictions[i]; }
    [[nodiscard]] double is_open(std::int64_t i) const { return inverse_masses[i] > 0 ? 1 : 0; }
    [[nodiscard]] double shear_u(std::int64_t i) const { return shears_u[i]; }
    [[nodiscard]] double shear_v(std::int64_t i) const { return shears_v[i]; }
  };
  [[nodiscard]] FaceRow face_row(std::int64_t j) const {
    return {arrays.x.length.row(j), arrays.inverse_area.row(j), arrays.x.inverse_mass.row(j), arrays.x.mobility.row(j),
            arrays.x.friction.row(j)};
  }
  [[nodiscard]] NodeRow node_row(std::int64_t j) const {
    return {arrays.y.length.row(j),   arrays.y.inverse_mass.row(j), arrays.y.mobility.row(j),
            arrays.y.friction.row(j), arrays.x.shear.row(j),        arrays.y.shear.row(j)};
  }
};

constexpr std::int64_t block_rows = 16;

/// Rows [first, last) in blocks of fixed size over the threads.
template <class Work>
void in_blocks(std::int64_t first, std::int64_t last, Work work) {
#pragma omp parallel for schedule(static)
  for (std::int64_t low = first; low < last; low += block_rows) work(low, std::min(low + block_rows, last));
}

/// A row of scratch with one ghost on each side.
class RowBuffer {
 public:
  explicit RowBuffer(std::int64_t count) : values_(static_cast<std::size_t>(count + 2)) {}
  [[nodiscard]] double* data() { return values_.data() + 1; }

 private:
  std::vector<double> values_;
};

}  // namespace

template <class Visit>
void MomentumBalance::with_geometry(Visit visit) const {
  if (cells_.has_bodies) {
    visit(CutGeometry{geometry_});
  } else {
    visit(BoxGeometry{along_x_, along_y_});
  }
}

template <class Geometry, class Consume>
void MomentumBalance::for_rows_of_u(const Geometry& geometry, const FaceVelocity& velocity, const Array2& pressure,
                                    const Sources& sources, Consume consume) const {
  const double nu = viscosity_;
  const std::int64_t nx = cells_.nx, first = first_u_;
  // Flux of momentum through node row j: convected less the shear stress.
  const auto through_nodes = [&](std::int64_t j, double* out) {
    const auto node = geometry.node_row(j);
    const double *v = velocity.v.row(j), *u = velocity.u.row(j), *u_down = velocity.u.row(j - 1);
#pragma omp simd
    for (std::int64_t i = first; i < nx; ++i)
      out[i] = 0.25 * (node.length(i - 1) * v[i - 1] + node.length(i) * v[i]) * (u_down[i] + u[i]) -
               nu * node.shear_u(i) * (u[i] - u_down[i]);
  };
  in_blocks(0, cells_.ny, [&](std::int64_t low, std::int64_t high) {
    RowBuffer south_row(nx), north_row(nx), convected_row(nx), stress_row(nx), rate_row(nx);
    double *south = south_row.data(), *north = north_row.data(), *convected = convected_row.data(),
           *stress = stress_row.data(), *rate = rate_row.data();
    through_nodes(low, south);
    for (std::int64_t j = low; j < high; ++j) {
      through_nodes(j + 1, north);
      const auto face = geometry.face_row(j);
      const double *u = velocity.u.row(j), *p = pressure.row(j);
#pragma omp simd
      for (std::int64_t i = first - 1; i < nx; ++i) {
        const double left = face.length(i) * u[i], right = face.length(i + 1) * u[i + 1];
        convected[i] = 0.25 * (left + right) * (u[i] + u[i + 1]);
        stress[i] = nu * (right - left) * face.inverse_area(i) - p[i];
      }
#pragma omp simd
      for (std::int64_t i = first; i < nx; ++i)
        rate[i] =
            (face.length(i) * (stress[i] - stress[i - 1]) - (convected[i] - convected[i - 1]) - (north[i] - south[i])) *
            face.inverse_mass(i);
      if (sources.force != nullptr) {
        const double* force = sources.force->u.row(j);
#pragma omp simd
        for (std::int64_t i = first; i < nx; ++i) rate[i] += force[i];
      }
      if (sources.drag > 0)
#pragma omp simd
        for (std::int64_t i = first; i < nx; ++i) rate[i] -= sources.drag * u[i];
      consume(j, static_cast<const double*>(rate), face);
      std::swap(south, north);
    }
  });
}

template <class Geometry, class Consume>
void MomentumBalance::for_rows_of_v(const Geometry& geometry, const FaceVelocity& velocity, const Array2& pressure,
                                    const Sources& sources, Consume consume) const {
  const double nu = viscosity_;
  const std::int64_t nx = cells_.nx;
  // In the cells of row j: convected momentum, and normal stress less pressure.
  const auto in_cells = [&](std::int64_t j, double* convected, double* stress) {
    const auto low = geometry.node_row(j), high = geometry.node_row(j + 1);
    const auto cell = geometry.face_row(j);
    const double *v = velocity.v.row(j), *v_up = velocity.v.row(j + 1), *p = pressure.row(j);
#pragma omp simd
    for (std::int64_t i = 0; i < nx; ++i) {
      const double below = low.length(i) * v[i], above = high.length(i) * v_up[i];
      convected[i] = 0.25 * (below + above) * (v[i] + v_up[i]);
      stress[i] = nu * (above - below) * cell.inverse_area(i) - p[i];
    }
  };
  in_blocks(first_v_, last_v_, [&](std::int64_t first, std::int64_t last) {
    RowBuffer rows[] = {RowBuffer(nx), RowBuffer(nx), RowBuffer(nx), RowBuffer(nx), RowBuffer(nx), RowBuffer(nx)};
    double *convected_down = rows[0].data(), *convected = rows[1].data(), *stress_down = rows[2].data(),
           *stress = rows[3].data(), *across = rows[4].data(), *rate = rows[5].data();
    in_cells(first - 1, convected_down, stress_down);
    for (std::int64_t j = first; j < last; ++j) {
      in_cells(j, convected, stress);
      const auto node = geometry.node_row(j);
      const auto below = geometry.face_row(j - 1), above = geometry.face_row(j);
      const double *v = velocity.v.row(j), *u = velocity.u.row(j), *u_down = velocity.u.row(j - 1);
#pragma omp simd
      for (std::int64_t i = 0; i <= nx; ++i)
        across[i] = 0.25 * (below.length(i) * u_down[i] + above.length(i) * u[i]) * (v[i - 1] + v[i]) -
                    nu * node.shear_v(i) * (v[i] - v[i - 1]);
#pragma omp simd
      for (std::int64_t i = 0; i < nx; ++i)
        rate[i] = (node.length(i) * (stress[i] - stress_down[i]) - (convected[i] - convected_down[i]) -
                   (across[i + 1] - across[i])) *
                  node.inverse_mass(i);
      if (sources.force != nullptr) {
        const double* force = sources.force->v.row(j);
#pragma omp simd
        for (std::int64_t i = 0; i < nx; ++i) rate[i] += force[i];
      }
      if (sources.drag > 0)
#pragma omp simd
        for (std::int64_t i = 0; i < nx; ++i) rate[i] -= sources.drag * v[i];
      if (sources.scalar != nullptr) {
        const double down = cells_.height(j - 1), up = cells_.height(j);
        const double of_low = sources.buoyancy * up / (down + up), of_high = sources.buoyancy * down / (down + up);
        const double *low = sources.scalar->row(j - 1), *high = sources.scalar->row(j);
#pragma omp simd
        for (std::int64_t i = 0; i < nx; ++i) rate[i] += (of_low * low[i] + of_high * high[i]) * node.is_open(i);
      }
      consume(j, static_cast<const double*>(rate), node);
      std::swap(convected_down, convected);
      std::swap(stress_down, stress);
    }
  });
}

void MomentumBalance::acceleration(const FaceVelocity& velocity, const Array2& pressure, const Sources& sources,
                                   FaceVelocity& out) const {
  with_geometry([&](const auto& geometry) {
    for_rows_of_u(geometry, velocity, pressure, sources, [&](std::int64_t j, const double* rate, const auto&) {
      std::copy(rate + first_u_, rate + last_u_, out.u.row(j) + first_u_);
    });
    for_rows_of_v(geometry, velocity, pressure, sources, [&](std::int64_t j, const double* rate, const auto&) {
      std::copy(rate, rate + cells_.nx, out.v.row(j));
    });
  });
}

void MomentumBalance::advance(const FaceVelocity& velocity, const Array2& pressure, const Sources& sources,
                              const FaceVelocity& start, const Stage& stage, FaceVelocity& next) const {
  const double keep = stage.keep, step = stage.step, dt = stage.dt;
  with_geometry([&](const auto& geometry) {
    constexpr bool has_walls = std::decay_t<decltype(geometry)>::has_walls;
    const double friction_dt = dt * viscosity_;
    const auto combine = [=](const double* rate, const auto& row, const double* u, const double* u_start, double* out,
                             std::int64_t first, std::int64_t last) {
#pragma omp simd
      for (std::int64_t i = first; i < last; ++i) {
        double moved = u[i] + dt * rate[i];
        if constexpr (has_walls) moved /= 1 + friction_dt * row.friction(i);
        out[i] = keep * u_start[i] + step * moved;
      }
    };
    for_rows_of_u(geometry, velocity, pressure, sources, [&](std::int64_t j, const double* rate, const auto& row) {
      combine(rate, row, velocity.u.row(j), start.u.row(j), next.u.row(j), first_u_, last_u_);
    });
    for_rows_of_v(geometry, velocity, pressure, sources, [&](std::int64_t j, const double* rate, const auto& row) {
      combine(rate, row, velocity.v.row(j), start.v.row(j), next.v.row(j), 0, cells_.nx);
    });
  });
}

void MomentumBalance::divergence(const FaceVelocity& velocity, double factor, std::vector<double>& out) const {
  const std::int64_t nx = cells_.nx;
  with_geometry([&](const auto& geometry) {
    in_blocks(0, cells_.ny, [&](std::int64_t low, std::int64_t high) {
      for (std::int64_t j = low; j < high; ++j) {
        const auto face = geometry.face_row(j);
        const auto below = geometry.node_row(j), above = geometry.node_row(j + 1);
        const double *u = velocity.u.row(j), *v = velocity.v.row(j), *v_up = velocity.v.row(j + 1);
        double* f = out.data() + j * nx;
#pragma omp simd
        for (std::int64_t i = 0; i < nx; ++i)
          f[i] = factor * (face.length(i + 1) * u[i + 1] - face.length(i) * u[i] + above.length(i) * v_up[i] -
                           below.length(i) * v[i]);
      }
    });
  });
}

void MomentumBalance::correct(const std::vector<double>& potential, double factor, FaceVelocity& velocity,
                              Array2& pressure) const {
  const std::int64_t nx = cells_.nx, ny = cells_.ny;
  const double* phi = potential.data();
  const auto is_outflow = [&](std::size_t side) { return sides_[side] == SideKind::outflow; };
  with_geometry([&](const auto& geometry) {
    in_blocks(0, ny, [&](std::int64_t low, std::int64_t high) {
      for (std::int64_t j = low; j < high; ++j) {
        const auto face = geometry.face_row(j);
        const auto node = geometry.node_row(j);
        const double* row = phi + j * nx;
        const double* down = phi + (j > 0 ? j - 1 : ny - 1) * nx;
        double *u = velocity.u.row(j), *v = velocity.v.row(j), *p = pressure.row(j);
#pragma omp simd
        for (std::int64_t i = 1; i < nx; ++i) u[i] -= factor * face.mobility(i) * (row[i] - row[i - 1]);
        if (first_u_ == 0) u[0] -= factor * face.mobility(0) * (row[0] - row[nx - 1]);
        if (j >= first_v_)
#pragma omp simd
          for (std::int64_t i = 0; i < nx; ++i) v[i] -= factor * node.mobility(i) * (row[i] - down[i]);
        const double* area = cells_.area.row(j);
        for (std::int64_t i = 0; i < nx; ++i) p[i] = area[i] > 0 ? p[i] + row[i] : 0;
      }
    });
  });
  // Outflow sides, beyond which the potential is zero.
  for (std::int64_t j = 0; j < ny; ++j) {
    if (is_outflow(0)) velocity.u(0, j) -= factor * geometry_.x.mobility(0, j) * phi[j * nx];
    if (is_outflow(1)) velocity.u(nx, j) += factor * geometry_.x.mobility(nx, j) * phi[j * nx + nx - 1];
  }
  for (std::int64_t i = 0; i < nx; ++i) {
    if (is_outflow(2)) velocity.v(i, 0) -= factor * geometry_.y.mobility(i, 0) * phi[i];
    if (is_outflow(3)) velocity.v(i, ny) += factor * geometry_.y.mobility(i, ny) * phi[(ny - 1) * nx + i];
  }
}

}  // namespace eddyline
