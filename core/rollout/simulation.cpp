#include "core/rollout/simulation.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <filesystem>
#include <memory>
#include <set>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/memory.hpp"
#include "core/base/numbers.hpp"
#include "core/base/progress.hpp"
#include "core/base/signals.hpp"
#include "core/config/config_reader.hpp"
#include "core/field/probe.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/csv.hpp"
#include "core/io/disk_space.hpp"
#include "core/io/run_lock.hpp"
#include "core/io/state_file.hpp"
#include "core/parallel/threads.hpp"
#include "core/rollout/picture_sink.hpp"
#include "core/rollout/solver.hpp"
#include "core/rollout/vtk_sink.hpp"

namespace eddyline {
namespace {

namespace fs = std::filesystem;

struct Schedule {
  double frame_dt = 0, end = 0;
  std::int64_t frames = 0;
};

Schedule schedule_of(const SimulationConfig& config) {
  const double scale = config.time.convective ? config.problem.length_scale / config.problem.velocity_scale : 1;
  Schedule schedule;
  schedule.frame_dt = config.time.frame_interval * scale;
  schedule.end = config.time.end * scale;
  schedule.frames = static_cast<std::int64_t>(std::llround(config.time.end / config.time.frame_interval));
  return schedule;
}

/// Of the VTK frames and the restart file, uncompressed; the tables are small beside them.
double disk_bytes(const SimulationConfig& config, const Case& problem, const Schedule& schedule) {
  const auto cells = static_cast<double>(problem.discretisation().partition().owned());
  double numbers = config.problem.obstacles.empty() ? 0 : 1;  // of a cell in a frame
  bool has_vector = false;
  for (const auto& channel : problem.channels()) {
    const bool is_component = channel.kind == ChannelKind::vector_x || channel.kind == ChannelKind::vector_y ||
                              channel.kind == ChannelKind::vector_z;
    numbers += is_component ? (has_vector ? 0 : 3) : 1;
    has_vector = has_vector || is_component;
  }
  const double frames = config.output.vtk ? static_cast<double>(schedule.frames + 1) : 0;
  const double restart = config.output.restart_every > 0 ? 8 * 5 * cells : 0;  // cell fields and face velocities
  return frames * (4 * numbers * cells + 1500) + restart;
}

/// What the solver and two states take at least.
double memory_bytes(const SimulationConfig& config) {
  double cells = 1;
  for (const auto& axis : config.problem.grid)
    cells *= static_cast<double>(axis.nodes.empty() ? axis.cells : static_cast<std::int64_t>(axis.nodes.size()) - 1);
  constexpr double numbers_a_cell = 30;
  return 8 * numbers_a_cell * cells;
}

void check_probes(const SimulationConfig& config, const Grid& grid) {
  std::set<std::string> names;
  for (std::size_t n = 0; n < config.output.probes.size(); ++n) {
    const ProbeConfig& probe = config.output.probes[n];
    const std::string path = "output.probes." + std::to_string(n);
    if (probe.name.empty() || probe.name.find_first_of(",\"\n\r") != std::string::npos)
      throw ConfigError(path + ".name: '" + printable(probe.name) + "' heads no column of a table; use letters");
    if (!names.insert(probe.name).second)
      throw ConfigError(path + ".name: '" + printable(probe.name) + "' is given twice; name each probe");
    if (static_cast<int>(probe.at.size()) != grid.dimension()) {
      constexpr std::array expected = {"one coordinate [x]", "two coordinates [x, y]", "three coordinates [x, y, z]"};
      throw ConfigError(path + ".at: expected " + expected.at(static_cast<std::size_t>(grid.dimension() - 1)));
    }
    for (int axis = 0; axis < grid.dimension(); ++axis) {
      const double x = probe.at[static_cast<std::size_t>(axis)];
      if (!(x >= grid.low(axis) && x <= grid.high(axis)))
        throw ConfigError(path + ".at: " + "xyz"[axis] + " = " + format_number(x) + " lies outside [" +
                          format_number(grid.low(axis)) + ", " + format_number(grid.high(axis)) + "]");
    }
  }
}

/// Largest change of the cell fields per unit time, relative to the largest value: tends to zero in a steady flow.
double residual_norm(const State& before, const State& after, double scale) {
  double change = 0, size = 1e-300;
  const bool has_velocity = after.fields.contains("velocity_x");
  for (const auto& [name, field] : after.fields) {
    if (has_velocity && name.rfind("velocity", 0) != 0) continue;
    change = std::max(change, (field.values - before.fields.at(name).values).abs().max().item<double>());
    size = std::max(size, field.values.abs().max().item<double>());
  }
  return change / size / (after.time - before.time) * scale;
}

class History {
 public:
  History(const fs::path& folder, const SimulationConfig& config, std::vector<std::string> channels,
          const Diagnostics& first, double time, bool append)
      : probes_(config.output.probes), channels_(std::move(channels)) {
    std::vector<std::string> columns = {"time", "residual"};
    for (const auto& [name, value] : first) columns.push_back(name);
    history_ = open(folder / "history.csv", columns, time, append);
    if (probes_.empty()) return;
    columns = {"time"};
    for (const auto& probe : probes_)
      for (const auto& channel : channels_) columns.push_back(probe.name + "." + channel);
    probe_file_ = open(folder / "probes.csv", columns, time, append);
  }

  void add(const State& state, double residual, const Diagnostics& diagnostics) {
    std::vector<double> row = {state.time, residual};
    for (const auto& [name, value] : diagnostics) row.push_back(value);
    history_->add(row);
    if (!probe_file_) return;
    row = {state.time};
    for (const auto& probe : probes_)
      for (const auto& channel : channels_) row.push_back(probe_value(state, channel, point_of(probe)));
    probe_file_->add(row);
  }

 private:
  /// A restarted run drops the rows that are newer than its restart file.
  static std::unique_ptr<CsvWriter> open(const fs::path& path, const std::vector<std::string>& columns, double time,
                                         bool append) {
    if (append)
      return std::make_unique<CsvWriter>(path, columns,
                                         [time](const std::vector<double>& row) { return row[0] <= time; });
    return std::make_unique<CsvWriter>(path, columns);
  }
  static Point point_of(const ProbeConfig& probe) {
    Point point{};
    std::copy(probe.at.begin(), probe.at.end(), point.begin());
    return point;
  }

  std::vector<ProbeConfig> probes_;
  std::vector<std::string> channels_;
  std::unique_ptr<CsvWriter> history_, probe_file_;
};

}  // namespace

void TimeConfig::fields(FieldVisitor& visit) {
  visit("end", end, rule::positive().unit("time"), "end of the simulation");
  visit("frame_interval", frame_interval, rule::positive().unit("time"), "time between written frames");
  visit("convective", convective, rule::any(), "times count in length_scale / velocity_scale of the case");
  visit("history_per_frame", history_per_frame, rule::between(1, 10000),
        "rows of history.csv and probes.csv per frame");
}

void TimeConfig::check(ConfigProblems& problems) const {
  if (end / frame_interval > 1e6) problems.add("frame_interval", "over a million frames; use a longer interval");
  if (frame_interval > end * (1 + 1e-9)) problems.add("frame_interval", "longer than the whole run");
}

void ProbeConfig::fields(FieldVisitor& visit) {
  visit("name", name, rule::any(), "column name");
  visit("at", at, rule::any().unit("length"), "coordinates [x, y]");
}

void OutputConfig::fields(FieldVisitor& visit) {
  visit("folder", folder, rule::any(), "where everything is written");
  visit("vtk", vtk, rule::any(), "write .vti (or .vtr) frames and a .pvd for ParaView");
  visit("pictures_every", pictures_every, rule::non_negative(), "frames between PNG pictures; 0 is none");
  visit("restart_every", restart_every, rule::non_negative(), "frames between restart files; 0 is none");
  visit("probes", probes, "points sampled into probes.csv");
}

void SimulationConfig::fields(FieldVisitor& visit) {
  visit("problem", problem, "the case");
  visit("solver", solver, SolverRegistry::instance(), "the reference solver");
  visit("time", time, "end and frames");
  visit("output", output, "what is written");
  visit("threads", threads, rule::between(0, 4096), "threads; 0 is all cores");
}

std::string simulation_plan(const SimulationConfig& config) {
  require_memory(memory_bytes(config), "the grid", "use fewer cells");
  const auto problem = std::make_shared<const Case>(config.problem);
  check_probes(config, problem->grid());
  const auto solver = SolverRegistry::instance().create(config.solver.name, *config.solver.config, problem);
  const Schedule schedule = schedule_of(config);
  const double dt = solver->stable_dt(solver->initial_state());
  const auto cells = static_cast<double>(problem->discretisation().partition().owned());
  const double bytes = disk_bytes(config, *problem, schedule);
  std::string text = "case       " + problem->name() + ", " + problem->equation().name() + "\n";
  text += "cells      " + format_number(cells) + "\n";
  text += "step       about " + format_number(dt, 3) + ", " + format_number(std::ceil(schedule.end / dt), 6) +
          " steps to t = " + format_number(schedule.end, 6) + "\n";
  text += "frames     " + std::to_string(schedule.frames) + "\n";
  warn_if_disk_is_small(config.output.folder, bytes);
  text += "memory     at least " + format_bytes(memory_bytes(config)) + "\n";
  text += "disk       at most " + format_bytes(bytes) + " (before compression) in " + config.output.folder + "\n";
  return text;
}

void simulate(const SimulationConfig& config, bool continue_run) {
  const fs::path folder = config.output.folder, restart = folder / "restart.safetensors";
  use_threads(config.threads);
  check_can_write(folder);
  require_memory(memory_bytes(config), "the grid", "use fewer cells");
  const auto problem = std::make_shared<const Case>(config.problem);
  check_probes(config, problem->grid());
  const auto solver = SolverRegistry::instance().create(config.solver.name, *config.solver.config, problem);
  const Schedule schedule = schedule_of(config);

  if (continue_run && !fs::exists(restart)) throw IoError("there is no restart file '" + restart.string() + "'");
  create_folder(folder);
  const RunLock lock(folder);
  if (!continue_run && fs::exists(folder / "history.csv"))
    throw IoError("'" + folder.string() + "' already holds a run" +
                  (fs::exists(restart) ? "; continue it with --restart, or choose another output.folder"
                                       : " without a restart file; remove it, or choose another output.folder"));
  warn_if_disk_is_small(folder, disk_bytes(config, *problem, schedule));
  const double left_over = schedule.end - static_cast<double>(schedule.frames) * schedule.frame_dt;
  if (std::abs(left_over) > 1e-6 * schedule.end)
    log_warning("time.end is no multiple of time.frame_interval: the run ends at t = " +
                format_number(static_cast<double>(schedule.frames) * schedule.frame_dt, 6));
  write_atomically(folder / "config.yaml", resolved_yaml(config));

  State state = continue_run ? load_state(restart) : solver->initial_state();
  state.problem = problem;
  const auto first_frame = static_cast<std::int64_t>(std::llround(state.time / schedule.frame_dt));
  std::vector<std::shared_ptr<Sink>> sinks;
  if (config.output.vtk) {
    const auto vtk = std::make_shared<VtkSink>(folder, problem->name());
    if (continue_run) vtk->keep_until(state.time * (1 + 1e-12));
    sinks.push_back(vtk);
  }
  if (config.output.pictures_every > 0)
    sinks.push_back(std::make_shared<PictureSink>(folder / "pictures", problem->name(),
                                                  PictureSinkOptions{.every = config.output.pictures_every}));
  for (const auto& sink : sinks) sink->open(problem, problem->channels());
  History history(folder, config, channel_names(problem->channels()), solver->diagnostics(state), state.time,
                  continue_run);
  if (!continue_run)
    for (const auto& sink : sinks) sink->write(Frame{&state, 0});

  RunStatus status = RunStatus::failed;
  const auto close_sinks = [&] {
    for (const auto& sink : sinks) sink->close(status);
  };
  try {
    Progress progress("solve", schedule.frames, first_frame);
    const double sample_dt = schedule.frame_dt / static_cast<double>(config.time.history_per_frame);
    for (std::int64_t frame = first_frame + 1; frame <= schedule.frames; ++frame) {
      std::string note;
      for (std::int64_t sample = 0; sample < config.time.history_per_frame; ++sample) {
        State next = std::move(solver->advance(std::span(&state, 1), sample_dt, 1).front());
        const double residual = residual_norm(state, next, problem->time_scale());
        const Diagnostics diagnostics = solver->diagnostics(next);
        history.add(next, residual, diagnostics);
        state = std::move(next);
        note = "t " + format_number(state.time, 5) + ", residual " + format_number(residual, 3);
        for (const auto& [name, value] : diagnostics)
          if (name == "cfl" || name.ends_with("_coefficient")) note += ", " + name + " " + format_number(value, 4);
      }
      for (const auto& sink : sinks) sink->write(Frame{&state, frame});
      if (config.output.restart_every > 0 && (frame % config.output.restart_every == 0 || frame == schedule.frames))
        save_state(restart, state);
      progress.update(frame, note);
      if (pending_signal() != 0) {
        save_state(restart, state);
        stop_if_interrupted();
      }
    }
    status = RunStatus::complete;
  } catch (const Interrupted&) {
    status = RunStatus::interrupted;
    close_sinks();
    throw;
  } catch (...) {
    close_sinks();
    throw;
  }
  close_sinks();
  log_info("wrote " + folder.string());
}

}  // namespace eddyline
