#include "core/field/probe.hpp"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"

namespace eddyline {
namespace {

struct Neighbours {
  std::int64_t low = 0, high = 0;
  double weight = 0;  // of `high`
};

Neighbours neighbours(const Grid& grid, int axis, double x) {
  if (!(x >= grid.low(axis) && x <= grid.high(axis)))
    throw ConfigError(std::string("probe coordinate ") + "xyz"[axis] + " = " + format_number(x) + " lies outside [" +
                      format_number(grid.low(axis)) + ", " + format_number(grid.high(axis)) + "]");
  const auto centers = grid.centers(axis);
  const auto above = std::upper_bound(centers.begin(), centers.end(), x) - centers.begin();
  const auto last = static_cast<std::ptrdiff_t>(centers.size()) - 1;
  const auto high = std::clamp<std::ptrdiff_t>(above, 0, last), low = std::clamp<std::ptrdiff_t>(above - 1, 0, last);
  const double gap = centers[static_cast<std::size_t>(high)] - centers[static_cast<std::size_t>(low)];
  return {low, high, gap > 0 ? (x - centers[static_cast<std::size_t>(low)]) / gap : 0};
}

}  // namespace

PointSampler::PointSampler(const Grid& grid, const Point& point) : corners_{{0, 1.0}} {
  // The corners of the box of centres around the point.
  std::int64_t stride = 1;
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    const Neighbours near = neighbours(grid, axis, point[static_cast<std::size_t>(axis)]);
    std::vector<std::pair<std::int64_t, double>> next;
    for (const auto& [offset, weight] : corners_) {
      next.emplace_back(offset + near.low * stride, weight * (1 - near.weight));
      next.emplace_back(offset + near.high * stride, weight * near.weight);
    }
    corners_ = std::move(next);
    stride *= grid.cells(axis);
  }
}

double PointSampler::operator()(const double* field) const {
  double value = 0;
  for (const auto& [offset, weight] : corners_) value += weight * field[offset];
  return value;
}

double probe_value(const State& state, const std::string& channel, const Point& point) {
  const at::Tensor field = cell_tensor(state, {channel})[0].to(at::kDouble).contiguous();
  return PointSampler(state.problem->grid(), point)(field.const_data_ptr<double>());
}

}  // namespace eddyline
