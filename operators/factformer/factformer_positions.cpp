#include "operators/factformer/factformer_positions.hpp"

#include <algorithm>

namespace eddyline::factformer {

AxisPositions scaled_positions(const OperatorSpec& spec, at::IntArrayRef cells, double extent) {
  const auto lines = cell_coordinates(spec, cells);
  double span = 0;
  for (const auto& line : lines) span = std::max(span, line.back() - line.front());
  AxisPositions positions;
  for (const auto& line : lines) {
    const auto values = torch::tensor(line, torch::kDouble);
    positions.push_back((values - line.front()) * (span > 0 ? extent / span : 1));
  }
  return positions;
}

}  // namespace eddyline::factformer
