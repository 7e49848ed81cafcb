#pragma once
// What a step of the three-dimensional solver works on. Private to the solver's own files.

#include "solvers/incompressible/incompressible_3d.hpp"

namespace eddyline {

struct Incompressible3d::Work {
  BoxFields now, start, next;
  double time = 0;  // of `now`
  AlignedValues potential;
  BoxPoisson::Work poisson;
  BoxSides::Values sides;
  BoxForces::Values forces;
};

/// Planes that a thread works on at a time: the same for every number of threads.
inline constexpr int planes_of_a_task = 8;

}  // namespace eddyline
