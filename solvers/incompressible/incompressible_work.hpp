#pragma once
// What a step of the incompressible solver works on. Private to the solver's own files.

#include <vector>

#include "solvers/incompressible/incompressible_solver.hpp"

namespace eddyline {

struct IncompressibleSolver::Work {
  FaceVelocity velocity, start, acceleration;
  Array2 pressure;
  MomentumBalance::Work momentum;
  std::vector<double> potential;
  CapacitanceCorrection::Work poisson;
  double time = 0;
};

}  // namespace eddyline
