#include "solvers/incompressible/axis_metrics.hpp"

#include <algorithm>

namespace eddyline {

AxisMetrics::AxisMetrics(const Grid& grid, int axis, bool is_periodic)
    : cells_(static_cast<int>(grid.cells(axis))),
      is_periodic_(is_periodic),
      nodes_(grid.nodes(axis)),
      centers_(grid.centers(axis)) {
  const auto inner = grid.widths(axis);
  const int n = cells_;
  const auto width_of = [&](int i) {
    if (is_periodic) i = (i % n + n) % n;
    return inner[static_cast<std::size_t>(std::clamp(i < 0 ? -1 - i : (i >= n ? 2 * n - 1 - i : i), 0, n - 1))];
  };
  for (int i = -1; i <= n + 1; ++i) {
    const double here = width_of(i), before = width_of(i - 1);
    width_.push_back(here);
    inverse_width_.push_back(1 / here);
    inverse_distance_.push_back(2 / (before + here));
    low_part_.push_back(before / (before + here));
    high_part_.push_back(here / (before + here));
    finest_ = std::max(finest_, 1 / here);
  }
}

}  // namespace eddyline
