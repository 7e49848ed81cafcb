#include "solvers/linear/tensor_product_poisson.hpp"

#include <algorithm>
#include <cmath>

#include "solvers/linear/axis_transform.hpp"
#include "solvers/linear/line_operator.hpp"

namespace eddyline {
namespace {

constexpr std::int64_t block_lines = 32, block_slots = 64;

}  // namespace

TensorProductPoisson::TensorProductPoisson(PoissonAxis x, PoissonAxis y)
    : nx_(static_cast<std::int64_t>(x.widths.size())) {
  is_singular_ = !fixes_the_constant(x) && !fixes_the_constant(y);
  const auto of_x = std::make_shared<const AxisTransform>(x), of_y = std::make_shared<const AxisTransform>(y);
  along_x_ = of_x->cost() * static_cast<double>(y.widths.size()) <= of_y->cost() * static_cast<double>(x.widths.size());
  transform_ = along_x_ ? of_x : of_y;
  const PoissonAxis& across = along_x_ ? y : x;
  const LineOperator line = line_operator(across);
  line_count_ = static_cast<std::int64_t>(across.widths.size());
  is_ring_ = line.wrap > 0;
  slots_ = transform_->row_length();
  const auto slots = static_cast<std::size_t>(slots_), lines = across.widths.size();
  const auto lambda = transform_->row_eigenvalues();
  const double scale = 1 / transform_->weight();
  const double tiny = 1e-10 * std::abs(*std::min_element(lambda.begin(), lambda.end()));
  lower_ = line.lower;
  upper_ = line.upper;
  for (double& value : lower_) value *= scale;
  for (double& value : upper_) value *= scale;
  wrap_ = scale * line.wrap;
  inverse_.resize(lines * slots);
  if (is_ring_) ring_.assign(lines * slots, 0.0);
  for (std::size_t k = 0; k < slots; ++k) {
    const auto pivot = [&](std::size_t j) { return scale * (line.diagonal[j] + lambda[k] * across.widths[j]); };
    const bool is_constant = is_singular_ && std::abs(lambda[k]) < tiny;
    double before = 0;
    for (std::size_t j = 0; j < lines; ++j) {
      const double reduced = pivot(j) - (j > 0 ? lower_[j] * upper_[j - 1] * before : 0);
      // The constant of a singular problem: zero in the last line of that mode.
      before = is_constant && j + 1 == lines ? 0 : 1 / reduced;
      inverse_[j * slots + k] = before;
    }
    if (!is_ring_) continue;
    // The lines but the last are eliminated first: their answer to one unit in the last, and what is left of its pivot.
    std::vector<double> answer(lines - 1, 0.0);
    answer.front() -= wrap_;
    answer.back() -= upper_[lines - 2];
    for (std::size_t j = 0; j + 1 < lines; ++j)
      answer[j] = (answer[j] - (j > 0 ? lower_[j] * answer[j - 1] : 0)) * inverse_[j * slots + k];
    for (std::size_t j = lines - 2; j-- > 0;) answer[j] -= upper_[j] * inverse_[j * slots + k] * answer[j + 1];
    for (std::size_t j = 0; j + 1 < lines; ++j) ring_[j * slots + k] = answer[j];
    const double left = pivot(lines - 1) + wrap_ * answer.front() + lower_[lines - 1] * answer.back();
    inverse_[(lines - 1) * slots + k] = is_constant ? 0 : 1 / left;
  }
}

namespace {

/// Copies `count` lines of `points` values, strided over the field, into consecutive rows, and back.
void gather(const double* field, std::int64_t count, std::int64_t points, std::int64_t between_lines,
            std::int64_t between_points, double* rows) {
  if (between_points == 1) {
    for (std::int64_t line = 0; line < count; ++line)
      std::copy_n(field + line * between_lines, points, rows + line * points);
    return;
  }
  for (std::int64_t i = 0; i < points; ++i)
    for (std::int64_t line = 0; line < count; ++line)
      rows[line * points + i] = field[line * between_lines + i * between_points];
}
void scatter(const double* rows, std::int64_t count, std::int64_t points, std::int64_t between_lines,
             std::int64_t between_points, double* field) {
  if (between_points == 1) {
    for (std::int64_t line = 0; line < count; ++line)
      std::copy_n(rows + line * points, points, field + line * between_lines);
    return;
  }
  for (std::int64_t i = 0; i < points; ++i)
    for (std::int64_t line = 0; line < count; ++line)
      field[line * between_lines + i * between_points] = rows[line * points + i];
}

}  // namespace

void TensorProductPoisson::to_modes(const std::vector<double>& field, AlignedValues& modes, LineRange range) const {
  modes.resize(inverse_.size());
  const std::int64_t points = transform_->cells(), between_lines = along_x_ ? nx_ : 1,
                     between_points = along_x_ ? 1 : nx_;
#pragma omp parallel for schedule(static)
  for (std::int64_t first = range.first; first < range.last; first += block_lines) {
    const std::int64_t count = std::min(block_lines, range.last - first);
    AlignedValues rows(static_cast<std::size_t>(count * points)),
        scratch(static_cast<std::size_t>(2 * count * (points + 2)));
    gather(field.data() + first * between_lines, count, points, between_lines, between_points, rows.data());
    transform_->rows_forward(rows.data(), modes.data() + first * slots_, count, scratch.data());
  }
}

void TensorProductPoisson::from_modes(const AlignedValues& modes, std::vector<double>& field, LineRange range) const {
  const std::int64_t points = transform_->cells(), between_lines = along_x_ ? nx_ : 1,
                     between_points = along_x_ ? 1 : nx_;
#pragma omp parallel for schedule(static)
  for (std::int64_t first = range.first; first < range.last; first += block_lines) {
    const std::int64_t count = std::min(block_lines, range.last - first);
    AlignedValues rows(static_cast<std::size_t>(count * points)),
        scratch(static_cast<std::size_t>(2 * count * (points + 2)));
    transform_->rows_backward(modes.data() + first * slots_, rows.data(), count, scratch.data());
    scatter(rows.data(), count, points, between_lines, between_points, field.data() + first * between_lines);
  }
}

/// Slots are independent: each thread eliminates its own range of them, vectorised over the slots.
void TensorProductPoisson::eliminate(AlignedValues& modes) const {
  const std::int64_t slots = slots_, last_line = line_count_ - (is_ring_ ? 2 : 1);
#pragma omp parallel for schedule(static)
  for (std::int64_t first = 0; first < slots; first += block_slots) {
    const std::int64_t last = std::min(first + block_slots, slots);
    for (std::int64_t j = 0; j <= last_line; ++j) {
      double* row = modes.data() + j * slots;
      const double* before = j > 0 ? row - slots : row;
      const double* inverse = inverse_.data() + j * slots;
      const double lower = j > 0 ? lower_[static_cast<std::size_t>(j)] : 0;
#pragma omp simd
      for (std::int64_t k = first; k < last; ++k) row[k] = (row[k] - lower * before[k]) * inverse[k];
    }
    for (std::int64_t j = last_line - 1; j >= 0; --j) {
      double* row = modes.data() + j * slots;
      const double* after = row + slots;
      const double* inverse = inverse_.data() + j * slots;
      const double upper = upper_[static_cast<std::size_t>(j)];
#pragma omp simd
      for (std::int64_t k = first; k < last; ++k) row[k] -= upper * inverse[k] * after[k];
    }
    if (is_ring_) close_the_ring(modes.data(), first, last);
  }
}

void TensorProductPoisson::close_the_ring(double* modes, std::int64_t first, std::int64_t last) const {
  const std::int64_t slots = slots_;
  double* end = modes + (line_count_ - 1) * slots;
  const double* before = end - slots;
  const double* inverse = inverse_.data() + (line_count_ - 1) * slots;
  const double lower = lower_[static_cast<std::size_t>(line_count_ - 1)], wrap = wrap_;
#pragma omp simd
  for (std::int64_t k = first; k < last; ++k) end[k] = (end[k] - wrap * modes[k] - lower * before[k]) * inverse[k];
  for (std::int64_t j = 0; j + 1 < line_count_; ++j) {
    double* row = modes + j * slots;
    const double* answer = ring_.data() + j * slots;
#pragma omp simd
    for (std::int64_t k = first; k < last; ++k) row[k] += answer[k] * end[k];
  }
}

void TensorProductPoisson::solve(std::vector<double>& field, AlignedValues& modes) const {
  to_modes(field, modes, all_lines());
  eliminate(modes);
  from_modes(modes, field, all_lines());
}

}  // namespace eddyline
