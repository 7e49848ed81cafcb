#include "core/rollout/simulation_config.hpp"

#include <algorithm>
#include <array>
#include <set>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"
#include "core/rollout/solver.hpp"
#include "core/rollout/spectrum_sink.hpp"

namespace eddyline {
namespace {

void check_point(const std::vector<double>& point, const Grid& grid, const std::string& path) {
  if (static_cast<int>(point.size()) != grid.dimension()) {
    constexpr std::array expected = {"one coordinate [x]", "two coordinates [x, y]", "three coordinates [x, y, z]"};
    throw ConfigError(path + ": expected " + expected.at(static_cast<std::size_t>(grid.dimension() - 1)));
  }
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    const double x = point[static_cast<std::size_t>(axis)];
    if (!(x >= grid.low(axis) && x <= grid.high(axis)))
      throw ConfigError(path + ": " + "xyz"[axis] + " = " + format_number(x) + " lies outside [" +
                        format_number(grid.low(axis)) + ", " + format_number(grid.high(axis)) + "]");
  }
}

void check_name(const std::string& name, const std::string& path, std::set<std::string>& seen) {
  if (name.empty() || name.find_first_of(",\"\n\r/") != std::string::npos)
    throw ConfigError(path + ".name: '" + printable(name) +
                      "' heads no column of a table and names no file; use letters");
  if (!seen.insert(name).second) throw ConfigError(path + ".name: '" + printable(name) + "' is given twice; name each");
}

}  // namespace

void TimeConfig::fields(FieldVisitor& visit) {
  visit("end", end, rule::positive().unit("time"), "end of the simulation");
  visit("frame_interval", frame_interval, rule::positive().unit("time"), "time between written frames");
  visit("frames", frames, rule::any().unit("time"),
        "times of the written frames as a list, the last is the end; instead of end and frame_interval");
  visit("convective", convective, rule::any(), "times count in length_scale / velocity_scale of the case");
  visit("history_per_frame", history_per_frame, rule::between(1, 10000),
        "rows of history.csv and probes.csv per frame");
}

void TimeConfig::check(ConfigProblems& problems) const {
  if (!frames.empty()) {
    double before = 0;
    for (const double time : frames) {
      if (!(time > before))
        problems.add("frames", "times must be > 0 and increase; " + format_number(time) + " comes after " +
                                   format_number(before));
      before = time;
    }
    return;
  }
  if (end / frame_interval > 1e6) problems.add("frame_interval", "over a million frames; use a longer interval");
  if (frame_interval > end * (1 + 1e-9)) problems.add("frame_interval", "longer than the whole run");
}

void ProbeConfig::fields(FieldVisitor& visit) {
  visit("name", name, rule::any(), "column name");
  visit("at", at, rule::any().unit("length"), "coordinates [x, y]");
}

void LineConfig::fields(FieldVisitor& visit) {
  visit("name", name, rule::any(), "name of the files");
  visit("from", from, rule::any().unit("length").required(), "coordinates [x, y] of the first point");
  visit("to", to, rule::any().unit("length").required(), "coordinates [x, y] of the last point");
  visit("points", points, rule::between(2, 1000000), "how many, equally far apart");
  visit("every", every, rule::at_least(1), "frames between samples");
}

void OutputConfig::fields(FieldVisitor& visit) {
  visit("folder", folder, rule::any(), "where everything is written");
  visit("vtk", vtk, rule::any(), "write .vti (or .vtr) frames and a .pvd for ParaView");
  visit("pictures_every", pictures_every, rule::non_negative(), "frames between PNG pictures; 0 is none");
  visit("restart_every", restart_every, rule::non_negative(), "frames between restart files; 0 is none");
  visit("statistics_every", statistics_every, rule::non_negative(),
        "frames between rows of statistics.csv: mean, variance, least and largest value of every channel; 0 is none");
  visit(
      "spectra_every", spectra_every, rule::non_negative(),
      "frames between files spectra/spectrum_FRAME.csv of a periodic box: kinetic energy over wave number; 0 is none");
  visit("log_every", log_every, rule::non_negative(),
        "frames between lines of the log with time, residual, CFL number and forces; 0: a line every ten seconds");
  visit("forces_from", forces_from, rule::between(0, 0.99),
        "part of the run that the summary of the forces leaves out as the start");
  visit("probes", probes, "points sampled into probes.csv");
  visit("lines", lines, "lines sampled into lines/NAME_FRAME.csv");
}

void SimulationConfig::fields(FieldVisitor& visit) {
  visit("problem", problem, "the case");
  visit("solver", solver, SolverRegistry::instance(), "the reference solver");
  visit("time", time, "end and frames");
  visit("output", output, "what is written");
  visit("threads", threads, rule::between(0, 4096), "threads; 0 is all cores");
}

void check_samples(const SimulationConfig& config, const Case& problem) {
  const Grid& grid = problem.grid();
  std::set<std::string> names;
  for (std::size_t n = 0; n < config.output.probes.size(); ++n) {
    const std::string path = "output.probes." + std::to_string(n);
    check_name(config.output.probes[n].name, path, names);
    check_point(config.output.probes[n].at, grid, path + ".at");
  }
  names.clear();
  for (std::size_t n = 0; n < config.output.lines.size(); ++n) {
    const LineConfig& line = config.output.lines[n];
    const std::string path = "output.lines." + std::to_string(n);
    check_name(line.name, path, names);
    check_point(line.from, grid, path + ".from");
    check_point(line.to, grid, path + ".to");
    if (line.from == line.to) throw ConfigError(path + ".to: is the same point as from");
  }
  if (config.output.spectra_every > 0) check_has_spectrum(problem, "output.spectra_every");
}

}  // namespace eddyline
