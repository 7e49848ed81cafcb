#include "solvers/incompressible/scalar_transport.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

namespace eddyline {
namespace {

constexpr std::int64_t block_rows = 16;
constexpr double least_capacity = 0.3;  // part of a whole cell

/// Half the slope that van Leer's limiter makes of the differences on both sides of a cell: their harmonic mean where
/// they agree in sign, else zero (J. Comput. Phys. 14 (1974) 361).
inline double half_slope(double before, double after) {
  const double product = before * after;
  return product > 0 ? product / (before + after) : 0;
}

}  // namespace

ScalarTransport::ScalarTransport(const CutCells& cells, const Sides& sides, const MomentumGeometry& geometry,
                                 double diffusivity, ScalarFlux flux)
    : cells_(cells),
      sides_(sides),
      diffusivity_(diffusivity),
      flux_(flux),
      length_x_(geometry.x.length),
      length_y_(geometry.y.length),
      inverse_capacity_(cells.nx, cells.ny),
      diffusive_(cells.nx, cells.ny),
      along_x_(cells.dx),
      along_y_(cells.dy) {
  for (std::int64_t j = 0; j < cells.ny; ++j)
    for (std::int64_t i = 0; i < cells.nx; ++i) {
      if (cells.area(i, j) <= 0) continue;
      inverse_capacity_(i, j) = 1 / std::max(cells.area(i, j), least_capacity * cells.width(i) * cells.height(j));
      const auto x = static_cast<std::size_t>(i + 1), y = static_cast<std::size_t>(j + 1);
      diffusive_(i, j) =
          diffusivity * inverse_capacity_(i, j) *
          (length_x_(i, j) * along_x_.inverse_distance[x] + length_x_(i + 1, j) * along_x_.inverse_distance[x + 1] +
           length_y_(i, j) * along_y_.inverse_distance[y] + length_y_(i, j + 1) * along_y_.inverse_distance[y + 1]);
    }
}

void ScalarTransport::fill_ghosts(Array2& s) const {
  const std::int64_t nx = cells_.nx, ny = cells_.ny;
  const auto image = [](std::int64_t k, std::int64_t count, bool is_periodic) {
    if (is_periodic) return (k % count + count) % count;
    return std::clamp<std::int64_t>(k, 0, count - 1);
  };
  for (std::int64_t j = 0; j < ny; ++j)
    for (const std::int64_t i : {std::int64_t{-2}, std::int64_t{-1}, nx, nx + 1})
      s(i, j) = s(image(i, nx, sides_.periodic_x()), j);
  for (const std::int64_t j : {std::int64_t{-2}, std::int64_t{-1}, ny, ny + 1})
    std::copy_n(s.row(image(j, ny, sides_.periodic_y())) - 2, nx + 4, s.row(j) - 2);
}

ScalarTransport::Ends ScalarTransport::ends(int axis, double time) const {
  Ends out;
  if (sides_.side(2 * axis).prescribes_scalar()) sides_.scalar_values(2 * axis, time, out.low);
  if (sides_.side(2 * axis + 1).prescribes_scalar()) sides_.scalar_values(2 * axis + 1, time, out.high);
  return out;
}

double ScalarTransport::side_flux(int side, std::int64_t along, const Array2& s, double carried,
                                  const std::vector<double>& prescribed) const {
  const bool is_x = side / 2 == 0, is_low = side % 2 == 0;
  const std::int64_t count = is_x ? cells_.nx : cells_.ny, first = is_low ? 0 : count - 1,
                     second = is_low ? first + 1 : first - 1;
  const auto at = [&](std::int64_t k) { return is_x ? s(k, along) : s(along, k); };
  if (prescribed.empty()) return carried * at(first);
  const auto area = [&](std::int64_t k) { return is_x ? cells_.area(k, along) : cells_.area(along, k); };
  const auto width = [&](std::int64_t k) { return is_x ? cells_.width(k) : cells_.height(k); };
  const double length = is_x ? length_x_(is_low ? 0 : count, along) : length_y_(along, is_low ? 0 : count);
  const double value = prescribed[static_cast<std::size_t>(along)];
  const bool takes_two = flux_ == ScalarFlux::central && count > 1 && area(second) > 0;
  const auto weights =
      boundary_derivative(width(first), takes_two ? std::optional<double>(width(second)) : std::nullopt);
  const double derivative = weights[0] * value + weights[1] * at(first) + (takes_two ? weights[2] * at(second) : 0);
  return carried * (carried > 0 ? value : at(first)) - diffusivity_ * length * derivative;
}

template <ScalarFlux flux, class Consume>
void ScalarTransport::for_rows_with(const FaceVelocity& velocity, const Array2& s, double time, const Array2* source,
                                    Consume consume) const {
  const std::int64_t nx = cells_.nx, ny = cells_.ny;
  const Ends x_ends = ends(0, time), y_ends = ends(1, time);
  const double* inverse_distance = along_x_.inverse_distance.data() + 1;
  // Through node row j, upwards.
  const auto through_nodes = [&](std::int64_t j, double* out) {
    const double *v = velocity.v.row(j), *length = length_y_.row(j);
    if (!sides_.periodic_y() && (j == 0 || j == ny)) {
      for (std::int64_t i = 0; i < nx; ++i)
        out[i] = j == 0 ? side_flux(2, i, s, length[i] * v[i], y_ends.low)
                        : -side_flux(3, i, s, -length[i] * v[i], y_ends.high);
      return;
    }
    const double conductivity = diffusivity_ * along_y_.inverse_distance[static_cast<std::size_t>(j + 1)];
    const double *low = s.row(j - 1), *high = s.row(j), *lower = s.row(j - 2), *higher = s.row(j + 1);
    const double *length_low = length_y_.row(j - 1), *length_high = length_y_.row(j + 1);
#pragma omp simd
    for (std::int64_t i = 0; i < nx; ++i) {
      const double volume = length[i] * v[i], difference = high[i] - low[i];
      double carried = 0.5 * (low[i] + high[i]);
      if constexpr (flux == ScalarFlux::van_leer) {
        const double before = length_low[i] > 0 ? low[i] - lower[i] : 0;
        const double after = length_high[i] > 0 ? higher[i] - high[i] : 0;
        carried = volume > 0 ? low[i] + half_slope(before, difference) : high[i] - half_slope(difference, after);
      }
      out[i] = volume * carried - conductivity * length[i] * difference;
    }
  };
#pragma omp parallel for schedule(static)
  for (std::int64_t first = 0; first < ny; first += block_rows) {
    std::vector<double> south_row(static_cast<std::size_t>(nx)), north_row(south_row), rate_row(south_row),
        across_row(static_cast<std::size_t>(nx + 1));
    double *south = south_row.data(), *north = north_row.data(), *across = across_row.data(), *rate = rate_row.data();
    through_nodes(first, south);
    for (std::int64_t j = first; j < std::min(first + block_rows, ny); ++j) {
      through_nodes(j + 1, north);
      const double *u = velocity.u.row(j), *length = length_x_.row(j), *row = s.row(j);
      const std::int64_t low = sides_.periodic_x() ? 0 : 1, high = sides_.periodic_x() ? nx : nx - 1;
#pragma omp simd
      for (std::int64_t i = low; i <= high; ++i) {
        const double volume = length[i] * u[i], difference = row[i] - row[i - 1];
        double carried = 0.5 * (row[i - 1] + row[i]);
        if constexpr (flux == ScalarFlux::van_leer) {
          const double before = length[i - 1] > 0 ? row[i - 1] - row[i - 2] : 0;
          const double after = length[i + 1] > 0 ? row[i + 1] - row[i] : 0;
          carried = volume > 0 ? row[i - 1] + half_slope(before, difference) : row[i] - half_slope(difference, after);
        }
        across[i] = volume * carried - diffusivity_ * inverse_distance[i] * length[i] * difference;
      }
      if (!sides_.periodic_x()) {
        across[0] = side_flux(0, j, s, length[0] * u[0], x_ends.low);
        across[nx] = -side_flux(1, j, s, -length[nx] * u[nx], x_ends.high);
      }
      const double* inverse = inverse_capacity_.row(j);
#pragma omp simd
      for (std::int64_t i = 0; i < nx; ++i) rate[i] = -(across[i + 1] - across[i] + north[i] - south[i]) * inverse[i];
      if (source != nullptr) {
        const double* added = source->row(j);
#pragma omp simd
        for (std::int64_t i = 0; i < nx; ++i) rate[i] += added[i];
      }
      consume(j, static_cast<const double*>(rate));
      std::swap(south, north);
    }
  }
}

template <class Consume>
void ScalarTransport::for_rows(const FaceVelocity& velocity, const Array2& scalar, double time, const Array2* source,
                               Consume consume) const {
  if (flux_ == ScalarFlux::central) {
    for_rows_with<ScalarFlux::central>(velocity, scalar, time, source, consume);
  } else {
    for_rows_with<ScalarFlux::van_leer>(velocity, scalar, time, source, consume);
  }
}

void ScalarTransport::advance(const FaceVelocity& velocity, const Array2& scalar, double time, const Array2* source,
                              const Array2& start, const Stage& stage, Array2& next) const {
  for_rows(velocity, scalar, time, source, [&](std::int64_t j, const double* rate) {
    const double *s = scalar.row(j), *s_start = start.row(j);
    double* out = next.row(j);
#pragma omp simd
    for (std::int64_t i = 0; i < cells_.nx; ++i)
      out[i] = stage.keep * s_start[i] + stage.step * (s[i] + stage.dt * rate[i]);
  });
  fill_ghosts(next);
}

void ScalarTransport::rate(const FaceVelocity& velocity, const Array2& scalar, double time, const Array2* source,
                           Array2& out) const {
  for_rows(velocity, scalar, time, source,
           [&](std::int64_t j, const double* rate) { std::copy_n(rate, cells_.nx, out.row(j)); });
}

double ScalarTransport::stability_rate(const FaceVelocity& velocity, std::int64_t i, std::int64_t j) const {
  const double west = length_x_(i, j) * velocity.u(i, j), east = length_x_(i + 1, j) * velocity.u(i + 1, j);
  const double south = length_y_(i, j) * velocity.v(i, j), north = length_y_(i, j + 1) * velocity.v(i, j + 1);
  const double through = 0.5 * (std::abs(west) + std::abs(east) + std::abs(south) + std::abs(north));
  // van_leer: s >= 0 loses at most 2 s through every face that the flow leaves by. central: SSP-RK3 is stable up to
  // 1.73 on the imaginary axis (convection) and 2.51 on the real one (diffusion).
  if (flux_ == ScalarFlux::van_leer) return 2 * through * inverse_capacity_(i, j) + 1.5 * diffusive_(i, j);
  return through * inverse_capacity_(i, j) / 1.73 + 2 * diffusive_(i, j) / 2.51;
}

double ScalarTransport::mean(const Array2& scalar) const {
  double sum = 0, capacity = 0;
  for (std::int64_t j = 0; j < cells_.ny; ++j)
    for (std::int64_t i = 0; i < cells_.nx; ++i) {
      if (cells_.area(i, j) <= 0) continue;
      sum += scalar(i, j) / inverse_capacity_(i, j);
      capacity += 1 / inverse_capacity_(i, j);
    }
  return sum / capacity;
}

ScalarTransport::SideHeat ScalarTransport::side_heat(int side, const Array2& scalar, double time) const {
  const Ends at = ends(side / 2, time);
  const auto& prescribed = side % 2 == 0 ? at.low : at.high;
  SideHeat heat{0, 0, 0};
  for (std::size_t k = 0; k < prescribed.size(); ++k) {
    const auto along = static_cast<std::int64_t>(k);
    const bool is_x = side / 2 == 0;
    const double length =
        is_x ? length_x_(side % 2 == 0 ? 0 : cells_.nx, along) : length_y_(along, side % 2 == 0 ? 0 : cells_.ny);
    heat.inflow += side_flux(side, along, scalar, 0, prescribed);
    heat.length += length;
    heat.value += prescribed[k] * length;
  }
  if (heat.length > 0) heat.value /= heat.length;
  return heat;
}

}  // namespace eddyline
