#pragma once
// The work of Athena++'s benchmark for the explicit solver: a blast in a periodic box.

#include <string>

#include "solvers/grid/finite_volume_solver.hpp"

namespace eddyline::benchmarks {

/// An explicit solver of a case. @param settings  as YAML.
[[nodiscard]] FiniteVolumeSolver explicit_solver(const std::string& problem, const std::string& settings);
/// Pressure 10 within a radius of 0.1, else 0.1, density one, [-0.5, 0.5]^dimension, periodic.
[[nodiscard]] std::string blast(int dimension, int cells);

}  // namespace eddyline::benchmarks
