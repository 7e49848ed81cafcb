#include "core/field/remap.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <sstream>

#include "core/base/error.hpp"

namespace eddyline {
namespace {

using Line = std::vector<double>;

/// [to, from]: the part of each `to` cell that each `from` cell covers.
at::Tensor overlap_matrix(const Line& from, const Line& to) {
  const auto rows = static_cast<std::int64_t>(to.size()) - 1, columns = static_cast<std::int64_t>(from.size()) - 1;
  at::Tensor matrix = at::zeros({rows, columns}, at::kDouble);
  auto entry = matrix.accessor<double, 2>();
  for (std::int64_t i = 0; i < rows; ++i)
    for (std::int64_t j = 0; j < columns; ++j) {
      const auto a = static_cast<std::size_t>(i), b = static_cast<std::size_t>(j);
      const double overlap = std::min(to[a + 1], from[b + 1]) - std::max(to[a], from[b]);
      if (overlap > 0) entry[i][j] = overlap / (to[a + 1] - to[a]);
    }
  return matrix / matrix.sum(1, true);  // the ends agree to round-off only
}

/// [to, from]: linear weights between neighbouring centres.
at::Tensor interpolation_matrix(const Line& from, const Line& to) {
  const auto rows = static_cast<std::int64_t>(to.size()), columns = static_cast<std::int64_t>(from.size());
  at::Tensor matrix = at::zeros({rows, columns}, at::kDouble);
  auto entry = matrix.accessor<double, 2>();
  for (std::int64_t i = 0; i < rows; ++i) {
    const double x = std::clamp(to[static_cast<std::size_t>(i)], from.front(), from.back());
    const auto right =
        std::clamp<std::ptrdiff_t>(std::upper_bound(from.begin(), from.end(), x) - from.begin(), 0, columns - 1);
    const auto left = std::max<std::ptrdiff_t>(right - 1, 0);
    const double gap = from[static_cast<std::size_t>(right)] - from[static_cast<std::size_t>(left)];
    const double weight = gap > 0 ? (x - from[static_cast<std::size_t>(left)]) / gap : 0;
    entry[i][left] += 1 - weight;
    entry[i][right] += weight;
  }
  return matrix;
}

/// @param slack  how far the ends of the boxes may lie apart, in end cells of `from`.
template <class Matrix>
at::Tensor along_axes(const at::Tensor& cells, const Grid& from, const Grid& to, double slack, Matrix matrix) {
  const int dimension = from.dimension();
  const auto shape = from.cell_shape();
  if (cells.dim() < dimension ||
      cells.sizes().slice(static_cast<std::size_t>(cells.dim() - dimension)) != at::IntArrayRef(shape)) {
    std::ostringstream text;
    text << "a field of shape " << cells.sizes() << " does not fit a grid of " << at::IntArrayRef(shape);
    throw ShapeError(text.str());
  }
  for (int axis = 0; axis < dimension; ++axis) {
    const double size = from.high(axis) - from.low(axis);
    const auto widths = from.widths(axis);
    if (to.dimension() != dimension || std::abs(to.low(axis) - from.low(axis)) > 1e-9 * size + slack * widths.front() ||
        std::abs(to.high(axis) - from.high(axis)) > 1e-9 * size + slack * widths.back())
      throw DataError(std::string("cannot carry a field between grids over different boxes (axis ") + "xyz"[axis] +
                      ")");
  }
  at::Tensor out = cells.to(at::kDouble);
  for (int axis = 0; axis < dimension; ++axis) {
    const int position = -1 - axis;
    out = at::matmul(out.movedim(position, -1), matrix(axis).t()).movedim(-1, position);
  }
  return out.contiguous().to(cells.scalar_type());
}

}  // namespace

at::Tensor conservative_remap(const at::Tensor& cells, const Grid& from, const Grid& to) {
  return along_axes(cells, from, to, 0, [&](int axis) { return overlap_matrix(from.nodes(axis), to.nodes(axis)); });
}

at::Tensor interpolated_remap(const at::Tensor& cells, const Grid& from, const Grid& to) {
  return along_axes(cells, from, to, 0.5,
                    [&](int axis) { return interpolation_matrix(from.centers(axis), to.centers(axis)); });
}

}  // namespace eddyline
