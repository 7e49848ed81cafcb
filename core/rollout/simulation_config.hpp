#pragma once
// What `eddyline solve CONFIG` reads.

#include <string>
#include <vector>

#include "core/field/case.hpp"

namespace eddyline {

/// When frames are written. Times are in D / U of the case (`length_scale` / `velocity_scale`) when `convective`.
struct TimeConfig final : Config {
  double end = 1;
  double frame_interval = 0.1;
  std::vector<double> frames;  // times of the frames; then `end` and `frame_interval` do not count
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

/// A straight line along which the cell fields are sampled.
struct LineConfig final : Config {
  std::string name = "line";
  std::vector<double> from, to;
  std::int64_t points = 101;  // both ends included
  std::int64_t every = 1;     // frames
  void fields(FieldVisitor& visit) override;
};

struct OutputConfig final : Config {
  std::string folder = "runs/solve";
  bool vtk = true;
  std::int64_t pictures_every = 0;    // frames; 0 is none, as below
  std::int64_t restart_every = 1;     // frames
  std::int64_t statistics_every = 0;  // frames
  std::int64_t spectra_every = 0;     // frames
  std::int64_t log_every = 0;         // frames; 0 is a line every ten seconds
  double forces_from = 0.5;           // part of the run that is left out of the forces' summary
  std::vector<ProbeConfig> probes;
  std::vector<LineConfig> lines;
  void fields(FieldVisitor& visit) override;
};

struct SimulationConfig final : Config {
  CaseConfig problem;
  PluginChoice solver{"incompressible", nullptr};
  TimeConfig time;
  OutputConfig output;
  std::int64_t threads = 0;  // 0 is all cores
  void fields(FieldVisitor& visit) override;
};

/// Probes, lines and spectra against the case. @throws ConfigError with the dotted path of the key.
void check_samples(const SimulationConfig& config, const Case& problem);

}  // namespace eddyline
