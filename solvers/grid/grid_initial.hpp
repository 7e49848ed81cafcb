#pragma once
// The state at t = 0 of the explicit solvers, as cell averages.

#include "core/field/case.hpp"
#include "solvers/grid/padded_field.hpp"
#include "solvers/grid/row_physics.hpp"

namespace eddyline {

/// Averages of the conserved state by Gauss quadrature with `points` (1 to 3) points an axis. Formulas of the channels
/// see x, y, z and the parameters of the case; random fields are added; a channel without either is zero.
/// @throws ConfigError when a channel is unknown or the kind of initial state does not fit.
template <class Element>
void set_initial_state(const Case& problem, const RowPhysics<Element>& physics, std::int64_t points,
                       PaddedArray<Element>& conserved);

/// Averages of the bed, `initial.values.bed` and `initial.random.bed`; zero without either.
template <class Element>
void set_bed(const Case& problem, std::int64_t points, PaddedArray<Element>& bed);

}  // namespace eddyline
