#include "solvers/grid/sweep.hpp"

#include <omp.h>

#include <algorithm>

namespace eddyline {
namespace {

/// Half-open ranges of cells.
struct Tile {
  int x_begin, x_end, y_begin, y_end, march_begin, march_end;
};

/// `rows` rows of `components` components, each `width` long.
class RowBlock {
 public:
  RowBlock(int components, int rows, int width)
      : stride_((width + 7) / 8 * 8),
        component_stride_((stride_ * rows + page - 1) / page * page + page / 8 + 8),
        values_(static_cast<std::size_t>(component_stride_ * components), 1.0) {}
  [[nodiscard]] MutableRows rows(int components, int row, int offset = 0) {
    MutableRows out{};
    for (int k = 0; k < components; ++k)
      out[static_cast<std::size_t>(k)] = values_.data() + k * component_stride_ + row * stride_ + offset;
    return out;
  }

 private:
  /// Components that are a multiple of 4 KiB apart would compete for the same lines of the first-level cache.
  static constexpr std::int64_t page = 4096 / sizeof(double);
  std::int64_t stride_, component_stride_;
  AlignedValues values_;
};

/// The component of a vector along `axis` becomes the first.
template <class RowsOrMutable>
RowsOrMutable turned(RowsOrMutable rows, int first_vector, int axis) {
  if (first_vector >= 0 && axis > 0)
    std::swap(rows[static_cast<std::size_t>(first_vector)], rows[static_cast<std::size_t>(first_vector + axis)]);
  return rows;
}

/// What crosses the faces of a row along one axis, for one component.
struct Crossing {
  const double* below;
  const double* above;
  double inverse_width;
};

/// Net gain of cell i from its faces along the axes.
template <int Dimension>
inline double gain(const std::array<Crossing, 3>& faces, int i) {
  double sum = (faces[0].below[i] - faces[0].above[i]) * faces[0].inverse_width;
  if constexpr (Dimension > 1) sum = sum + (faces[1].below[i] - faces[1].above[i]) * faces[1].inverse_width;
  if constexpr (Dimension > 2) sum = sum + (faces[2].below[i] - faces[2].above[i]) * faces[2].inverse_width;
  return sum;
}

std::vector<int> cuts(int cells, int longest) {
  const int parts = (cells + longest - 1) / longest;
  std::vector<int> ends = {0};
  for (int p = 1; p <= parts; ++p) ends.push_back(static_cast<int>(std::int64_t{cells} * p / parts));
  return ends;
}

/// The larger of two limits; what is not a number stays.
double larger_limit(double so_far, double here) { return std::isnan(so_far) || here <= so_far ? so_far : here; }

/// Widest tile along x, cells of a slab (three dimensions), shortest march worth its overlap.
constexpr int tile_width = 1024, slab_cells = 1024, shortest_march = 32;

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

/// Carries one tile: slabs (a row in two dimensions, a few rows in three) are taken up one after the other along the
/// last axis, the march axis. Cell (i, j) of a slab has its primitive state at offset i + ghosts of row j + y_ghosts.
/// Faces carry the index of the cell above them. Edge values and fluxes across an axis are kept for two neighbours in
/// turn: parity(index) says where.
class TileSweep {
 public:
  /// @param largest  a tile as wide and as high as any that will be run.
  TileSweep(const Sweep& sweep, const Stage& stage, const Tile& largest)
      : sweep_(sweep),
        stage_(stage),
        tile_(largest),
        layout_(sweep.physics_->layout()),
        radius_(sweep.reconstruction_->radius()),
        ghosts_(stage.state->shape().ghosts),
        dimension_(stage.state->shape().dimension),
        march_(dimension_ - 1),
        width_(largest.x_end - largest.x_begin),
        height_(largest.y_end - largest.y_begin),
        y_ghosts_(dimension_ == 3 ? ghosts_ : 0),
        slab_rows_(height_ + 2 * y_ghosts_),
        slots_(dimension_ == 1 ? 1 : 2 * ghosts_),
        primitive_(layout_.primitive_count, slots_ * slab_rows_, width_ + 2 * ghosts_),
        x_edges_{layout_.primitive_count, 1, width_ + 2},
        y_edges_{layout_.primitive_count, 2, width_},
        march_edges_{layout_.primitive_count, 2 * height_, width_},
        x_flux_(layout_.conserved_count, 2, width_ + 1),
        y_flux_(layout_.conserved_count, 4, width_),
        march_flux_(layout_.conserved_count, 4 * height_, width_),
        source_(layout_.conserved_count, 1, width_) {}

  StageReport run(const Tile& tile) {
    tile_ = tile;
    width_ = tile.x_end - tile.x_begin;
    height_ = tile.y_end - tile.y_begin;
    slab_rows_ = height_ + 2 * y_ghosts_;
    report_ = {};
    if (dimension_ == 1) {
      load_slab(0);
      finish_slab(0);
      return report_;
    }
    const int begin = tile_.march_begin, end = tile_.march_end;
    for (int m = begin - ghosts_; m < begin + ghosts_ - 1; ++m) load_slab(m);
    for (int j = 0; j < height_; ++j) march_edges(begin - 1, j);
    for (int m = begin - 1; m < end; ++m) {
      load_slab(m + ghosts_);
      for (int j = 0; j < height_; ++j) march_face(m + 1, j);
      if (m >= begin) finish_slab(m);
    }
    return report_;
  }

 private:
  struct Edges {
    RowBlock low, high;
    Edges(int components, int rows, int width) : low(components, rows, width), high(components, rows, width) {}
  };

  [[nodiscard]] static int parity(int index) { return index & 1; }
  [[nodiscard]] MutableRows primitive(int m, int j, int offset) {
    const int slot = ((m % slots_) + slots_) % slots_;
    return primitive_.rows(layout_.primitive_count, slot * slab_rows_ + j + y_ghosts_, offset + ghosts_);
  }
  /// The primitive row `step` cells away along an axis, its vector turned so that the component along the axis is
  /// first.
  [[nodiscard]] Rows neighbour(int axis, int step, int m, int j, int offset) {
    const bool is_march = axis == march_ && axis > 0;
    return turned(read_only(primitive(m + (is_march ? step : 0), j + (axis == 1 && !is_march ? step : 0),
                                      offset + (axis == 0 ? step : 0))),
                  layout_.first_vector, axis);
  }
  [[nodiscard]] std::pair<int, int> row_of(int m, int j) const {  // (j, k) of a PaddedField
    if (dimension_ == 1) return {0, 0};
    return dimension_ == 2 ? std::pair{m, 0} : std::pair{tile_.y_begin + j, m};
  }
  [[nodiscard]] const double* cells(const PaddedField& field, int component, int m, int j, int offset) const {
    const auto [row, plane] = row_of(m, j);
    return field.row(component, row, plane) + tile_.x_begin + offset;
  }
  [[nodiscard]] Rows state_rows(int m, int j, int offset) const {
    Rows rows{};
    for (int k = 0; k < layout_.conserved_count; ++k)
      rows[static_cast<std::size_t>(k)] = cells(*stage_.state, k, m, j, offset);
    return rows;
  }
  [[nodiscard]] const double* bed(int m, int j, int offset) const {
    return stage_.bed == nullptr ? nullptr : cells(*stage_.bed, 0, m, j, offset);
  }

  void load_slab(int m) {
    for (int j = -y_ghosts_; j < height_ + y_ghosts_; ++j)
      if (!sweep_.physics_->to_primitive(state_rows(m, j, -ghosts_), bed(m, j, -ghosts_), primitive(m, j, -ghosts_),
                                         width_ + 2 * ghosts_))
        report_.is_admissible = false;
  }

  /// Edge values of `count` cells that start at `offset` of row j in slab m, along an axis.
  void reconstruct(int axis, int m, int j, int offset, int count, Edges& edges, int row) {
    std::array<Rows, 5> stencil;
    for (int n = -radius_; n <= radius_; ++n)
      stencil[static_cast<std::size_t>(n + radius_)] = neighbour(axis, n, m, j, offset);
    const MutableRows low = edges.low.rows(layout_.primitive_count, row),
                      high = edges.high.rows(layout_.primitive_count, row);
    sweep_.reconstruction_->edges(std::span(stencil).first(static_cast<std::size_t>(2 * radius_ + 1)),
                                  layout_.primitive_count, low, high, count);
    const Rows& average = stencil[static_cast<std::size_t>(radius_)];
    if (!sweep_.reconstruction_->keeps_range()) sweep_.physics_->limit_edges(average, low, high, count);
    if (stage_.smoothness == nullptr) return;
    const double* keep = cells(*stage_.smoothness, 0, m, j, offset);
    for (int k = 0; k < layout_.primitive_count; ++k) {
      const double* mean = average[static_cast<std::size_t>(k)];
      for (double* edge : {low[static_cast<std::size_t>(k)], high[static_cast<std::size_t>(k)]}) {
#pragma omp simd
        for (int i = 0; i < count; ++i) edge[i] = mean[i] + keep[i] * (edge[i] - mean[i]);
      }
    }
  }

  [[nodiscard]] MutableRows flux_rows(RowBlock& block, int face, bool seen_from_right, int axis) const {
    const int row = 2 * face + (layout_.has_bed && seen_from_right ? 1 : 0);
    return turned(block.rows(layout_.conserved_count, row), layout_.first_vector, axis);
  }

  /// Fluxes through faces whose left cells start at `offset` of row j in slab m.
  void flux(int axis, int m, int j, int offset, int count, const Rows& left, const Rows& right, RowBlock& out,
            int face) {
    const MutableRows seen_from_left = flux_rows(out, face, false, axis);
    (*sweep_.flux_)(left, right, seen_from_left, flux_rows(out, face, true, axis), count);
    if (!layout_.has_gradient_flux) return;
    std::array<Rows, 4> line;
    for (int n = 0; n < 4; ++n) line[static_cast<std::size_t>(n)] = neighbour(axis, n - 1, m, j, offset);
    sweep_.physics_->add_gradient_flux(line, inverse_width(axis), seen_from_left, count);
  }
  [[nodiscard]] double inverse_width(int axis) const { return sweep_.inverse_width_[static_cast<std::size_t>(axis)]; }

  void march_edges(int m, int j) { reconstruct(march_, m, j, 0, width_, march_edges_, parity(m) * height_ + j); }
  /// The face below row j of slab m; the edge values of slab m - 1 are there.
  void march_face(int m, int j) {
    march_edges(m, j);
    const int components = layout_.primitive_count, here = parity(m) * height_ + j;
    flux(march_, m - 1, j, 0, width_, read_only(march_edges_.high.rows(components, parity(m - 1) * height_ + j)),
         read_only(march_edges_.low.rows(components, here)), march_flux_, here);
  }
  void y_face(int m, int j) {
    const int components = layout_.primitive_count;
    reconstruct(1, m, j, 0, width_, y_edges_, parity(j));
    flux(1, m, j - 1, 0, width_, read_only(y_edges_.high.rows(components, parity(j - 1))),
         read_only(y_edges_.low.rows(components, parity(j))), y_flux_, parity(j));
  }

  /// Faces of the row along an axis, and the sources that go with its edge values.
  void take(int axis, const MutableRows& below, const MutableRows& above, int above_offset, const Rows& low,
            const Rows& high) {
    for (int k = 0; k < layout_.conserved_count; ++k) {
      const auto c = static_cast<std::size_t>(k);
      crossings_[c][static_cast<std::size_t>(axis)] = {below[c], above[c] + above_offset, inverse_width(axis)};
    }
    if (layout_.has_bed)
      sweep_.physics_->add_cell_source(low, high, inverse_width(axis),
                                       turned(source_.rows(layout_.conserved_count, 0), layout_.first_vector, axis),
                                       width_);
  }

  void finish_slab(int m) {
    const int components = layout_.primitive_count;
    if (dimension_ == 3) {
      reconstruct(1, m, -1, 0, width_, y_edges_, parity(-1));
      y_face(m, 0);
    }
    for (int j = 0; j < height_; ++j) {
      start_source(m, j);
      reconstruct(0, m, j, -1, width_ + 2, x_edges_, 0);
      const Rows low = read_only(x_edges_.low.rows(components, 0, 1)),
                 high = read_only(x_edges_.high.rows(components, 0));
      flux(0, m, j, -1, width_ + 1, high, low, x_flux_, 0);
      take(0, flux_rows(x_flux_, 0, true, 0), flux_rows(x_flux_, 0, false, 0), 1, low,
           read_only(x_edges_.high.rows(components, 0, 1)));
      if (dimension_ == 3) {
        // The edge values of row j are still there when the face above has overwritten those of row j - 1.
        y_face(m, j + 1);
        take(1, flux_rows(y_flux_, parity(j), true, 0), flux_rows(y_flux_, parity(j + 1), false, 0), 0,
             read_only(y_edges_.low.rows(components, parity(j))), read_only(y_edges_.high.rows(components, parity(j))));
      }
      if (dimension_ > 1) {
        const int here = parity(m) * height_ + j, next = parity(m + 1) * height_ + j;
        take(march_, flux_rows(march_flux_, here, true, 0), flux_rows(march_flux_, next, false, 0), 0,
             read_only(march_edges_.low.rows(components, here)), read_only(march_edges_.high.rows(components, here)));
      }
      if (dimension_ == 1) update<1>(m, j);
      if (dimension_ == 2) update<2>(m, j);
      if (dimension_ == 3) update<3>(m, j);
    }
  }

  [[nodiscard]] bool has_source() const { return layout_.has_bed || stage_.forcing != nullptr; }

  /// The rates that are no fluxes start from the forcing.
  void start_source(int m, int j) {
    if (!has_source()) return;
    const MutableRows source = source_.rows(layout_.conserved_count, 0);
    for (int k = 0; k < layout_.conserved_count; ++k) {
      double* out = source[static_cast<std::size_t>(k)];
      if (stage_.forcing == nullptr) {
        std::fill_n(out, width_, 0.0);
      } else {
        std::copy_n(cells(*stage_.forcing, k, m, j, 0), width_, out);
      }
    }
  }

  template <int Dimension>
  void update(int m, int j) {
    const auto [row, plane] = row_of(m, j);
    Rows updated{};
    for (int k = 0; k < layout_.conserved_count; ++k) {
      const auto faces = crossings_[static_cast<std::size_t>(k)];
      double* out = stage_.out->row(k, row, plane) + tile_.x_begin;
      updated[static_cast<std::size_t>(k)] = out;
      const double step = stage_.step;
      const double* first = cells(*stage_.parts[0].state, k, m, j, 0);
      if (stage_.parts.size() == 1) {
        const double weight = stage_.parts[0].weight;
#pragma omp simd
        for (int i = 0; i < width_; ++i) out[i] = weight * first[i] + step * gain<Dimension>(faces, i);
      } else {
        // The weights add up to one: written as differences to the first part, what is constant stays so exactly.
        const double second_weight = stage_.parts[1].weight;
        const double* second = cells(*stage_.parts[1].state, k, m, j, 0);
#pragma omp simd
        for (int i = 0; i < width_; ++i)
          out[i] = (first[i] + second_weight * (second[i] - first[i])) + step * gain<Dimension>(faces, i);
      }
      for (std::size_t p = 2; p < stage_.parts.size(); ++p) {
        const double weight = stage_.parts[p].weight;
        const double* part = cells(*stage_.parts[p].state, k, m, j, 0);
#pragma omp simd
        for (int i = 0; i < width_; ++i) out[i] = out[i] + weight * (part[i] - first[i]);
      }
      if (!has_source()) continue;
      const double* source = source_.rows(layout_.conserved_count, 0)[static_cast<std::size_t>(k)];
#pragma omp simd
      for (int i = 0; i < width_; ++i) out[i] = out[i] + step * source[i];
    }
    if (!stage_.wants_rate) return;
    report_.rate =
        larger_limit(report_.rate, sweep_.physics_->largest_rate(updated, bed(m, j, 0), sweep_.inverse_width_, width_));
  }

  const Sweep& sweep_;
  const Stage& stage_;
  Tile tile_;
  const RowPhysics::Layout& layout_;
  int radius_, ghosts_, dimension_, march_, width_, height_, y_ghosts_, slab_rows_, slots_;
  RowBlock primitive_;
  Edges x_edges_, y_edges_, march_edges_;
  RowBlock x_flux_, y_flux_, march_flux_, source_;
  std::array<std::array<Crossing, 3>, max_components> crossings_{};
  StageReport report_;
};

Sweep::Sweep(std::shared_ptr<const RowPhysics> physics, std::shared_ptr<const RowReconstruction> reconstruction,
             std::shared_ptr<const RowFlux> flux, const std::array<double, 3>& width)
    : physics_(std::move(physics)), reconstruction_(std::move(reconstruction)), flux_(std::move(flux)) {
  for (std::size_t axis = 0; axis < 3; ++axis) inverse_width_[axis] = 1 / width[axis];
}

int Sweep::ghosts() const { return std::max(reconstruction_->radius() + 1, 2); }

StageReport Sweep::run(const Stage& stage) const {
  const auto all = tiles(stage.state->shape());
  std::vector<StageReport> reports(all.size());
  Tile largest{0, 0, 0, 0, 0, 0};
  for (const Tile& tile : all) {
    largest.x_end = std::max(largest.x_end, tile.x_end - tile.x_begin);
    largest.y_end = std::max(largest.y_end, tile.y_end - tile.y_begin);
  }
#pragma omp parallel if (all.size() > 1)
  {
    TileSweep worker(*this, stage, largest);
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

double Sweep::rate(const PaddedField& state, const PaddedField* bed) const {
  const BlockShape& shape = state.shape();
  double largest = 0;
  for (int k = 0; k < shape.cells[2]; ++k)
    for (int j = 0; j < shape.cells[1]; ++j) {
      Rows rows{};
      for (int c = 0; c < physics_->layout().conserved_count; ++c)
        rows[static_cast<std::size_t>(c)] = state.row(c, j, k);
      largest = larger_limit(largest, physics_->largest_rate(rows, bed == nullptr ? nullptr : bed->row(0, j, k),
                                                             inverse_width_, shape.cells[0]));
    }
  return largest;
}

}  // namespace eddyline
