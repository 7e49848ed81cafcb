#include "core/field/derived.hpp"

#include <ATen/ATen.h>

#include "core/base/error.hpp"

namespace eddyline {
namespace {

bool wraps(const PeriodicAxes& periodic, int axis) {
  return static_cast<std::size_t>(axis) < periodic.size() && periodic[static_cast<std::size_t>(axis)];
}

void check_velocity(const at::Tensor& velocity, const Grid& grid) {
  if (velocity.dim() != grid.dimension() + 1 || velocity.size(0) != grid.dimension())
    throw ShapeError("a velocity on a grid of " + std::to_string(grid.dimension()) + " dimensions has " +
                     std::to_string(grid.dimension()) + " components before the cell axes; got a tensor of " +
                     std::to_string(velocity.dim()) + " axes");
}

}  // namespace

PeriodicAxes periodic_axes(const Case& problem) {
  PeriodicAxes axes;
  for (int axis = 0; axis < problem.grid().dimension(); ++axis)
    axes.push_back(problem.config().boundaries.at(std::string(1, "xyz"[axis]) + "_low").type == "periodic");
  return axes;
}

at::Tensor derivative(const at::Tensor& values, const Grid& grid, int axis, const PeriodicAxes& periodic) {
  const std::int64_t cells = grid.cells(axis), tensor_axis = values.dim() - 1 - axis;
  if (tensor_axis < 0 || values.size(tensor_axis) != cells || cells < 3)
    throw ShapeError("a derivative along " + std::string(1, "xyz"[axis]) + " needs a tensor with the grid's " +
                     std::to_string(cells) + " cells on that axis, and at least three of them");
  std::vector<double> centers = grid.centers(axis);
  at::Tensor field = values;
  if (wraps(periodic, axis)) {
    const double length = grid.high(axis) - grid.low(axis);
    const double last = centers.back() - length, first = centers.front() + length;
    centers.insert(centers.begin(), last);
    centers.push_back(first);
    field = at::cat({values.narrow(tensor_axis, cells - 1, 1), values, values.narrow(tensor_axis, 0, 1)}, tensor_axis);
  }
  const at::Tensor coordinates = at::tensor(centers, values.options().dtype(at::kDouble)).to(values.dtype());
  const at::Tensor slope = at::gradient(field, at::TensorList({coordinates}), at::IntArrayRef({tensor_axis}), 2)[0];
  return wraps(periodic, axis) ? slope.narrow(tensor_axis, 1, cells) : slope;
}

at::Tensor vorticity(const at::Tensor& velocity, const Grid& grid, const PeriodicAxes& periodic) {
  check_velocity(velocity, grid);
  const auto slope = [&](int component, int axis) { return derivative(velocity[component], grid, axis, periodic); };
  if (grid.dimension() == 2) return slope(1, 0) - slope(0, 1);
  if (grid.dimension() == 3)
    return at::stack({slope(2, 1) - slope(1, 2), slope(0, 2) - slope(2, 0), slope(1, 0) - slope(0, 1)});
  throw ShapeError("a flow in one dimension has no vorticity");
}

at::Tensor divergence(const at::Tensor& velocity, const Grid& grid, const PeriodicAxes& periodic) {
  check_velocity(velocity, grid);
  at::Tensor sum = derivative(velocity[0], grid, 0, periodic);
  for (int axis = 1; axis < grid.dimension(); ++axis) sum = sum + derivative(velocity[axis], grid, axis, periodic);
  return sum;
}

at::Tensor speed(const at::Tensor& velocity) { return velocity.square().sum(0).sqrt(); }

at::Tensor fluid_mask(const Grid& grid, const std::vector<ObstacleConfig>& bodies) {
  at::Tensor mask = at::ones(grid.cell_shape(), at::kBool);
  if (bodies.empty()) return mask;
  std::vector<std::vector<double>> centers(3, std::vector<double>{0});
  for (int axis = 0; axis < grid.dimension(); ++axis) centers[static_cast<std::size_t>(axis)] = grid.centers(axis);
  bool* out = mask.mutable_data_ptr<bool>();
  for (const double z : centers[2])
    for (const double y : centers[1])
      for (const double x : centers[0]) *out++ = signed_distance(bodies, {x, y, z}) > 0;
  return mask;
}

at::Tensor fluid_mask(const Case& problem) { return fluid_mask(problem.grid(), problem.config().obstacles); }

at::Tensor interior_of(const at::Tensor& fluid) {
  at::Tensor inside = fluid.clone();
  for (std::int64_t axis = 0; axis < fluid.dim(); ++axis) {
    const std::int64_t length = fluid.size(axis);
    if (length < 2) continue;
    inside.narrow(axis, 1, length - 1).logical_and_(fluid.narrow(axis, 0, length - 1));
    inside.narrow(axis, 0, length - 1).logical_and_(fluid.narrow(axis, 1, length - 1));
    if (length < 3) continue;
    inside.narrow(axis, 0, 1).logical_and_(fluid.narrow(axis, 2, 1));  // one-sided differences reach two cells
    inside.narrow(axis, length - 1, 1).logical_and_(fluid.narrow(axis, length - 3, 1));
  }
  return inside;
}

}  // namespace eddyline
