#pragma once
// The velocity at t = 0, before it is projected.

#include <string>

#include "solvers/incompressible/cut_cells.hpp"
#include "solvers/incompressible/sides.hpp"

namespace eddyline {

/// Rest, uniform or formulas, plus a smooth random perturbation of the case's amplitude behind the first body (in the
/// middle of the domain without one), the curl of a stream function; the scalar by its formula, zero without one.
/// @param scalar_name  channel of the transported scalar, or empty.
/// @throws ConfigError on an unknown channel or kind.
void set_initial_flow(const Case& problem, const CutCells& cells, const std::string& scalar_name,
                      FaceVelocity& velocity, Array2& scalar);

}  // namespace eddyline
