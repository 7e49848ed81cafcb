#pragma once
// The velocity at t = 0, before it is projected.

#include "solvers/incompressible/cut_cells.hpp"
#include "solvers/incompressible/sides.hpp"

namespace eddyline {

/// Rest, uniform or formulas, plus a smooth random perturbation of the case's amplitude behind the first body (in the
/// middle of the domain without one), the curl of a stream function. @throws ConfigError on an unknown channel.
void set_initial_flow(const Case& problem, const CutCells& cells, FaceVelocity& velocity);

}  // namespace eddyline
