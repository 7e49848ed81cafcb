#include "solvers/incompressible/box_scalar.hpp"

#include <algorithm>

#include "solvers/grid/rows.hpp"
#include "solvers/reconstruction/muscl.hpp"

namespace eddyline {

BoxScalar::BoxScalar(std::array<AxisMetrics, 3> axes, double diffusivity, bool is_limited)
    : axes_(std::move(axes)), diffusivity_(diffusivity), is_limited_(is_limited) {}

/// Flux through the faces at the low ends of the cells of a row; along the row also through its last end.
template <int Axis>
void BoxScalar::fluxes(const PaddedField& velocity, const PaddedField& scalar, int j, int k, double* out) const {
  const double* base = scalar.row(0, 0, 0);
  const std::array<std::ptrdiff_t, 3> strides = {1, scalar.row(0, 1, 0) - base, scalar.row(0, 0, 1) - base};
  const std::ptrdiff_t step = strides[Axis];
  const int nx = axes_[0].cells(), count = Axis == 0 ? nx + 1 : nx;
  const AxisMetrics& axis = axes_[Axis];
  const double *s = scalar.row(0, j, k), *u = velocity.row(Axis, j, k);
  const std::array<int, 3> index = {0, j, k};
  const double* distances = axis.inverse_distance();
  const double diffusivity = diffusivity_;
  const auto diffusion_at = [&](int i) { return diffusivity * distances[Axis == 0 ? i : index[Axis]]; };
  const auto side_flux = [&](int i, bool is_low) {
    const double low = s[i - step], high = s[i], inside = is_low ? high : low;
    const double value = (is_low ? u[i] > 0 : u[i] < 0) ? 0.5 * (low + high) : inside;
    return u[i] * value - diffusion_at(i) * (high - low);
  };
  if (Axis != 0 && !axis.is_periodic() && (index[Axis] == 0 || index[Axis] == axis.cells())) {
    for (int i = 0; i < count; ++i) out[i] = side_flux(i, index[Axis] == 0);
    return;
  }
  if (is_limited_) {
    for_cells<double>(count, [&]<class Real>(int i) {
      const Real low = load<Real>(s + i - step), high = load<Real>(s + i), speed = load<Real>(u + i);
      const auto from_low = speed > 0.0;
      const Real difference = high - low;
      const Real upwind =
          select(from_low, Real(low - load<Real>(s + i - 2 * step)), Real(load<Real>(s + i + step) - high));
      const Real half = 0.5 * VanLeer{}(upwind, difference);
      const Real value = select(from_low, Real(low + half), Real(high - half));
      Real diffusion;
      if constexpr (Axis == 0) {
        diffusion = diffusivity * load<Real>(distances + i);
      } else {
        diffusion = diffusivity * distances[index[Axis]];
      }
      store(out + i, Real(speed * value - diffusion * difference));
    });
  } else {
#pragma omp simd
    for (int i = 0; i < count; ++i) out[i] = u[i] * 0.5 * (s[i - step] + s[i]) - diffusion_at(i) * (s[i] - s[i - step]);
  }
  if (Axis == 0 && !axis.is_periodic()) {
    out[0] = side_flux(0, true);
    out[nx] = side_flux(nx, false);
  }
}

void BoxScalar::advance(const PaddedField& velocity, const PaddedField& from, const PaddedField& start,
                        const StageWeights& weights, PaddedField& to, int first, int last) const {
  const int nx = axes_[0].cells(), ny = axes_[1].cells();
  const auto row_length = static_cast<std::size_t>(nx) + 1;
  // Each face's flux is made once: those between planes and rows are kept for the next one.
  AlignedValues between_planes(row_length * static_cast<std::size_t>(ny)), along(row_length), low(row_length),
      high(row_length), top(row_length);
  for (int j = 0; j < ny; ++j)
    fluxes<2>(velocity, from, j, first, between_planes.data() + static_cast<std::size_t>(j) * row_length);
  for (int k = first; k < last; ++k) {
    fluxes<1>(velocity, from, 0, k, low.data());
    for (int j = 0; j < ny; ++j) {
      fluxes<0>(velocity, from, j, k, along.data());
      fluxes<1>(velocity, from, j + 1, k, high.data());
      fluxes<2>(velocity, from, j, k + 1, top.data());
      double* bottom = between_planes.data() + static_cast<std::size_t>(j) * row_length;
      const double *flux_x = along.data(), *flux_low = low.data(), *flux_high = high.data(), *flux_top = top.data();
      const double *s = from.row(0, j, k), *s0 = start.row(0, j, k), *width = axes_[0].inverse_width();
      const double in_y = axes_[1].inverse_width()[j], in_z = axes_[2].inverse_width()[k];
      const double keep = weights.keep, carry = weights.carry, rate = weights.rate;
      double* out = to.row(0, j, k);
#pragma omp simd
      for (int i = 0; i < nx; ++i) {
        const double sum = (flux_x[i] - flux_x[i + 1]) * width[i] + (flux_low[i] - flux_high[i]) * in_y +
                           (bottom[i] - flux_top[i]) * in_z;
        out[i] = keep * s0[i] + carry * s[i] + rate * sum;
        bottom[i] = flux_top[i];
      }
      std::swap(low, high);
    }
  }
}

}  // namespace eddyline
