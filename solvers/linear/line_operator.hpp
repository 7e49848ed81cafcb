#pragma once
// The one-dimensional operator of which the direct Poisson solvers are made.

#include <ATen/core/Tensor.h>

#include <utility>
#include <vector>

#include "solvers/linear/tensor_product_poisson.hpp"

namespace eddyline {

/// (T p)_i = sum over both ends of cell i of (p_neighbour - p_i) / distance, as its three diagonals; `wrap` joins the
/// two ends of a periodic axis.
struct LineOperator {
  std::vector<double> lower, diagonal, upper;  // lower[i] multiplies p_{i-1}
  double wrap = 0;
};

[[nodiscard]] LineOperator line_operator(const PoissonAxis& axis);

/// T q = lambda X q with X = diag(widths), Q^T X Q = I: eigenvalues, ascending, and the columns of Q [n, n].
[[nodiscard]] std::pair<std::vector<double>, at::Tensor> line_eigenvectors(const PoissonAxis& axis);

/// Some end is Dirichlet: the operator has an inverse.
[[nodiscard]] bool fixes_the_constant(const PoissonAxis& axis);

}  // namespace eddyline
