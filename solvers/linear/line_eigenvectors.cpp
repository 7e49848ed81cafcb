#include "solvers/linear/line_eigenvectors.hpp"

#include <ATen/ATen.h>

#include <tuple>

#include "solvers/linear/serially.hpp"

namespace eddyline {

std::pair<std::vector<double>, at::Tensor> line_eigenvectors(const PoissonAxis& axis) {
  const LineOperator line(axis);
  const auto count = static_cast<std::int64_t>(axis.widths.size());
  at::Tensor matrix = at::zeros({count, count}, at::kDouble);
  auto entry = matrix.accessor<double, 2>();
  for (std::int64_t i = 0; i < count; ++i) {
    const auto k = static_cast<std::size_t>(i);
    entry[i][i] = line.diagonal[k];
    if (i + 1 < count) entry[i][i + 1] = entry[i + 1][i] = line.upper[k];
  }
  if (line.wrap > 0) {
    entry[0][count - 1] += line.wrap;
    entry[count - 1][0] += line.wrap;
  }
  const at::Tensor scale = at::tensor(axis.widths, at::kDouble).rsqrt();
  at::Tensor values, vectors;
  serially([&] { std::tie(values, vectors) = at::linalg_eigh(scale.unsqueeze(1) * matrix * scale); });
  std::vector<double> eigenvalues(values.data_ptr<double>(), values.data_ptr<double>() + count);
  return {eigenvalues, (scale.unsqueeze(1) * vectors).contiguous()};
}

bool fixes_the_constant(const PoissonAxis& axis) {
  return axis.low == PoissonEnd::dirichlet || axis.high == PoissonEnd::dirichlet;
}

}  // namespace eddyline
