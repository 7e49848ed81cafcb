#include "benchmarks/solvers/grid_blast.hpp"

#include "core/config/config_reader.hpp"

namespace eddyline::benchmarks {

FiniteVolumeSolver explicit_solver(const std::string& problem, const std::string& settings) {
  FiniteVolumeConfig config;
  read_config_text(settings, "solver", config);
  return FiniteVolumeSolver(config, Case::from_yaml(problem, "benchmark"));
}

std::string blast(int dimension, int cells) {
  std::string grid, sides, square = "x^2";
  for (int a = 0; a < dimension; ++a) {
    const std::string name(1, "xyz"[a]);
    grid += (a > 0 ? ", " : "") + std::string("{from: -0.5, to: 0.5, cells: ") + std::to_string(cells) + "}";
    sides += (a > 0 ? ", " : "") + name + "_low: {type: periodic}, " + name + "_high: {type: periodic}";
    if (a > 0) square += "+" + name + "^2";
  }
  return "equation: compressible_euler\nparameters: {gamma: 1.4}\ngrid: [" + grid + "]\nboundaries: {" + sides +
         "}\ninitial: {type: formula, values: {density: \"1\", pressure: \"" + square + " < 0.01 ? 10 : 0.1\"}}\n";
}

}  // namespace eddyline::benchmarks
