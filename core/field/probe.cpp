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

double probe_value(const State& state, const std::string& channel, const Point& point) {
  const at::Tensor field = cell_tensor(state, {channel})[0].to(at::kDouble).contiguous();
  const Grid& grid = state.problem->grid();
  const Neighbours x = neighbours(grid, 0, point[0]), y = neighbours(grid, 1, point[1]);
  const auto value = field.accessor<double, 2>();
  const double low = (1 - x.weight) * value[y.low][x.low] + x.weight * value[y.low][x.high];
  const double high = (1 - x.weight) * value[y.high][x.low] + x.weight * value[y.high][x.high];
  return (1 - y.weight) * low + y.weight * high;
}

}  // namespace eddyline
