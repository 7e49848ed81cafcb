#pragma once
// Pointwise physics as loops over rows. The engine calls these once a row, so that it needs no template of its own and
// the loops inside are whole: one virtual call a row, none a cell.

#include <cmath>
#include <limits>
#include <memory>
#include <span>
#include <string>

#include "solvers/grid/rows.hpp"

namespace eddyline {

/// An equation on rows. A state has `conserved_count` conserved components and `primitive_count` primitive ones, which
/// are what is reconstructed; components first_vector.. of both are those of a vector, the first normal to the face.
class RowPhysics {
 public:
  virtual ~RowPhysics() = default;
  struct Layout {
    int dimension = 1, conserved_count = 1, primitive_count = 1;
    int first_vector = -1;  // -1: no vector
    bool has_bed = false;   // a fixed field beside the state
    bool has_gradient_flux = false;
  };
  [[nodiscard]] virtual const Layout& layout() const = 0;

  /// Primitive from conserved states. @param bed  null without a bed. @return whether all states are admissible.
  [[nodiscard]] virtual bool to_primitive(const Rows& conserved, const double* bed, const MutableRows& primitive,
                                          int count) const = 0;
  /// The rows of both must not be the same.
  virtual void to_conserved(const Rows& primitive, const MutableRows& conserved, int count) const = 0;
  /// Largest 1/dt at a Courant number of one; not a number when a state is not admissible.
  [[nodiscard]] virtual double largest_rate(const Rows& conserved, const double* bed,
                                            const std::array<double, 3>& inverse_width, int count) const = 0;
  /// Scales the edge values of a cell towards its average where a component that must stay positive does not (Zhang &
  /// Shu, J. Comput. Phys. 229 (2010) 8918, with the average as the only other point).
  virtual void limit_edges(const Rows& average, const MutableRows& low, const MutableRows& high, int count) const = 0;
  /// Rates of the cells along one axis that are no difference of fluxes (a sloping bed), from the edge values.
  virtual void add_cell_source(const Rows& low, const Rows& high, double inverse_width, const MutableRows& rate,
                               int count) const = 0;
  /// Adds the fluxes of gradients (diffusion) on faces between rows[1] and rows[2] of four cells in a line.
  virtual void add_gradient_flux(const std::array<Rows, 4>& primitive, double inverse_width, const MutableRows& flux,
                                 int count) const = 0;
};

/// A numerical flux for one equation, on rows of face states.
class RowFlux {
 public:
  virtual ~RowFlux() = default;
  /// Flux through `count` faces, as the cell on the left and the one on the right sees it (the same for equations in
  /// conservation form, whose `seen_from_right` is left alone).
  virtual void operator()(const Rows& left, const Rows& right, const MutableRows& seen_from_left,
                          const MutableRows& seen_from_right, int count) const = 0;
};

/// A reconstruction: values on both edges of cells from averages.
class RowReconstruction {
 public:
  virtual ~RowReconstruction() = default;
  /// Cells needed on either side.
  [[nodiscard]] virtual int radius() const = 0;
  /// Edge values lie between the averages of the neighbours, so what is positive stays so.
  [[nodiscard]] virtual bool keeps_range() const = 0;
  /// @param stencil  primitive rows of the cells -radius .. radius along the axis. @param components  how many.
  virtual void edges(std::span<const Rows> stencil, int components, const MutableRows& low, const MutableRows& high,
                     int count) const = 0;
};

template <class Physics>
class PhysicsRows final : public RowPhysics {
 public:
  explicit PhysicsRows(const Physics& physics) : physics_(physics) {}
  [[nodiscard]] const Physics& physics() const { return physics_; }
  [[nodiscard]] const Layout& layout() const override {
    static const Layout layout{Physics::dimension,    Physics::conserved_count, Physics::primitive_count,
                               Physics::first_vector, Physics::has_bed,         Physics::has_gradient_flux};
    return layout;
  }

  [[nodiscard]] bool to_primitive(const Rows& conserved, const double* bed, const MutableRows& primitive,
                                  int count) const override {
    bool good = true;
    for_cells(count, [&]<class Real>(int i) {
      const auto w = primitive_at<Real>(conserved, bed, i);
      good = good && holds_everywhere(physics_.is_admissible(w));
      store_state(primitive, i, w);
    });
    return good;
  }

  void to_conserved(const Rows& primitive, const MutableRows& conserved, int count) const override {
    for_cells(count, [&]<class Real>(int i) {
      store_state(conserved, i, physics_.conserved(load_state<Real, Physics::primitive_count>(primitive, i)));
    });
  }

  [[nodiscard]] double largest_rate(const Rows& conserved, const double* bed,
                                    const std::array<double, 3>& inverse_width, int count) const override {
    double scalar_rate = 0;
    Pack pack_rate = 0;
    bool good = true;
    for_cells(count, [&]<class Real>(int i) {
      const auto w = primitive_at<Real>(conserved, bed, i);
      good = good && holds_everywhere(physics_.is_admissible(w));
      if constexpr (std::is_same_v<Real, double>) {
        scalar_rate = larger(scalar_rate, physics_.rate(w, inverse_width));
      } else {
        pack_rate = larger(pack_rate, physics_.rate(w, inverse_width));
      }
    });
    return good ? larger(scalar_rate, largest_lane(pack_rate)) : std::numeric_limits<double>::quiet_NaN();
  }

  void limit_edges(const Rows& average, const MutableRows& low, const MutableRows& high, int count) const override {
    for (const int k : Physics::positive)
      for_cells_once(count, [&]<class Real>(int i) {
        const auto mean = load<Real>(average[k] + i), at_low = load<Real>(low[k] + i),
                   at_high = load<Real>(high[k] + i);
        const Real least = smaller(at_low, at_high), floor = 1e-3 * mean;
        const auto is_low = least < floor;
        const Real scale = (mean - floor) / select(is_low, mean - least, Real(1.0));
        store(low[k] + i, select(is_low, mean + scale * (at_low - mean), at_low));
        store(high[k] + i, select(is_low, mean + scale * (at_high - mean), at_high));
      });
  }

  void add_cell_source(const Rows& low, const Rows& high, double inverse_width, const MutableRows& rate,
                       int count) const override {
    if constexpr (Physics::has_bed)
      for_cells_once(count, [&]<class Real>(int i) {
        auto sum = load_state<Real, Physics::conserved_count>(read_only(rate), i);
        const auto source = physics_.cell_source(load_state<Real, Physics::primitive_count>(low, i),
                                                 load_state<Real, Physics::primitive_count>(high, i));
        for (std::size_t k = 0; k < sum.size(); ++k) sum[k] = sum[k] + source[k] * inverse_width;
        store_state(rate, i, sum);
      });
  }

  void add_gradient_flux(const std::array<Rows, 4>& primitive, double inverse_width, const MutableRows& flux,
                         int count) const override {
    if constexpr (Physics::has_gradient_flux)
      for_cells_once(count, [&]<class Real>(int i) {
        auto sum = load_state<Real, Physics::conserved_count>(read_only(flux), i);
        std::array<std::array<Real, Physics::primitive_count>, 4> w;
        for (std::size_t n = 0; n < 4; ++n) w[n] = load_state<Real, Physics::primitive_count>(primitive[n], i);
        const auto gradient = physics_.gradient_flux(w, inverse_width);
        for (std::size_t k = 0; k < sum.size(); ++k) sum[k] = sum[k] + gradient[k];
        store_state(flux, i, sum);
      });
  }

 private:
  template <class Real>
  [[nodiscard]] auto primitive_at(const Rows& conserved, const double* bed, int i) const {
    const auto u = load_state<Real, Physics::conserved_count>(conserved, i);
    if constexpr (Physics::has_bed) {
      return physics_.primitive(u, load<Real>(bed + i));
    } else {
      static_cast<void>(bed);
      return physics_.primitive(u);
    }
  }

  Physics physics_;
};

template <class Physics, class NumericalFlux>
class FluxRows final : public RowFlux {
 public:
  explicit FluxRows(const Physics& physics) : physics_(physics) {}
  void operator()(const Rows& left, const Rows& right, const MutableRows& seen_from_left,
                  const MutableRows& seen_from_right, int count) const override {
    for_cells(count, [&]<class Real>(int i) {
      const auto w_left = load_state<Real, Physics::primitive_count>(left, i),
                 w_right = load_state<Real, Physics::primitive_count>(right, i);
      if constexpr (Physics::has_bed) {
        const auto [from_left, from_right] = physics_.balanced_flux(NumericalFlux{}, w_left, w_right);
        store_state(seen_from_left, i, from_left);
        store_state(seen_from_right, i, from_right);
      } else {
        store_state(seen_from_left, i, NumericalFlux{}(physics_, w_left, w_right));
      }
    });
  }

 private:
  Physics physics_;
};

/// A reconstruction that treats every component by itself.
template <class Scheme>
class ComponentRows final : public RowReconstruction {
 public:
  [[nodiscard]] int radius() const override { return Scheme::radius; }
  [[nodiscard]] bool keeps_range() const override { return Scheme::keeps_range; }
  void edges(std::span<const Rows> stencil, int components, const MutableRows& low, const MutableRows& high,
             int count) const override {
    for (int k = 0; k < components; ++k) {
      std::array<const double*, 2 * Scheme::radius + 1> q;
      for (std::size_t n = 0; n < q.size(); ++n) q[n] = stencil[n][k];
      double *to_low = low[k], *to_high = high[k];
      for_cells(count, [&]<class Real>(int i) {
        std::array<Real, 2 * Scheme::radius + 1> values;
        for (std::size_t n = 0; n < q.size(); ++n) values[n] = load<Real>(q[n] + i);
        const auto edge = Scheme{}(values);
        store(to_low + i, edge[0]);
        store(to_high + i, edge[1]);
      });
    }
  }
};

}  // namespace eddyline
