#pragma once
// The eigenvectors of the one-dimensional Poisson operator of one axis, applied to many lines at once.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "solvers/linear/tensor_product_poisson.hpp"

namespace eddyline {

/// To modes and back, by the cheapest way that is exact: Fourier transform where the axis is periodic and uniform,
/// cosine transform where it is uniform with Neumann ends (Makhoul, IEEE Trans. Acoust. Speech Signal Process. 28
/// (1980) 27), else a product with the matrix of the eigenvectors. With T the operator and X the widths of the axis,
/// the modes of T p are lambda X times those of p, and `backward` after `forward` multiplies by 1 / weight (per width
/// where the axis is uniform). Call it inside a parallel region, where LibTorch stays serial.
class AxisTransform {
 public:
  explicit AxisTransform(const PoissonAxis& axis);

  [[nodiscard]] std::int64_t cells() const { return cells_; }
  /// Doubles a row of modes takes when the axis is the first one, even: complex modes of a Fourier transform lie as
  /// pairs, others one by one with a zero at the end where their number is odd.
  [[nodiscard]] std::int64_t row_length() const;
  /// lambda of every double of a row of modes (zero for padding).
  [[nodiscard]] std::vector<double> row_eigenvalues() const;
  /// lambda of every mode along a column.
  [[nodiscard]] const std::vector<double>& column_eigenvalues() const { return eigenvalues_; }
  [[nodiscard]] double weight() const { return weight_; }
  /// Nanoseconds a row takes one way, estimated on one core of a Zen 4 server: to choose between two axes by.
  [[nodiscard]] double cost() const;
  /// Rows of modes are complex: both numbers of a pair have the same lambda.
  [[nodiscard]] bool makes_pairs() const { return kind_ == Kind::fourier; }

  /// @param in  [rows, cells]. @param out  [rows, row_length]. @param scratch  2 rows (cells + 2) doubles.
  void rows_forward(const double* in, double* out, std::int64_t rows, double* scratch) const;
  void rows_backward(const double* in, double* out, std::int64_t rows, double* scratch) const;
  /// Modes of columns of numbers. Neighbouring columns are transformed as one complex column; where they are `pairs` of
  /// one mode of the rows its modes may stay mixed, else each column keeps to itself.
  /// @param in  [planes, cells, length], length even; `out` as `in`. @param scratch  twice as many doubles.
  void columns_forward(const double* in, double* out, std::int64_t planes, std::int64_t length, bool are_pairs,
                       double* scratch) const;
  void columns_backward(const double* in, double* out, std::int64_t planes, std::int64_t length, bool are_pairs,
                        double* scratch) const;

 private:
  enum class Kind { fourier, cosine, matrix };
  Kind kind_ = Kind::matrix;
  std::int64_t cells_;
  double weight_ = 1;
  std::vector<double> eigenvalues_;    // of the modes along a column
  std::vector<double> cosine_, sine_;  // of pi k / 2 n
  at::Tensor to_modes_, from_modes_;   // Q^T, Q
};

}  // namespace eddyline
