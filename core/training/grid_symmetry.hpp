#pragma once
// Symmetries of a square for scalar fields, to enlarge a training set.

#include <ATen/core/Tensor.h>

#include <cstdint>

namespace eddyline {

/// What is done to a field on a square grid, in this order: reflect the last axis, reflect the one before, exchange
/// them.
struct GridSymmetry {
  bool reflect_x = false, reflect_y = false, transpose = false;
};

/// How a reflection of points k / N, k = 0 .. N - 1, fills its first point, which is the image of the wall at 1 that
/// the grid does not hold.
enum class WallPoints {
  kept,     // both walls carry the same value (a solution that vanishes there): point 0 stays
  nearest,  // the value of the nearest point that the grid holds, N - 1 (a coefficient)
};

/// A field [..., N, N] of a problem on the unit square whose points lie at k / N: the low walls are held, the high ones
/// are not. Point k goes to N - k.
[[nodiscard]] at::Tensor transformed(const at::Tensor& field, const GridSymmetry& symmetry, WallPoints walls);

}  // namespace eddyline
