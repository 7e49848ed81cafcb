#pragma once
// Rows of cells: contiguous runs of one number a cell, one run for each component. Everything that loops over cells
// loops over rows, several cells at a time. `Element` is float or double.

#include <array>

#include "solvers/physics/scalar.hpp"

namespace eddyline {

/// Most components of a state: density, three momenta, energy, and room for two more.
inline constexpr int max_components = 7;

template <class Element>
using Rows = std::array<const Element*, max_components>;
template <class Element>
using MutableRows = std::array<Element*, max_components>;

/// Calls body.operator()<Real>(i) for cells 0..count-1, each exactly once: packs first, then the cells that are left
/// over one by one. The arithmetic of a cell is the same either way.
template <class Element, class Body>
inline void for_cells_once(int count, Body&& body) {
  constexpr int lanes = static_cast<int>(Pack<Element>::size());
  int i = 0;
  for (; i + lanes <= count; i += lanes) body.template operator()<Pack<Element>>(i);
  for (; i < count; ++i) body.template operator()<Single<Element>>(i);
}

/// As for_cells_once for bodies that may see a cell twice (they write nothing that they read): the cells left over are
/// the end of one more pack.
template <class Element, class Body>
inline void for_cells(int count, Body&& body) {
  constexpr int lanes = static_cast<int>(Pack<Element>::size());
  if (count < lanes) return for_cells_once<Element>(count, body);
  int i = 0;
  for (; i + lanes <= count; i += lanes) body.template operator()<Pack<Element>>(i);
  if (i < count) body.template operator()<Pack<Element>>(count - lanes);
}

template <class Real>
[[nodiscard]] inline Real load(const typename Real::Element* row) {
  return Real(decltype(Real::lanes)(row, std::experimental::element_aligned));
}
template <class Simd>
inline void store(typename Simd::value_type* row, const Lanes<Simd>& value) {
  value.lanes.copy_to(row, std::experimental::element_aligned);
}

template <class Real, std::size_t Count>
[[nodiscard]] inline std::array<Real, Count> load_state(const Rows<typename Real::Element>& rows, int i) {
  std::array<Real, Count> state;
  for (std::size_t k = 0; k < Count; ++k) state[k] = load<Real>(rows[k] + i);
  return state;
}
template <class Real, std::size_t Count>
inline void store_state(const MutableRows<typename Real::Element>& rows, int i, const std::array<Real, Count>& state) {
  for (std::size_t k = 0; k < Count; ++k) store(rows[k] + i, state[k]);
}

template <class Element>
[[nodiscard]] inline Rows<Element> read_only(const MutableRows<Element>& rows) {
  Rows<Element> out{};
  for (std::size_t k = 0; k < rows.size(); ++k) out[k] = rows[k];
  return out;
}

}  // namespace eddyline
