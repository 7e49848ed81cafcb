#include "solvers/grid/sweep.hpp"

#include <omp.h>

#include <algorithm>

#include "solvers/grid/tile_sweep.hpp"

namespace eddyline {
namespace {

std::vector<int> cuts(int cells, int longest) {
  const int parts = (cells + longest - 1) / longest;
  std::vector<int> ends = {0};
  for (int p = 1; p <= parts; ++p) ends.push_back(static_cast<int>(std::int64_t{cells} * p / parts));
  return ends;
}

/// Widest tile along x, cells of a slab (three dimensions), shortest march worth its overlap.
constexpr int tile_width = 1024, slab_cells = 2048, shortest_march = 32;

std::vector<Tile> tiles(const BlockShape& shape) {
  const int march_axis = shape.dimension - 1;
  const auto x = cuts(shape.cells[0], tile_width);
  const auto y = shape.dimension == 3
                     ? cuts(shape.cells[1], std::max(4, slab_cells / std::min(shape.cells[0], tile_width)))
                     : std::vector<int>{0, 1};
  const int march = march_axis == 0 ? 1 : shape.cells[static_cast<std::size_t>(march_axis)];
  const int across = static_cast<int>((x.size() - 1) * (y.size() - 1)), threads = omp_get_max_threads();
  // Several marches a thread even out the load; a single thread marches through in one go.
  const int wanted = threads == 1 ? 1 : (4 * threads + across - 1) / across;
  const auto m = cuts(march, std::max(shortest_march, (march + wanted - 1) / wanted));
  std::vector<Tile> out;
  for (std::size_t c = 0; c + 1 < m.size(); ++c)
    for (std::size_t b = 0; b + 1 < y.size(); ++b)
      for (std::size_t a = 0; a + 1 < x.size(); ++a) out.push_back({x[a], x[a + 1], y[b], y[b + 1], m[c], m[c + 1]});
  return out;
}

}  // namespace

template <class Element>
Sweep<Element>::Sweep(std::shared_ptr<const RowPhysics<Element>> physics,
                      std::shared_ptr<const RowReconstruction<Element>> reconstruction,
                      std::shared_ptr<const RowFlux<Element>> flux, const std::array<double, 3>& width)
    : physics_(std::move(physics)), reconstruction_(std::move(reconstruction)), flux_(std::move(flux)) {
  for (std::size_t axis = 0; axis < 3; ++axis) inverse_width_[axis] = 1 / width[axis];
}

template <class Element>
int Sweep<Element>::ghosts() const {
  return std::max(reconstruction_->radius() + 1, 2);
}

template <class Element>
StageReport Sweep<Element>::run(const Stage<Element>& stage) const {
  const auto all = tiles(stage.state->shape());
  std::vector<StageReport> reports(all.size());
  Tile largest{0, 0, 0, 0, 0, 0};
  for (const Tile& tile : all) {
    largest.x_end = std::max(largest.x_end, tile.x_end - tile.x_begin);
    largest.y_end = std::max(largest.y_end, tile.y_end - tile.y_begin);
  }
#pragma omp parallel if (all.size() > 1)
  {
    TileSweep<Element> worker(*this, stage, largest);
#pragma omp for schedule(dynamic, 1)
    for (std::size_t t = 0; t < all.size(); ++t) reports[t] = worker.run(all[t]);
  }
  StageReport whole;
  for (const StageReport& part : reports) {
    whole.is_admissible = whole.is_admissible && part.is_admissible;
    whole.rate = larger_limit(whole.rate, part.rate);
  }
  return whole;
}

template <class Element>
double Sweep<Element>::rate(const PaddedArray<Element>& state, const PaddedArray<Element>* fixed) const {
  const BlockShape& shape = state.shape();
  double largest = 0;
  for (int k = 0; k < shape.cells[2]; ++k)
    for (int j = 0; j < shape.cells[1]; ++j) {
      Rows<Element> rows{};
      for (int c = 0; c < physics_->layout().conserved_count; ++c)
        rows[static_cast<std::size_t>(c)] = state.row(c, j, k);
      largest = larger_limit(largest, physics_->largest_rate(rows, fixed == nullptr ? nullptr : fixed->row(0, j, k),
                                                             inverse_width_, shape.cells[0]));
    }
  return largest;
}

template class Sweep<double>;
template class Sweep<float>;

}  // namespace eddyline
