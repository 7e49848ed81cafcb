#pragma once
// Eigenvectors of the one-dimensional operator of which the direct Poisson solvers are made, as a matrix.

#include <ATen/core/Tensor.h>

#include <utility>
#include <vector>

#include "solvers/linear/line_transform.hpp"

namespace eddyline {

/// T q = lambda X q with T the LineOperator, X = diag(widths), Q^T X Q = I: eigenvalues, ascending, and the columns of
/// Q [n, n].
[[nodiscard]] std::pair<std::vector<double>, at::Tensor> line_eigenvectors(const PoissonAxis& axis);

/// Some end is Dirichlet: the operator has an inverse.
[[nodiscard]] bool fixes_the_constant(const PoissonAxis& axis);

}  // namespace eddyline
