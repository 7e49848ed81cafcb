#pragma once
// Pointwise physics as loops over rows. The engine calls these once a row, so that it needs no template of its own and
// the loops inside are whole: one virtual call a row, none a cell. `Element` is the precision: float or double. The hot
// ones are flattened: a call a pack would pass the states through memory.

#include <cmath>
#include <limits>
#include <memory>
#include <span>
#include <string>

#include "core/base/error.hpp"
#include "solvers/grid/rows.hpp"
#include "solvers/physics/dual.hpp"

namespace eddyline {

/// What the engine has to know about the components of a state. Of the `primitive_count` primitive components of a cell
/// the first `reconstructed_count` are what faces see; components first_vector.. of conserved and primitive states are
/// those of a vector, the first normal to the face.
struct StateLayout {
  int dimension = 1, conserved_count = 1, primitive_count = 1, reconstructed_count = 1;
  int first_vector = -1;  // -1: no vector
  bool has_bed = false;   // a fixed field, the bed, beside the state
  bool has_friction =
      false;  // no-slip walls; a fixed field: the temperature of walls in the ghost cells beyond them, else 0
  bool has_gradient_flux = false;  // diffusion, friction
  bool has_open_sides = false;     // knows its characteristics: `far_field`, outflow to a given pressure
  [[nodiscard]] constexpr bool has_fixed_field() const { return has_bed || has_friction; }
};

/// The cells around faces with normal +x between line[1] and line[2]. The first component of a vector is the one along
/// the normal; `across` and the widths follow the second and third component.
template <class Element>
struct FaceSurroundings {
  std::array<Rows<Element>, 4> line;
  /// Neighbours on the low and high side of line[1], then those of line[2].
  std::array<std::array<Rows<Element>, 4>, 2> across;
  std::array<double, 3> inverse_width{};
};

/// An equation on rows.
template <class Element>
class RowPhysics {
 public:
  using InRows = Rows<Element>;
  using OutRows = MutableRows<Element>;
  virtual ~RowPhysics() = default;
  [[nodiscard]] virtual const StateLayout& layout() const = 0;

  /// Primitive from conserved states. @param fixed  null without a fixed field. @return whether all are admissible.
  [[nodiscard]] virtual bool to_primitive(const InRows& conserved, const Element* fixed, const OutRows& primitive,
                                          int count) const = 0;
  /// From the reconstructed components. The rows of both must not be the same.
  virtual void to_conserved(const InRows& primitive, const OutRows& conserved, int count) const = 0;
  /// Largest 1/dt at a Courant number of one; not a number when a state is not admissible.
  [[nodiscard]] virtual double largest_rate(const InRows& conserved, const Element* fixed,
                                            const std::array<double, 3>& inverse_width, int count) const = 0;
  /// Scales the edge values of a cell towards its average where a component that must stay positive does not (Zhang &
  /// Shu, J. Comput. Phys. 229 (2010) 8918, with the average as the only other point).
  virtual void limit_edges(const InRows& average, const OutRows& low, const OutRows& high, int count) const = 0;
  /// Rates of the cells along one axis that are no difference of fluxes (a sloping bed), from the edge values.
  virtual void add_cell_source(const InRows& low, const InRows& high, double inverse_width, const OutRows& rate,
                               int count) const = 0;
  /// Adds the fluxes of gradients (diffusion, friction).
  virtual void add_gradient_flux(const FaceSurroundings<Element>& cells, const OutRows& flux, int count) const = 0;
  /// Adds the rates of the conserved components that go with rates of the channels (the first conserved_count primitive
  /// components): `forcing`, null for none, less `drag` times the velocity.
  virtual void add_forcing(const InRows& primitive, const InRows* forcing, double drag, const OutRows& rate,
                           int count) const = 0;
  /// Primitive ghost states beyond an open side with outward normal +x (is_high) or -x: what runs out comes from
  /// inside, what runs in from `outside`.
  virtual void far_field(const InRows& inside, const InRows& outside, bool is_high, const OutRows& ghost,
                         int count) const = 0;
  /// The same with nothing running in but a wave that draws the pressure towards `pressure` by a part of the
  /// difference.
  virtual void outflow(const InRows& inside, const Element* pressure, double part, bool is_high, const OutRows& ghost,
                       int count) const = 0;
};

/// A numerical flux for one equation, on rows of face states.
template <class Element>
class RowFlux {
 public:
  virtual ~RowFlux() = default;
  /// Flux through `count` faces, as the cell on the left and the one on the right sees it (the same for equations in
  /// conservation form, whose `seen_from_right` is left alone).
  virtual void operator()(const Rows<Element>& left, const Rows<Element>& right,
                          const MutableRows<Element>& seen_from_left, const MutableRows<Element>& seen_from_right,
                          int count) const = 0;
};

/// A reconstruction: values on both edges of cells from averages.
template <class Element>
class RowReconstruction {
 public:
  virtual ~RowReconstruction() = default;
  /// Cells needed on either side.
  [[nodiscard]] virtual int radius() const = 0;
  /// Edge values lie between the averages of the neighbours, so what is positive stays so.
  [[nodiscard]] virtual bool keeps_range() const = 0;
  /// @param stencil  primitive rows of the cells -radius .. radius along the axis. @param components  how many.
  virtual void edges(std::span<const Rows<Element>> stencil, int components, const MutableRows<Element>& low,
                     const MutableRows<Element>& high, int count) const = 0;
};

/// What an equation need not say: that its faces see all primitive components, and what it does not have.
template <class Physics>
[[nodiscard]] constexpr StateLayout layout_of() {
  StateLayout layout{Physics::dimension,       Physics::conserved_count, Physics::primitive_count,
                     Physics::primitive_count, Physics::first_vector,    Physics::has_bed};
  if constexpr (requires { Physics::reconstructed_count; }) layout.reconstructed_count = Physics::reconstructed_count;
  if constexpr (requires { Physics::has_friction; }) layout.has_friction = Physics::has_friction;
  layout.has_gradient_flux = Physics::has_gradient_flux;
  if constexpr (requires { Physics::has_open_sides; }) layout.has_open_sides = Physics::has_open_sides;
  return layout;
}
template <class Physics>
inline constexpr int reconstructed_count_of = layout_of<Physics>().reconstructed_count;

template <class Physics, class Element>
class PhysicsRows final : public RowPhysics<Element> {
 public:
  using InRows = Rows<Element>;
  using OutRows = MutableRows<Element>;
  explicit PhysicsRows(const Physics& physics) : physics_(physics) {}
  [[nodiscard]] const Physics& physics() const { return physics_; }
  [[nodiscard]] const StateLayout& layout() const override {
    static constexpr StateLayout layout = layout_of<Physics>();
    return layout;
  }

  [[nodiscard]] [[gnu::flatten]] bool to_primitive(const InRows& conserved, const Element* fixed,
                                                   const OutRows& primitive, int count) const override {
    bool good = true;
    for_cells<Element>(count, [&]<class Real>(int i) {
      const auto w = primitive_at<Real>(conserved, fixed, i);
      good = good && holds_everywhere(physics_.is_admissible(w));
      store_state(primitive, i, w);
    });
    return good;
  }

  void to_conserved(const InRows& primitive, const OutRows& conserved, int count) const override {
    for_cells<Element>(count, [&]<class Real>(int i) {
      store_state(conserved, i, physics_.conserved(load_state<Real, faces>(primitive, i)));
    });
  }

  [[nodiscard]] double largest_rate(const InRows& conserved, const Element* fixed,
                                    const std::array<double, 3>& inverse_width, int count) const override {
    Single<Element> single_rate = 0.0;
    Pack<Element> pack_rate = 0.0;
    bool good = true;
    for_cells<Element>(count, [&]<class Real>(int i) {
      const auto w = primitive_at<Real>(conserved, fixed, i);
      good = good && holds_everywhere(physics_.is_admissible(w));
      if constexpr (std::is_same_v<Real, Single<Element>>) {
        single_rate = larger(single_rate, physics_.rate(w, inverse_width));
      } else {
        pack_rate = larger(pack_rate, physics_.rate(w, inverse_width));
      }
    });
    const double largest = larger(largest_lane(single_rate), largest_lane(pack_rate));
    return good ? largest : std::numeric_limits<double>::quiet_NaN();
  }

  void limit_edges(const InRows& average, const OutRows& low, const OutRows& high, int count) const override {
    for (const int k : Physics::positive)
      for_cells_once<Element>(count, [&]<class Real>(int i) {
        const Real mean = load<Real>(average[k] + i), at_low = load<Real>(low[k] + i),
                   at_high = load<Real>(high[k] + i);
        const Real least = smaller(at_low, at_high), floor = 1e-3 * mean;
        const auto is_low = least < floor;
        const Real scale = (mean - floor) / select(is_low, mean - least, Real(1.0));
        store(low[k] + i, select(is_low, mean + scale * (at_low - mean), at_low));
        store(high[k] + i, select(is_low, mean + scale * (at_high - mean), at_high));
      });
  }

  void add_cell_source(const InRows& low, const InRows& high, double inverse_width, const OutRows& rate,
                       int count) const override {
    if constexpr (Physics::has_bed)
      for_cells_once<Element>(count, [&]<class Real>(int i) {
        auto sum = load_state<Real, Physics::conserved_count>(read_only<Element>(rate), i);
        const auto source = physics_.cell_source(load_state<Real, faces>(low, i), load_state<Real, faces>(high, i));
        for (std::size_t k = 0; k < sum.size(); ++k) sum[k] = sum[k] + source[k] * inverse_width;
        store_state(rate, i, sum);
      });
  }

  [[gnu::flatten]] void add_gradient_flux(const FaceSurroundings<Element>& cells, const OutRows& flux,
                                          int count) const override {
    if constexpr (Physics::has_gradient_flux)
      for_cells_once<Element>(count, [&]<class Real>(int i) {
        constexpr std::size_t all = Physics::primitive_count;
        auto sum = load_state<Real, Physics::conserved_count>(read_only<Element>(flux), i);
        std::array<std::array<Real, all>, 4> line;
        for (std::size_t n = 0; n < 4; ++n) line[n] = load_state<Real, all>(cells.line[n], i);
        const auto gradient = [&] {
          if constexpr (requires { &Physics::template cross_gradient_flux<Real>; }) {
            std::array<std::array<std::array<Real, all>, 4>, Physics::dimension - 1> across;
            for (std::size_t a = 0; a < across.size(); ++a)
              for (std::size_t n = 0; n < 4; ++n) across[a][n] = load_state<Real, all>(cells.across[a][n], i);
            return physics_.cross_gradient_flux(line, across, cells.inverse_width);
          } else {
            return physics_.gradient_flux(line, cells.inverse_width[0]);
          }
        }();
        for (std::size_t k = 0; k < sum.size(); ++k) sum[k] = sum[k] + gradient[k];
        store_state(flux, i, sum);
      });
  }

  /// The conserved state's derivative along the direction in which the channels are driven.
  void add_forcing(const InRows& primitive, const InRows* forcing, double drag, const OutRows& rate,
                   int count) const override {
    for_cells_once<Element>(count, [&]<class Real>(int i) {
      const auto w = load_state<Real, faces>(primitive, i);
      std::array<DualNumber<Real>, faces> driven;
      for (std::size_t k = 0; k < faces; ++k) {
        Real change = 0.0;
        if (k < Physics::conserved_count) {
          if (forcing != nullptr) change = load<Real>((*forcing)[k] + i);
          if (Physics::first_vector >= 0 && static_cast<int>(k) >= Physics::first_vector &&
              static_cast<int>(k) < Physics::first_vector + Physics::dimension)
            change = change - drag * w[k];
        }
        driven[k] = {w[k], change};
      }
      const auto u = physics_.conserved(driven);
      for (std::size_t k = 0; k < u.size(); ++k) store(rate[k] + i, load<Real>(rate[k] + i) + u[k].derivative);
    });
  }

  void far_field(const InRows& inside, const InRows& outside, bool is_high, const OutRows& ghost,
                 int count) const override {
    if constexpr (layout_of<Physics>().has_open_sides)
      for_cells_once<Element>(count, [&]<class Real>(int i) {
        store_state(ghost, i,
                    physics_.far_state(load_state<Real, faces>(inside, i), load_state<Real, faces>(outside, i),
                                       is_high ? 1.0 : -1.0));
      });
  }

  void outflow(const InRows& inside, const Element* pressure, double part, bool is_high, const OutRows& ghost,
               int count) const override {
    if constexpr (layout_of<Physics>().has_open_sides)
      for_cells_once<Element>(count, [&]<class Real>(int i) {
        store_state(ghost, i,
                    physics_.outflow_state(load_state<Real, faces>(inside, i), load<Real>(pressure + i), Real(part),
                                           is_high ? 1.0 : -1.0));
      });
  }

 private:
  static constexpr std::size_t faces = reconstructed_count_of<Physics>;

  template <class Real>
  [[nodiscard]] auto primitive_at(const InRows& conserved, const Element* fixed, int i) const {
    const auto u = load_state<Real, Physics::conserved_count>(conserved, i);
    if constexpr (layout_of<Physics>().has_fixed_field()) {
      return physics_.primitive(u, load<Real>(fixed + i));
    } else {
      static_cast<void>(fixed);
      return physics_.primitive(u);
    }
  }

  Physics physics_;
};

template <class Physics, class NumericalFlux, class Element>
class FluxRows final : public RowFlux<Element> {
 public:
  explicit FluxRows(const Physics& physics) : physics_(physics) {}
  [[gnu::flatten]] void operator()(const Rows<Element>& left, const Rows<Element>& right,
                                   const MutableRows<Element>& seen_from_left,
                                   const MutableRows<Element>& seen_from_right, int count) const override {
    constexpr std::size_t faces = reconstructed_count_of<Physics>;
    for_cells<Element>(count, [&]<class Real>(int i) {
      const auto w_left = load_state<Real, faces>(left, i), w_right = load_state<Real, faces>(right, i);
      if constexpr (Physics::has_bed) {
        const auto [from_left, from_right] = physics_.balanced_flux(NumericalFlux{}, w_left, w_right);
        store_state(seen_from_left, i, from_left);
        store_state(seen_from_right, i, from_right);
      } else {
        static_cast<void>(seen_from_right);
        store_state(seen_from_left, i, NumericalFlux{}(physics_, w_left, w_right));
      }
    });
  }

 private:
  Physics physics_;
};

/// A reconstruction that treats every component by itself.
template <class Scheme, class Element>
class ComponentRows final : public RowReconstruction<Element> {
 public:
  [[nodiscard]] int radius() const override { return Scheme::radius; }
  [[nodiscard]] bool keeps_range() const override { return Scheme::keeps_range; }
  [[gnu::flatten]] void edges(std::span<const Rows<Element>> stencil, int components, const MutableRows<Element>& low,
                              const MutableRows<Element>& high, int count) const override {
    for (int k = 0; k < components; ++k) {
      std::array<const Element*, 2 * Scheme::radius + 1> q;
      for (std::size_t n = 0; n < q.size(); ++n) q[n] = stencil[n][k];
      Element *to_low = low[k], *to_high = high[k];
      for_cells<Element>(count, [&]<class Real>(int i) {
        std::array<Real, 2 * Scheme::radius + 1> values;
        for (std::size_t n = 0; n < q.size(); ++n) values[n] = load<Real>(q[n] + i);
        const auto edge = Scheme{}(values);
        store(to_low + i, edge[0]);
        store(to_high + i, edge[1]);
      });
    }
  }
};

/// A reconstruction along the characteristics of the equation, linearised at each face about an average of the cells
/// beside it (`Physics::characteristics`).
template <class Physics, class Scheme, class Element>
class CharacteristicRows final : public RowReconstruction<Element> {
 public:
  explicit CharacteristicRows(const Physics& physics) : physics_(physics) {}
  [[nodiscard]] int radius() const override { return Scheme::radius; }
  [[nodiscard]] bool keeps_range() const override { return Scheme::keeps_range; }
  [[gnu::flatten]] void edges(std::span<const Rows<Element>> stencil, int, const MutableRows<Element>& low,
                              const MutableRows<Element>& high, int count) const override {
    constexpr std::size_t faces = reconstructed_count_of<Physics>, width = 2 * Scheme::radius + 1;
    for_cells<Element>(count, [&]<class Real>(int i) {
      std::array<std::array<Real, faces>, width> w;
      for (std::size_t n = 0; n < width; ++n) w[n] = load_state<Real, faces>(stencil[n], i);
      for (const std::size_t edge : {0, 1}) {
        const auto waves = physics_.characteristics(w[Scheme::radius - 1 + edge], w[Scheme::radius + edge]);
        std::array<std::array<Real, width>, faces> amplitudes;
        for (std::size_t n = 0; n < width; ++n) {
          const auto at = waves.amplitudes(w[n]);
          for (std::size_t k = 0; k < faces; ++k) amplitudes[k][n] = at[k];
        }
        std::array<Real, faces> value;
        for (std::size_t k = 0; k < faces; ++k) value[k] = Scheme{}(amplitudes[k])[edge];
        store_state(edge == 0 ? low : high, i, waves.state(value));
      }
    });
  }

 private:
  Physics physics_;
};

}  // namespace eddyline
