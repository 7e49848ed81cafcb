#pragma once
// Rows of cells: contiguous runs of one number a cell, one run for each component. Everything that loops over cells
// loops over rows, several cells at a time.

#include <array>

#include "solvers/physics/scalar.hpp"

namespace eddyline {

/// Most components of a state: density, three momenta, energy, and room for two more.
inline constexpr int max_components = 7;

using Rows = std::array<const double*, max_components>;
using MutableRows = std::array<double*, max_components>;

/// Calls body.operator()<Real>(i) for cells 0..count-1, each exactly once: packs first, then the cells that are left
/// over one by one. The arithmetic of a cell is the same either way.
template <class Body>
inline void for_cells_once(int count, Body&& body) {
  constexpr int lanes = static_cast<int>(Pack::size());
  int i = 0;
  for (; i + lanes <= count; i += lanes) body.template operator()<Pack>(i);
  for (; i < count; ++i) body.template operator()<double>(i);
}

/// As for_cells_once for bodies that may see a cell twice (they write nothing that they read): the cells left over are
/// the end of one more pack.
template <class Body>
inline void for_cells(int count, Body&& body) {
  constexpr int lanes = static_cast<int>(Pack::size());
  if (count < lanes) return for_cells_once(count, body);
  int i = 0;
  for (; i + lanes <= count; i += lanes) body.template operator()<Pack>(i);
  if (i < count) body.template operator()<Pack>(count - lanes);
}

template <class Real>
[[nodiscard]] inline Real load(const double* row) {
  if constexpr (std::is_same_v<Real, double>) {
    return *row;
  } else {
    return Real(row, std::experimental::element_aligned);
  }
}
inline void store(double* row, double value) { *row = value; }
inline void store(double* row, const Pack& value) { value.copy_to(row, std::experimental::element_aligned); }

template <class Real, std::size_t Count>
[[nodiscard]] inline std::array<Real, Count> load_state(const Rows& rows, int i) {
  std::array<Real, Count> state;
  for (std::size_t k = 0; k < Count; ++k) state[k] = load<Real>(rows[k] + i);
  return state;
}
template <class Real, std::size_t Count>
inline void store_state(const MutableRows& rows, int i, const std::array<Real, Count>& state) {
  for (std::size_t k = 0; k < Count; ++k) store(rows[k] + i, state[k]);
}

[[nodiscard]] inline Rows read_only(const MutableRows& rows) {
  Rows out{};
  for (std::size_t k = 0; k < rows.size(); ++k) out[k] = rows[k];
  return out;
}

}  // namespace eddyline
