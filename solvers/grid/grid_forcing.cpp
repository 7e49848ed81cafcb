#include "solvers/grid/grid_forcing.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace eddyline {

template <class Element>
GridForcing<Element>::GridForcing(const Case& problem, RandomWaves waves)
    : waves_(std::move(waves)), drag_(problem.config().forcing.drag), depends_on_time_(waves_.exist()) {
  const auto channels = problem.channels();
  const auto names = channel_names(channels);
  const int dimension = problem.grid().dimension();
  channels_ = static_cast<int>(channels.size());
  for (const auto& [channel, text] : problem.config().forcing.values) {
    const auto found = std::find(names.begin(), names.end(), channel);
    if (found == names.end())
      throw ConfigError("forcing.values: no channel is called '" + printable(channel) + "'" +
                        suggestion(channel, names));
    formulas_.push_back(
        {static_cast<int>(found - names.begin()), SpaceTimeFormula(problem, text, "forcing.values." + channel)});
    depends_on_time_ = depends_on_time_ || !formulas_.back().formula.is_steady();
  }
  if (drag_ != 0 && velocity_channels(channels, dimension).empty())
    throw ConfigError("forcing.drag: " + problem.equation().name() + " has no velocity that decays; remove it");
  for (int axis = 0; axis < 3; ++axis)
    centers_[static_cast<std::size_t>(axis)] = axis < dimension ? problem.grid().centers(axis) : std::vector<double>{0};
}

template <class Element>
void GridForcing<Element>::evaluate(double time, const BlockShape& shape, PaddedArray<Element>& rates) const {
  const bool is_first = !rates.exists();
  if (!is_first && !depends_on_time_) return;
  if (is_first) rates = PaddedArray<Element>(channels_, shape);
  std::vector<double> line(static_cast<std::size_t>(shape.cells[0]));
  for (int k = 0; k < shape.cells[2]; ++k)
    for (int j = 0; j < shape.cells[1]; ++j) {
      std::fill_n(rates.row(0, j, k), shape.cells[0], Element(0));
      if (waves_.exist()) {
        waves_.evaluate(time, line.data());
        std::transform(line.begin(), line.end(), rates.row(0, j, k), [](double value) { return Element(value); });
      }
      for (const auto& [channel, formula] : formulas_) {
        Element* row = rates.row(channel, j, k);
        const Element* so_far = channel == 0 ? row : nullptr;  // the waves'
        for (int i = 0; i < shape.cells[0]; ++i) {
          const double rate =
              formula(centers_[0][static_cast<std::size_t>(i)], centers_[1][static_cast<std::size_t>(j)],
                      centers_[2][static_cast<std::size_t>(k)], time);
          row[i] = static_cast<Element>(rate) + (so_far == nullptr ? Element(0) : so_far[i]);
        }
      }
    }
}

template class GridForcing<double>;
template class GridForcing<float>;

}  // namespace eddyline
