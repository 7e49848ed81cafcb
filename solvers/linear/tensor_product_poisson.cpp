#include "solvers/linear/tensor_product_poisson.hpp"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <algorithm>
#include <cmath>

#include "solvers/linear/line_operator.hpp"

namespace eddyline {
namespace {

constexpr std::int64_t block_rows = 32;

/// out = in * matrix for row-major [rows][n] arrays, in fixed blocks of rows: the same bits for any number of threads.
void multiply_rows(const double* in, const at::Tensor& matrix, double* out, std::int64_t rows) {
  const std::int64_t inner = matrix.size(0), columns = matrix.size(1);
#pragma omp parallel for schedule(static)
  for (std::int64_t first = 0; first < rows; first += block_rows) {
    const c10::InferenceMode no_autograd;
    const std::int64_t count = std::min(block_rows, rows - first);
    const at::Tensor a = at::from_blob(const_cast<double*>(in) + first * inner, {count, inner}, at::kDouble);
    at::Tensor b = at::from_blob(out + first * columns, {count, columns}, at::kDouble);
    at::mm_out(b, a, matrix);
  }
}

/// out = matrix * in for row-major [n][columns] arrays, in fixed blocks of rows of the result.
void multiply_columns(const at::Tensor& matrix, const double* in, double* out, std::int64_t columns) {
  const std::int64_t rows = matrix.size(0), inner = matrix.size(1);
#pragma omp parallel for schedule(static)
  for (std::int64_t first = 0; first < rows; first += block_rows) {
    const c10::InferenceMode no_autograd;
    const std::int64_t count = std::min(block_rows, rows - first);
    const at::Tensor a = at::from_blob(const_cast<double*>(in), {inner, columns}, at::kDouble);
    at::Tensor b = at::from_blob(out + first * columns, {count, columns}, at::kDouble);
    at::mm_out(b, matrix.slice(0, first, first + count), a);
  }
}

}  // namespace

struct TensorProductPoisson::Factors {
  std::int64_t nx = 0, ny = 0;
  bool singular = false, both_axes = false;
  at::Tensor forward_x, backward_x;  // Q, Q^T
  at::Tensor forward_y, backward_y;  // when both axes are diagonalised
  std::vector<double> lower, upper;  // elimination along y
  std::vector<double> inverse;       // [ny][nx]: inverse pivots, or inverse eigenvalues
};

TensorProductPoisson::TensorProductPoisson(PoissonAxis x, PoissonAxis y) : factors_(std::make_unique<Factors>()) {
  Factors& f = *factors_;
  f.nx = static_cast<std::int64_t>(x.widths.size());
  f.ny = static_cast<std::int64_t>(y.widths.size());
  f.inverse.resize(static_cast<std::size_t>(f.nx * f.ny));
  f.singular = !fixes_the_constant(x) && !fixes_the_constant(y);
  const auto [lambda, q] = line_eigenvectors(x);
  f.forward_x = q;
  f.backward_x = q.t().contiguous();
  // The constant mode of a singular problem comes last: the eigenvalues ascend from the most negative to zero.
  const double tiny = 1e-10 * std::abs(lambda.front());
  f.both_axes = y.low == PoissonEnd::periodic;
  const auto nx = static_cast<std::size_t>(f.nx), ny = static_cast<std::size_t>(f.ny);
  if (f.both_axes) {
    const auto [mu, r] = line_eigenvectors(y);
    f.forward_y = r.t().contiguous();
    f.backward_y = r;
    for (std::size_t j = 0; j < ny; ++j)
      for (std::size_t k = 0; k < nx; ++k) {
        const double sum = lambda[k] + mu[j];
        f.inverse[j * nx + k] = f.singular && std::abs(sum) < tiny ? 0 : 1 / sum;
      }
    return;
  }
  const LineOperator line = line_operator(y);
  f.lower = line.lower;
  f.upper = line.upper;
  for (std::size_t k = 0; k < nx; ++k) {
    double before = 0;
    for (std::size_t j = 0; j < ny; ++j) {
      const double pivot =
          line.diagonal[j] + lambda[k] * y.widths[j] - (j > 0 ? line.lower[j] * line.upper[j - 1] * before : 0);
      const bool is_free_constant = f.singular && j + 1 == ny && std::abs(lambda[k]) < tiny;
      before = is_free_constant ? 0 : 1 / pivot;  // fixes the constant: zero in the last cell of that mode
      f.inverse[j * nx + k] = before;
    }
  }
}

TensorProductPoisson::~TensorProductPoisson() = default;
TensorProductPoisson::TensorProductPoisson(TensorProductPoisson&&) noexcept = default;
TensorProductPoisson& TensorProductPoisson::operator=(TensorProductPoisson&&) noexcept = default;

bool TensorProductPoisson::is_singular() const { return factors_->singular; }

void TensorProductPoisson::solve(std::vector<double>& field, std::vector<double>& scratch) const {
  const Factors& f = *factors_;
  const std::int64_t nx = f.nx, ny = f.ny;
  scratch.resize(field.size());
  double* work = scratch.data();
  if (f.both_axes) {
    multiply_rows(field.data(), f.forward_x, work, ny);
    multiply_columns(f.forward_y, work, field.data(), nx);
    for (std::size_t i = 0; i < field.size(); ++i) field[i] *= f.inverse[i];
    multiply_columns(f.backward_y, field.data(), work, nx);
    multiply_rows(work, f.backward_x, field.data(), ny);
    return;
  }
  multiply_rows(field.data(), f.forward_x, work, ny);
  // Modes are independent: each thread eliminates its own range of them, vectorised over the modes.
  constexpr std::int64_t block = 64;
#pragma omp parallel for schedule(static)
  for (std::int64_t first = 0; first < nx; first += block) {
    const std::int64_t last = std::min(first + block, nx);
    for (std::int64_t j = 0; j < ny; ++j) {
      double* row = work + j * nx;
      const double* before = j > 0 ? row - nx : row;
      const double* inverse = f.inverse.data() + j * nx;
      const double lower = j > 0 ? f.lower[static_cast<std::size_t>(j)] : 0;
#pragma omp simd
      for (std::int64_t k = first; k < last; ++k) row[k] = (row[k] - lower * before[k]) * inverse[k];
    }
    for (std::int64_t j = ny - 2; j >= 0; --j) {
      double* row = work + j * nx;
      const double* after = row + nx;
      const double* inverse = f.inverse.data() + j * nx;
      const double upper = f.upper[static_cast<std::size_t>(j)];
#pragma omp simd
      for (std::int64_t k = first; k < last; ++k) row[k] -= upper * inverse[k] * after[k];
    }
  }
  multiply_rows(work, f.backward_x, field.data(), ny);
}

}  // namespace eddyline
