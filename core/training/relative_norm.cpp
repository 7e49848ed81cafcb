#include "core/training/relative_norm.hpp"

#include <ATen/ATen.h>

#include <string>

#include "core/base/error.hpp"

namespace eddyline {
namespace {

constexpr double tiny = 1e-8;  // eps of the original; keeps the ratio finite for a reference of zero

at::Tensor sum_over_cells(const at::Tensor& squares) { return squares.flatten(2).sum(2); }

/// (u_{i+1} - u_{i-1}) / 2h, periodic.
at::Tensor central_difference(const at::Tensor& u, std::int64_t axis, double h) {
  return (u.roll(-1, axis) - u.roll(1, axis)) * (0.5 / h);
}

/// sum_i (u_i^2 + sum_axes (D u)_i^2).
at::Tensor h1_square(const at::Tensor& u, const std::vector<double>& spacing) {
  at::Tensor squares = u.square();
  for (std::size_t axis = 0; axis < spacing.size(); ++axis)
    squares = squares + central_difference(u, static_cast<std::int64_t>(axis) + 2, spacing[axis]).square();
  return sum_over_cells(squares);
}

}  // namespace

at::Tensor relative_l2(const at::Tensor& prediction, const at::Tensor& reference) {
  return sum_over_cells((prediction - reference).square()).sqrt() / (sum_over_cells(reference.square()).sqrt() + tiny);
}

at::Tensor relative_h1(const at::Tensor& prediction, const at::Tensor& reference, const std::vector<double>& spacing) {
  return h1_square(prediction - reference, spacing).sqrt() / (h1_square(reference, spacing).sqrt() + tiny);
}

std::vector<double> uniform_spacing(const Grid& grid) {
  std::vector<double> spacing;
  for (int axis = grid.dimension() - 1; axis >= 0; --axis) {
    if (!grid.is_uniform(axis))
      throw ConfigError(std::string("the H1 norm needs a uniform grid, axis ") + "xyz"[axis] +
                        " is stretched; use the loss relative_l2");
    spacing.push_back((grid.high(axis) - grid.low(axis)) / static_cast<double>(grid.cells(axis)));
  }
  return spacing;
}

}  // namespace eddyline
