#include "solvers/incompressible/box_momentum.hpp"

namespace eddyline {
namespace {

/// A length of the grid at cell or face i of a row: it changes along the row, or is the same everywhere on it.
template <bool ChangesAlongRow>
struct RowLength {
  RowLength(const double* lengths, int index) : at(lengths), value(lengths[index]) {}
  double operator[](int i) const {
    if constexpr (ChangesAlongRow) {
      return at[i];
    } else {
      return value;
    }
  }
  const double* at;
  double value;
};

}  // namespace

BoxMomentum::BoxMomentum(std::array<AxisMetrics, 3> axes, double viscosity)
    : axes_(std::move(axes)), viscosity_(viscosity) {}

template <int Component, bool Keeps>
void BoxMomentum::advance_row(const PaddedField& from, const PaddedField& start, const StageWeights& weights,
                              PaddedField& to, int j, int k) const {
  constexpr int c = Component, a = c == 0 ? 1 : 0, b = c == 2 ? 1 : 2;  // along the face's normal and across it
  const double* base = from.row(0, 0, 0);
  const std::array<std::ptrdiff_t, 3> strides = {1, from.row(0, 1, 0) - base, from.row(0, 0, 1) - base};
  const std::ptrdiff_t sc = strides[c], sa = strides[a], sb = strides[b];
  const std::array<int, 3> index = {0, j, k};
  const auto& normal = axes_[c];
  const auto &across_a = axes_[a], &across_b = axes_[b];
  const RowLength<c == 0> inverse_distance(normal.inverse_distance(), index[c]),
      inverse_width_high(normal.inverse_width(), index[c]), inverse_width_low(normal.inverse_width() - 1, index[c]),
      low_part(normal.low_part(), index[c]), high_part(normal.high_part(), index[c]);
  const RowLength<a == 0> width_a(across_a.inverse_width(), index[a]), low_a(across_a.inverse_distance(), index[a]),
      high_a(across_a.inverse_distance() + 1, index[a]);
  const RowLength<b == 0> width_b(across_b.inverse_width(), index[b]), low_b(across_b.inverse_distance(), index[b]),
      high_b(across_b.inverse_distance() + 1, index[b]);

  const double *q = from.row(c, j, k), *va = from.row(a, j, k), *vb = from.row(b, j, k);
  const double* q0 = start.row(c, j, k);
  double* out = to.row(c, j, k);
  const double nu = viscosity_, keep = weights.keep, carry = weights.carry, rate = weights.rate;
  const int first = c == 0 ? normal.first_inner_face() : 0, last = axes_[0].cells();
#pragma omp simd
  for (int i = first; i < last; ++i) {
    const double here = q[i], ahead = q[i + sc], behind = q[i - sc];
    // Along the normal: both the mass flux and the value are means of two faces.
    const double sum_high = here + ahead, sum_low = behind + here;
    double sum =
        inverse_distance[i] * (0.25 * (sum_low * sum_low - sum_high * sum_high) +
                               nu * ((ahead - here) * inverse_width_high[i] - (here - behind) * inverse_width_low[i]));
    // Across it: the carrying velocity is the mean over the control volume, halves of cells on both sides of the face.
    const double half_low = 0.5 * low_part[i], half_high = 0.5 * high_part[i];
    {
      const double high = q[i + sa], low = q[i - sa];
      const double flux_high = half_low * va[i + sa - sc] + half_high * va[i + sa];
      const double flux_low = half_low * va[i - sc] + half_high * va[i];
      sum += width_a[i] * (flux_low * (low + here) - flux_high * (here + high) +
                           nu * ((high - here) * high_a[i] - (here - low) * low_a[i]));
    }
    {
      const double high = q[i + sb], low = q[i - sb];
      const double flux_high = half_low * vb[i + sb - sc] + half_high * vb[i + sb];
      const double flux_low = half_low * vb[i - sc] + half_high * vb[i];
      sum += width_b[i] * (flux_low * (low + here) - flux_high * (here + high) +
                           nu * ((high - here) * high_b[i] - (here - low) * low_b[i]));
    }
    if constexpr (Keeps) {
      out[i] = keep * q0[i] + carry * here + rate * sum;
    } else {
      out[i] = carry * here + rate * sum;
    }
  }
}

void BoxMomentum::advance(const PaddedField& from, const PaddedField& start, const StageWeights& weights,
                          PaddedField& to, int first, int last) const {
  const auto row = [&]<bool Keeps>(int j, int k) {
    advance_row<0, Keeps>(from, start, weights, to, j, k);
    if (j >= axes_[1].first_inner_face()) advance_row<1, Keeps>(from, start, weights, to, j, k);
    if (k >= axes_[2].first_inner_face()) advance_row<2, Keeps>(from, start, weights, to, j, k);
  };
  for (int k = first; k < last; ++k)
    for (int j = 0; j < axes_[1].cells(); ++j) {
      if (weights.keep != 0) {
        row.template operator()<true>(j, k);
      } else {
        row.template operator()<false>(j, k);
      }
    }
}

}  // namespace eddyline
