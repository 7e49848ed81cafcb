#include "operators/lagrangian_flow/small_matrix.hpp"

#include "core/base/error.hpp"

namespace eddyline::lagrangian_flow {
namespace {

std::int64_t rows_of(const torch::Tensor& matrix) {
  const auto rows = matrix.size(1);
  if (rows < 1 || rows > 3 || matrix.size(2) != rows)
    throw ShapeError("expected matrices of one to three rows, got " + std::to_string(rows) + " x " +
                     std::to_string(matrix.size(2)));
  return rows;
}

torch::Tensor entry(const torch::Tensor& matrix, std::int64_t row, std::int64_t column) {
  return matrix.select(1, row).select(1, column);
}

torch::Tensor cross_product(const torch::Tensor& a, const torch::Tensor& b) { return torch::linalg_cross(a, b, 1); }

}  // namespace

torch::Tensor determinant(const torch::Tensor& matrix) {
  const auto rows = rows_of(matrix);
  if (rows == 1) return entry(matrix, 0, 0);
  if (rows == 2) return entry(matrix, 0, 0) * entry(matrix, 1, 1) - entry(matrix, 0, 1) * entry(matrix, 1, 0);
  return (matrix.select(1, 0) * cross_product(matrix.select(1, 1), matrix.select(1, 2))).sum(1);
}

torch::Tensor solved(const torch::Tensor& matrix, const torch::Tensor& right_side) {
  const auto rows = rows_of(matrix);
  const auto scale = determinant(matrix).unsqueeze(1);
  if (rows == 1) return right_side / scale;
  const auto b = [&](std::int64_t row) { return right_side.select(1, row); };
  if (rows == 2)
    return torch::stack({entry(matrix, 1, 1) * b(0) - entry(matrix, 0, 1) * b(1),
                         entry(matrix, 0, 0) * b(1) - entry(matrix, 1, 0) * b(0)},
                        1) /
           scale;
  const auto first = matrix.select(1, 0), second = matrix.select(1, 1), third = matrix.select(1, 2);
  return (cross_product(second, third) * b(0).unsqueeze(1) + cross_product(third, first) * b(1).unsqueeze(1) +
          cross_product(first, second) * b(2).unsqueeze(1)) /
         scale;
}

}  // namespace eddyline::lagrangian_flow
