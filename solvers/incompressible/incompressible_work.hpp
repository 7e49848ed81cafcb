#pragma once
// What a step of the incompressible solver works on. Private to the solver's own files.

#include <vector>

#include "solvers/incompressible/incompressible_solver.hpp"

namespace eddyline {

struct IncompressibleSolver::Work {
  FaceVelocity velocity, next, start, acceleration;
  Array2 pressure;
  Array2 scalar, next_scalar, start_scalar;  // empty without a scalar
  FaceVelocity force;                        // of the time `force_time`
  Array2 scalar_source;
  std::optional<double> force_time;
  std::vector<double> potential;
  CapacitanceCorrection::Work poisson;
  double time = 0;
};

}  // namespace eddyline
