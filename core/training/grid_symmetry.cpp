#include "core/training/grid_symmetry.hpp"

#include <ATen/ATen.h>

namespace eddyline {
namespace {

at::Tensor reflected(const at::Tensor& field, std::int64_t axis, WallPoints walls) {
  const std::int64_t points = field.size(axis);
  const at::Tensor inner = field.narrow(axis, 1, points - 1).flip(axis);
  return at::cat({walls == WallPoints::kept ? field.narrow(axis, 0, 1) : inner.narrow(axis, 0, 1), inner}, axis);
}

}  // namespace

at::Tensor transformed(const at::Tensor& field, const GridSymmetry& symmetry, WallPoints walls) {
  at::Tensor result = field;
  if (symmetry.reflect_x) result = reflected(result, -1, walls);
  if (symmetry.reflect_y) result = reflected(result, -2, walls);
  if (symmetry.transpose) result = result.transpose(-1, -2);
  return result.contiguous();
}

}  // namespace eddyline
