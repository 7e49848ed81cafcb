#pragma once
// One tile of a stage, row by row. Used by sweep.cpp alone.

#include <algorithm>

#include "solvers/grid/sweep.hpp"

namespace eddyline {

/// Half-open ranges of cells.
struct Tile {
  int x_begin, x_end, y_begin, y_end, march_begin, march_end;
};

/// The larger of two limits; what is not a number stays.
[[nodiscard]] inline double larger_limit(double so_far, double here) {
  return std::isnan(so_far) || here <= so_far ? so_far : here;
}

/// `rows` rows of `components` components, each `width` long.
template <class Element>
class RowBlock {
 public:
  RowBlock(int components, int rows, int width)
      : stride_((width + line - 1) / line * line),
        component_stride_((stride_ * rows + page - 1) / page * page + page / 8 + line),
        values_(static_cast<std::size_t>(component_stride_ * components), Element(1)) {}
  [[nodiscard]] MutableRows<Element> rows(int components, int row, int offset = 0) {
    MutableRows<Element> out{};
    for (int k = 0; k < components; ++k)
      out[static_cast<std::size_t>(k)] = values_.data() + k * component_stride_ + row * stride_ + offset;
    return out;
  }

 private:
  /// Components that are a multiple of 4 KiB apart would compete for the same lines of the first-level cache.
  static constexpr std::int64_t line = 64 / sizeof(Element), page = 4096 / sizeof(Element);
  std::int64_t stride_, component_stride_;
  AlignedArray<Element> values_;
};

/// The component of a vector along `axis` becomes the first.
template <class RowsOrMutable>
RowsOrMutable turned(RowsOrMutable rows, int first_vector, int axis) {
  if (first_vector >= 0 && axis > 0)
    std::swap(rows[static_cast<std::size_t>(first_vector)], rows[static_cast<std::size_t>(first_vector + axis)]);
  return rows;
}

/// Carries one tile: slabs (a row in two dimensions, a few rows in three) are taken up one after the other along the
/// last axis, the march axis. Cell (i, j) of a slab has its primitive state at offset i + ghosts of row j + y_ghosts.
/// Faces carry the index of the cell above them. What row j of one slab leaves for the next (its upper edge values and
/// the flux through its upper face) lies in row kept_[j] of its block; row spare_ is the one being written.
template <class Element>
class TileSweep {
 public:
  /// @param largest  a tile as wide and as high as any that will be run.
  TileSweep(const Sweep<Element>& sweep, const Stage<Element>& stage, const Tile& largest)
      : sweep_(sweep),
        physics_(sweep.physics()),
        stage_(stage),
        tile_(largest),
        layout_(physics_.layout()),
        radius_(sweep.reconstruction().radius()),
        ghosts_(stage.state->shape().ghosts),
        dimension_(stage.state->shape().dimension),
        march_(dimension_ - 1),
        width_(largest.x_end - largest.x_begin),
        height_(largest.y_end - largest.y_begin),
        y_ghosts_(dimension_ == 3 ? ghosts_ : 0),
        slab_rows_(height_ + 2 * y_ghosts_),
        slots_(dimension_ == 1 ? 1 : 2 * ghosts_),
        spare_(height_),
        primitive_(layout_.primitive_count, slots_ * slab_rows_, width_ + 2 * ghosts_),
        x_edges_{layout_.reconstructed_count, 1, 1, width_ + 2},
        y_edges_{layout_.reconstructed_count, 2, 2, width_},
        march_edges_{layout_.reconstructed_count, layout_.has_bed ? height_ + 1 : 1, height_ + 1, width_},
        x_flux_(layout_, 1, width_ + 1),
        y_flux_(layout_, 2, width_),
        march_flux_(layout_, height_ + 1, width_),
        source_(layout_.conserved_count, 1, width_) {
    for (int j = 0; j < height_; ++j) kept_.push_back(j);
  }

  StageReport run(const Tile& tile) {
    tile_ = tile;
    width_ = tile.x_end - tile.x_begin;
    height_ = tile.y_end - tile.y_begin;
    slab_rows_ = height_ + 2 * y_ghosts_;
    report_ = {};
    if (dimension_ == 1) {
      load_slab(0);
      finish_row(0, 0);
      return report_;
    }
    const int begin = tile_.march_begin, end = tile_.march_end;
    for (int m = begin - ghosts_; m < begin + ghosts_ - 1; ++m) load_slab(m);
    for (int j = 0; j < height_; ++j)
      reconstruct(march_, begin - 1, j, 0, width_, march_edges_, low_row(kept(j)), kept(j));
    for (int m = begin - 1; m < end; ++m) {
      load_slab(m + ghosts_);
      if (dimension_ == 3 && m >= begin) {
        reconstruct(1, m, -1, 0, width_, y_edges_, 1, 1);
        y_face(m, 0);
      }
      for (int j = 0; j < height_; ++j) {
        if (m >= begin) prefetch_update(m, j);
        march_face(m + 1, j);
        if (m >= begin) finish_row(m, j);
        std::swap(kept_[static_cast<std::size_t>(j)], spare_);
      }
    }
    return report_;
  }

 private:
  using InRows = Rows<Element>;
  using OutRows = MutableRows<Element>;
  struct Edges {
    RowBlock<Element> low, high;
    Edges(int components, int low_rows, int high_rows, int width)
        : low(components, low_rows, width), high(components, high_rows, width) {}
  };
  struct Fluxes {
    RowBlock<Element> seen_from_left, seen_from_right;  // they differ over a bed only
    Fluxes(const StateLayout& layout, int rows, int width)
        : seen_from_left(layout.conserved_count, rows, width),
          seen_from_right(layout.has_bed ? layout.conserved_count : 0, layout.has_bed ? rows : 0, width) {}
  };
  /// What crosses the faces of a row along one axis, for one component.
  struct Crossing {
    const Element* below;
    const Element* above;
    Element inverse_width;
  };

  [[nodiscard]] static int parity(int index) { return index & 1; }
  [[nodiscard]] int kept(int j) const { return kept_[static_cast<std::size_t>(j)]; }
  /// Lower edge values are kept for the sources of a bed only.
  [[nodiscard]] int low_row(int row) const { return layout_.has_bed ? row : 0; }
  [[nodiscard]] OutRows primitive(int m, int j, int offset) {
    const int slot = ((m % slots_) + slots_) % slots_;
    return primitive_.rows(layout_.primitive_count, slot * slab_rows_ + j + y_ghosts_, offset + ghosts_);
  }
  /// The primitive row `step` cells away along an axis.
  [[nodiscard]] OutRows neighbour(int axis, int step, int m, int j, int offset) {
    const bool is_march = axis == march_ && axis > 0;
    return primitive(m + (is_march ? step : 0), j + (axis == 1 && !is_march ? step : 0),
                     offset + (axis == 0 ? step : 0));
  }
  [[nodiscard]] std::pair<int, int> row_of(int m, int j) const {  // (j, k) of a PaddedField
    if (dimension_ == 1) return {0, 0};
    return dimension_ == 2 ? std::pair{m, 0} : std::pair{tile_.y_begin + j, m};
  }
  template <class Field>
  [[nodiscard]] auto* cells(Field& field, int component, int m, int j, int offset) const {
    const auto [row, plane] = row_of(m, j);
    return field.row(component, row, plane) + tile_.x_begin + offset;
  }
  [[nodiscard]] InRows rows(const PaddedArray<Element>& field, int m, int j, int offset) const {
    InRows rows{};
    for (int k = 0; k < layout_.conserved_count; ++k) rows[static_cast<std::size_t>(k)] = cells(field, k, m, j, offset);
    return rows;
  }
  [[nodiscard]] const Element* fixed(int m, int j, int offset) const {
    return stage_.fixed == nullptr ? nullptr : cells(*stage_.fixed, 0, m, j, offset);
  }

  /// Rows of a slab are too short for the hardware to see what comes next.
  void prefetch(const PaddedArray<Element>& field, int m, int j, int begin, int end) const {
    for (int k = 0; k < layout_.conserved_count; ++k) {
      const Element* row = cells(field, k, m, j, 0);
      for (int i = begin; i < end; i += static_cast<int>(64 / sizeof(Element))) __builtin_prefetch(row + i);
    }
  }
  void prefetch_update(int m, int j) const {
    if (dimension_ != 3) return;
    for (const auto& part : stage_.parts) prefetch(*part.state, m, j, 0, width_);
    for (int k = 0; k < layout_.conserved_count; ++k) {
      const Element* row = cells(*stage_.out, k, m, j, 0);
      for (int i = 0; i < width_; i += static_cast<int>(64 / sizeof(Element))) __builtin_prefetch(row + i, 1);
    }
  }

  void load_slab(int m) {
    for (int j = -y_ghosts_; j < height_ + y_ghosts_; ++j) {
      if (dimension_ == 3 && j + 1 < height_ + y_ghosts_) prefetch(*stage_.state, m, j + 1, -ghosts_, width_ + ghosts_);
      if (!physics_.to_primitive(rows(*stage_.state, m, j, -ghosts_), fixed(m, j, -ghosts_), primitive(m, j, -ghosts_),
                                 width_ + 2 * ghosts_))
        report_.is_admissible = false;
    }
  }

  /// Edge values of `count` cells that start at `offset` of row j in slab m, along an axis.
  void reconstruct(int axis, int m, int j, int offset, int count, Edges& edges, int to_low, int to_high) {
    const int components = layout_.reconstructed_count;
    std::array<InRows, 5> stencil;
    for (int n = -radius_; n <= radius_; ++n)
      stencil[static_cast<std::size_t>(n + radius_)] =
          turned(read_only<Element>(neighbour(axis, n, m, j, offset)), layout_.first_vector, axis);
    const OutRows low = edges.low.rows(components, to_low), high = edges.high.rows(components, to_high);
    sweep_.reconstruction().edges(std::span(stencil).first(static_cast<std::size_t>(2 * radius_ + 1)), components, low,
                                  high, count);
    const InRows& average = stencil[static_cast<std::size_t>(radius_)];
    if (!sweep_.reconstruction().keeps_range()) physics_.limit_edges(average, low, high, count);
    if (stage_.smoothness == nullptr) return;
    const Element* keep = cells(*stage_.smoothness, 0, m, j, offset);
    for (int k = 0; k < components; ++k) {
      const Element* mean = average[static_cast<std::size_t>(k)];
      for (Element* edge : {low[static_cast<std::size_t>(k)], high[static_cast<std::size_t>(k)]}) {
#pragma omp simd
        for (int i = 0; i < count; ++i) edge[i] = mean[i] + keep[i] * (edge[i] - mean[i]);
      }
    }
  }

  [[nodiscard]] OutRows flux_rows(Fluxes& fluxes, int row, bool seen_from_right, int offset = 0) const {
    RowBlock<Element>& block = layout_.has_bed && seen_from_right ? fluxes.seen_from_right : fluxes.seen_from_left;
    return block.rows(layout_.conserved_count, row, offset);
  }

  /// Fluxes through faces whose left cells start at `offset` of row j in slab m.
  void flux(int axis, int m, int j, int offset, int count, const OutRows& left, const OutRows& right, Fluxes& out,
            int row) {
    const auto turn = [&](const OutRows& rows) { return turned(rows, layout_.first_vector, axis); };
    const OutRows seen_from_left = turn(flux_rows(out, row, false));
    sweep_.flux()(read_only<Element>(left), read_only<Element>(right), seen_from_left, turn(flux_rows(out, row, true)),
                  count);
    if (layout_.has_gradient_flux) physics_.add_gradient_flux(surroundings(axis, m, j, offset), seen_from_left, count);
  }

  [[nodiscard]] FaceSurroundings<Element> surroundings(int axis, int m, int j, int offset) {
    const auto turn = [&](const OutRows& rows) { return turned(read_only<Element>(rows), layout_.first_vector, axis); };
    FaceSurroundings<Element> out;
    for (int n = 0; n < 4; ++n) out.line[static_cast<std::size_t>(n)] = turn(neighbour(axis, n - 1, m, j, offset));
    out.inverse_width[0] = inverse_width(axis);
    for (int component = 1; component < dimension_; ++component) {
      const int other = component == axis ? 0 : component;  // the axes change places as the components do
      const auto c = static_cast<std::size_t>(component);
      out.inverse_width[c] = inverse_width(other);
      for (int n = 0; n < 4; ++n) {
        const int along = n / 2, across = n % 2 == 0 ? -1 : 1;
        // From the cell on either side of the face, one step across.
        const bool is_march = axis == march_ && axis > 0;
        const int to_m = m + (is_march ? along : 0), to_j = j + (axis == 1 && !is_march ? along : 0),
                  to_offset = offset + (axis == 0 ? along : 0);
        out.across[c - 1][static_cast<std::size_t>(n)] = turn(neighbour(other, across, to_m, to_j, to_offset));
      }
    }
    return out;
  }
  [[nodiscard]] double inverse_width(int axis) const { return sweep_.inverse_width()[static_cast<std::size_t>(axis)]; }

  /// The face below row j of slab m; the edge values of slab m - 1 are kept.
  void march_face(int m, int j) {
    const int components = layout_.reconstructed_count;
    reconstruct(march_, m, j, 0, width_, march_edges_, low_row(spare_), spare_);
    flux(march_, m - 1, j, 0, width_, march_edges_.high.rows(components, kept(j)),
         march_edges_.low.rows(components, low_row(spare_)), march_flux_, spare_);
  }
  void y_face(int m, int j) {
    const int components = layout_.reconstructed_count;
    reconstruct(1, m, j, 0, width_, y_edges_, parity(j), parity(j));
    flux(1, m, j - 1, 0, width_, y_edges_.high.rows(components, parity(j - 1)),
         y_edges_.low.rows(components, parity(j)), y_flux_, parity(j));
  }

  /// Faces of the row along an axis, and the sources that go with its edge values.
  void take(int axis, const OutRows& below, const OutRows& above, const OutRows& low, const OutRows& high) {
    for (int k = 0; k < layout_.conserved_count; ++k) {
      const auto c = static_cast<std::size_t>(k);
      crossings_[c][static_cast<std::size_t>(axis)] = {below[c], above[c], static_cast<Element>(inverse_width(axis))};
    }
    if (layout_.has_bed)
      physics_.add_cell_source(read_only<Element>(low), read_only<Element>(high), inverse_width(axis),
                               turned(source_.rows(layout_.conserved_count, 0), layout_.first_vector, axis), width_);
  }

  /// Row j of slab m; the faces below and above it along the march axis are there.
  void finish_row(int m, int j) {
    const int components = layout_.reconstructed_count;
    start_source(m, j);
    reconstruct(0, m, j, -1, width_ + 2, x_edges_, 0, 0);
    flux(0, m, j, -1, width_ + 1, x_edges_.high.rows(components, 0), x_edges_.low.rows(components, 0, 1), x_flux_, 0);
    take(0, flux_rows(x_flux_, 0, true), flux_rows(x_flux_, 0, false, 1), x_edges_.low.rows(components, 0, 1),
         x_edges_.high.rows(components, 0, 1));
    if (dimension_ == 3) {
      // The edge values of row j are still there when the face above has overwritten those of row j - 1.
      y_face(m, j + 1);
      take(1, flux_rows(y_flux_, parity(j), true), flux_rows(y_flux_, parity(j + 1), false),
           y_edges_.low.rows(components, parity(j)), y_edges_.high.rows(components, parity(j)));
    }
    if (dimension_ > 1)
      take(march_, flux_rows(march_flux_, kept(j), true), flux_rows(march_flux_, spare_, false),
           march_edges_.low.rows(components, low_row(kept(j))), march_edges_.high.rows(components, kept(j)));
    if (dimension_ == 1) update<1>(m, j);
    if (dimension_ == 2) update<2>(m, j);
    if (dimension_ == 3) update<3>(m, j);
  }

  [[nodiscard]] bool is_forced() const { return stage_.forcing != nullptr || stage_.drag != 0; }
  [[nodiscard]] bool has_source() const { return layout_.has_bed || is_forced(); }

  /// The rates that are no fluxes start from the forcing.
  void start_source(int m, int j) {
    if (!has_source()) return;
    const OutRows source = source_.rows(layout_.conserved_count, 0);
    for (int k = 0; k < layout_.conserved_count; ++k)
      std::fill_n(source[static_cast<std::size_t>(k)], width_, Element(0));
    if (!is_forced()) return;
    const InRows state = read_only<Element>(primitive(m, j, 0));
    if (stage_.forcing == nullptr) {
      physics_.add_forcing(state, nullptr, stage_.drag, source, width_);
    } else {
      const InRows forcing = rows(*stage_.forcing, m, j, 0);
      physics_.add_forcing(state, &forcing, stage_.drag, source, width_);
    }
  }

  /// Net gain of cell i from its faces along the axes.
  template <int Dimension>
  [[nodiscard]] static Element gain(const std::array<Crossing, 3>& faces, int i) {
    Element sum = (faces[0].below[i] - faces[0].above[i]) * faces[0].inverse_width;
    if constexpr (Dimension > 1) sum = sum + (faces[1].below[i] - faces[1].above[i]) * faces[1].inverse_width;
    if constexpr (Dimension > 2) sum = sum + (faces[2].below[i] - faces[2].above[i]) * faces[2].inverse_width;
    return sum;
  }

  template <int Dimension>
  void update(int m, int j) {
    InRows updated{};
    for (int k = 0; k < layout_.conserved_count; ++k) {
      const auto faces = crossings_[static_cast<std::size_t>(k)];
      Element* out = cells(*stage_.out, k, m, j, 0);
      updated[static_cast<std::size_t>(k)] = out;
      const auto step = static_cast<Element>(stage_.step);
      const Element* first = cells(*stage_.parts[0].state, k, m, j, 0);
      if (stage_.parts.size() == 1) {
        const auto weight = static_cast<Element>(stage_.parts[0].weight);
#pragma omp simd
        for (int i = 0; i < width_; ++i) out[i] = weight * first[i] + step * gain<Dimension>(faces, i);
      } else {
        // The weights add up to one: written as differences to the first part, what is constant stays so exactly.
        const auto second_weight = static_cast<Element>(stage_.parts[1].weight);
        const Element* second = cells(*stage_.parts[1].state, k, m, j, 0);
#pragma omp simd
        for (int i = 0; i < width_; ++i)
          out[i] = (first[i] + second_weight * (second[i] - first[i])) + step * gain<Dimension>(faces, i);
      }
      for (std::size_t p = 2; p < stage_.parts.size(); ++p) {
        const auto weight = static_cast<Element>(stage_.parts[p].weight);
        const Element* part = cells(*stage_.parts[p].state, k, m, j, 0);
#pragma omp simd
        for (int i = 0; i < width_; ++i) out[i] = out[i] + weight * (part[i] - first[i]);
      }
      if (!has_source()) continue;
      const Element* source = source_.rows(layout_.conserved_count, 0)[static_cast<std::size_t>(k)];
#pragma omp simd
      for (int i = 0; i < width_; ++i) out[i] = out[i] + step * source[i];
    }
    if (!stage_.wants_rate) return;
    report_.rate =
        larger_limit(report_.rate, physics_.largest_rate(updated, fixed(m, j, 0), sweep_.inverse_width(), width_));
  }

  const Sweep<Element>& sweep_;
  const RowPhysics<Element>& physics_;
  const Stage<Element>& stage_;
  Tile tile_;
  const StateLayout& layout_;
  int radius_, ghosts_, dimension_, march_, width_, height_, y_ghosts_, slab_rows_, slots_;
  std::vector<int> kept_;
  int spare_;
  RowBlock<Element> primitive_;
  Edges x_edges_, y_edges_, march_edges_;
  Fluxes x_flux_, y_flux_, march_flux_;
  RowBlock<Element> source_;
  std::array<std::array<Crossing, 3>, max_components> crossings_{};
  StageReport report_;
};

}  // namespace eddyline
