#pragma once
// A run of a reference solver as a CFD tool: fields, probes, force coefficients, residuals, restart. The engine behind
// `eddyline solve`.

#include <string>
#include <vector>

#include "core/field/case.hpp"

namespace eddyline {

/// When frames are written. Times are in D / U of the case (`length_scale` / `velocity_scale`) when `convective`.
struct TimeConfig final : Config {
  double end = 1;
  double frame_interval = 0.1;
  bool convective = false;
  std::int64_t history_per_frame = 4;  // rows of history.csv per frame
  void fields(FieldVisitor& visit) override;
  void check(ConfigProblems& problems) const override;
};

/// A point where the cell fields are sampled into probes.csv.
struct ProbeConfig final : Config {
  std::string name = "probe";
  std::vector<double> at = {0, 0};
  void fields(FieldVisitor& visit) override;
};

struct OutputConfig final : Config {
  std::string folder = "runs/solve";
  bool vtk = true;
  std::int64_t pictures_every = 0;  // frames; 0 is none
  std::int64_t restart_every = 1;   // frames; 0 is none
  std::vector<ProbeConfig> probes;
  void fields(FieldVisitor& visit) override;
};

/// What `eddyline solve CONFIG` reads.
struct SimulationConfig final : Config {
  CaseConfig problem;
  PluginChoice solver{"incompressible", nullptr};
  TimeConfig time;
  OutputConfig output;
  std::int64_t threads = 0;  // 0 is all cores
  void fields(FieldVisitor& visit) override;
};

/// Text for --dry-run: cells, step length, frames, steps, bytes on disk.
[[nodiscard]] std::string simulation_plan(const SimulationConfig& config);

/// Runs to the end time. Writes into `output.folder`: config.yaml, NAME_*.vti + NAME.pvd, history.csv (time, step, CFL,
/// residual, coefficients), probes.csv, restart.safetensors, pictures.
/// @param continue_run  takes up restart.safetensors; the result equals the uninterrupted run bit for bit.
/// @throws ResourceError when the grid cannot fit the memory or another process works in the folder; IoError when the
/// folder already holds a run and `continue_run` is false; what the solver throws.
void simulate(const SimulationConfig& config, bool continue_run);

}  // namespace eddyline
