#include "solvers/linear/box_poisson.hpp"

#include <omp.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "solvers/linear/line_eigenvectors.hpp"

namespace eddyline {
namespace {

constexpr std::int64_t columns_together = 64;

PoissonAxis checked(const PoissonAxis& axis) {
  if (axis.low == PoissonEnd::periodic && axis.widths.size() < 2)
    throw ConfigError("grid: a periodic axis needs two cells at least, this one has one");
  return axis;
}

}  // namespace

BoxPoisson::BoxPoisson(const PoissonAxis& x, const PoissonAxis& y, const PoissonAxis& z)
    : x_(checked(x)),
      y_(checked(y)),
      nx_(x_.cells()),
      ny_(y_.cells()),
      nz_(static_cast<std::int64_t>(checked(z).widths.size())),
      length_(x_.row_length()),
      planes_together_(std::clamp<std::int64_t>(32768 / (nx_ * ny_), 1, 16)),
      is_singular_(!fixes_the_constant(x) && !fixes_the_constant(y) && !fixes_the_constant(z)),
      wraps_(z.low == PoissonEnd::periodic) {
  // Of every mode the matrix (T_z + lambda W_z) / weight, symmetric, as L D
  // L^T.
  const LineOperator line(z);
  const auto lambda_x = x_.row_eigenvalues();
  const auto& lambda_y = y_.column_eigenvalues();
  const double scale = 1 / (x_.weight() * y_.weight());
  const std::int64_t plane = ny_ * length_, last = nz_ - 1;
  for (std::int64_t k = 0; k < last; ++k) off_diagonal_.push_back(scale * line.upper[static_cast<std::size_t>(k)]);
  inverse_pivots_.resize(static_cast<std::size_t>(nz_ * plane));
  if (wraps_) corner_.resize(inverse_pivots_.size());
  const auto most = [](const auto& values) { return std::abs(*std::min_element(values.begin(), values.end())); };
  const double tiny = 1e-10 * std::max(most(lambda_x), most(lambda_y));
  std::vector<double> diagonal(static_cast<std::size_t>(nz_));
  for (std::int64_t j = 0; j < ny_; ++j)
    for (std::int64_t i = 0; i < length_; ++i) {
      const double lambda = lambda_x[static_cast<std::size_t>(i)] + lambda_y[static_cast<std::size_t>(j)];
      for (std::size_t k = 0; k < diagonal.size(); ++k) diagonal[k] = scale * (line.diagonal[k] + lambda * z.widths[k]);
      double corner = scale * line.wrap;  // joins plane k and the last one
      for (std::int64_t k = 0; k < last; ++k) {
        const double off = off_diagonal_[static_cast<std::size_t>(k)];
        const bool meets = wraps_ && k + 1 == last;
        if (meets) corner += off;
        const double inverse = 1 / diagonal[static_cast<std::size_t>(k)];
        const auto at = static_cast<std::size_t>(k * plane + j * length_ + i);
        inverse_pivots_[at] = inverse;
        if (wraps_) {
          corner_[at] = corner * inverse;
          diagonal[static_cast<std::size_t>(last)] -= corner * corner * inverse;
          corner = -corner * off * inverse;
        }
        if (!meets) diagonal[static_cast<std::size_t>(k + 1)] -= off * off * inverse;
      }
      const bool is_free_constant = is_singular_ && std::abs(lambda) <= tiny;  // fixed: zero in the last plane
      inverse_pivots_[static_cast<std::size_t>(last * plane + j * length_ + i)] =
          is_free_constant ? 0 : 1 / diagonal[static_cast<std::size_t>(last)];
    }
}

/// Modes are independent; each thread eliminates its own range of them.
void BoxPoisson::eliminate(double* modes) const {
  const std::int64_t plane = ny_ * length_, last = nz_ - 1;
#pragma omp parallel for schedule(static)
  for (std::int64_t first = 0; first < plane; first += columns_together) {
    const std::int64_t count = std::min(columns_together, plane - first);
    double* end = modes + last * plane + first;
    for (std::int64_t k = 0; k < last; ++k) {
      double* row = modes + k * plane + first;
      const double* before = k > 0 ? row - plane : row;
      const double* inverse = inverse_pivots_.data() + k * plane + first;
      const double off = k > 0 ? off_diagonal_[static_cast<std::size_t>(k - 1)] : 0;
      if (wraps_) {
        const double* corner = corner_.data() + k * plane + first;
#pragma omp simd
        for (std::int64_t i = 0; i < count; ++i) {
          const double value = row[i] - off * before[i];
          row[i] = value * inverse[i];
          end[i] -= corner[i] * value;
        }
      } else {
#pragma omp simd
        for (std::int64_t i = 0; i < count; ++i) row[i] = (row[i] - off * before[i]) * inverse[i];
      }
    }
    const double* end_inverse = inverse_pivots_.data() + last * plane + first;
    const double* before_end = last > 0 ? end - plane : end;
    const double end_off = wraps_ || last == 0 ? 0 : off_diagonal_[static_cast<std::size_t>(last - 1)];
#pragma omp simd
    for (std::int64_t i = 0; i < count; ++i) end[i] = (end[i] - end_off * before_end[i]) * end_inverse[i];
    for (std::int64_t k = last - 1; k >= 0; --k) {
      double* row = modes + k * plane + first;
      const double* after = row + plane;
      const double* inverse = inverse_pivots_.data() + k * plane + first;
      const double off = wraps_ && k + 1 == last ? 0 : off_diagonal_[static_cast<std::size_t>(k)];
      if (wraps_) {
        const double* corner = corner_.data() + k * plane + first;
#pragma omp simd
        for (std::int64_t i = 0; i < count; ++i) row[i] -= off * inverse[i] * after[i] + corner[i] * end[i];
      } else {
#pragma omp simd
        for (std::int64_t i = 0; i < count; ++i) row[i] -= off * inverse[i] * after[i];
      }
    }
  }
}

void BoxPoisson::solve(AlignedValues& field, Work& work, const Planes& make, const Planes& use) const {
  const std::int64_t plane = ny_ * length_, group = planes_together_;
  work.modes.resize(static_cast<std::size_t>(nz_ * plane));
  const std::int64_t block = (group * ny_ * std::max(length_, nx_ + 2) + 7) / 8 * 8;
  work.scratch.resize(static_cast<std::size_t>(4 * block * omp_get_max_threads()));
#pragma omp parallel for schedule(static)
  for (std::int64_t first = 0; first < nz_; first += group) {
    const std::int64_t count = std::min(group, nz_ - first);
    double* rows = work.scratch.data() + 4 * block * omp_get_thread_num();
    make(first, first + count);
    x_.rows_forward(field.data() + first * ny_ * nx_, rows, count * ny_, rows + block);
    y_.columns_forward(rows, work.modes.data() + first * plane, count, length_, x_.makes_pairs(), rows + block);
  }
  eliminate(work.modes.data());
#pragma omp parallel for schedule(static)
  for (std::int64_t first = 0; first < nz_; first += group) {
    const std::int64_t count = std::min(group, nz_ - first);
    double* rows = work.scratch.data() + 4 * block * omp_get_thread_num();
    y_.columns_backward(work.modes.data() + first * plane, rows, count, length_, x_.makes_pairs(), rows + block);
    x_.rows_backward(rows, field.data() + first * ny_ * nx_, count * ny_, rows + block);
    use(first, first + count);
  }
}

}  // namespace eddyline
