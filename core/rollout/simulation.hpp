#pragma once
// A run of a reference solver as a CFD tool: fields, probes, force coefficients, residuals, restart. The engine behind
// `eddyline solve`.

#include <string>

#include "core/rollout/simulation_config.hpp"

namespace eddyline {

/// Text for --dry-run: cells, step length, frames, steps, bytes on disk.
[[nodiscard]] std::string simulation_plan(const SimulationConfig& config);

/// Runs to the end time. Writes into `output.folder`: config.yaml, NAME_*.vti + NAME.pvd, history.csv (time, residual,
/// diagnostics), restart.safetensors and, as the config asks, probes.csv, statistics.csv, lines/, spectra/, pictures/;
/// at the end forces.csv where there are forces. docs/solve.md describes them.
/// @param continue_run  takes up restart.safetensors; the result equals the uninterrupted run bit for bit.
/// @throws ResourceError when the grid cannot fit the memory or another process works in the folder; IoError when the
/// folder already holds a run and `continue_run` is false; what the solver throws.
void simulate(const SimulationConfig& config, bool continue_run);

}  // namespace eddyline
