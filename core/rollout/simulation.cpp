#include "core/rollout/simulation.hpp"

#include <cmath>
#include <filesystem>
#include <memory>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/memory.hpp"
#include "core/base/numbers.hpp"
#include "core/base/progress.hpp"
#include "core/base/signals.hpp"
#include "core/config/config_reader.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/disk_space.hpp"
#include "core/io/run_lock.hpp"
#include "core/io/state_file.hpp"
#include "core/parallel/threads.hpp"
#include "core/rollout/force_summary.hpp"
#include "core/rollout/line_sink.hpp"
#include "core/rollout/output_schedule.hpp"
#include "core/rollout/picture_sink.hpp"
#include "core/rollout/run_history.hpp"
#include "core/rollout/solver.hpp"
#include "core/rollout/spectrum_sink.hpp"
#include "core/rollout/statistics_sink.hpp"
#include "core/rollout/vtk_sink.hpp"

namespace eddyline {
namespace {

namespace fs = std::filesystem;

/// Of the VTK frames and the restart file, uncompressed; the tables are small beside them.
double disk_bytes(const SimulationConfig& config, const Case& problem, const OutputSchedule& schedule) {
  const auto cells = static_cast<double>(problem.discretisation().partition().owned());
  double numbers = config.problem.obstacles.empty() ? 0 : 1;  // of a cell in a frame
  bool has_vector = false;
  for (const auto& channel : problem.channels()) {
    const bool is_component = channel.kind == ChannelKind::vector_x || channel.kind == ChannelKind::vector_y ||
                              channel.kind == ChannelKind::vector_z;
    numbers += is_component ? (has_vector ? 0 : 3) : 1;
    has_vector = has_vector || is_component;
  }
  const double frames = config.output.vtk ? static_cast<double>(schedule.frames() + 1) : 0;
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

std::string status_line(const State& state, double residual, const Diagnostics& diagnostics) {
  std::string text = "t " + format_number(state.time, 5) + ", residual " + format_number(residual, 3);
  for (const auto& [name, value] : diagnostics)
    if (name == "cfl" || name == "stable_dt" || name.ends_with("_coefficient"))
      text += ", " + name + " " + format_number(value, 4);
  return text;
}

std::vector<std::shared_ptr<Sink>> sinks_of(const SimulationConfig& config, const Case& problem, const State& state,
                                            bool continue_run) {
  const OutputConfig& output = config.output;
  const fs::path folder = output.folder;
  const double kept = state.time * (1 + 1e-12);
  std::vector<std::shared_ptr<Sink>> sinks;
  if (output.vtk) {
    const auto vtk = std::make_shared<VtkSink>(folder, problem.name());
    if (continue_run) vtk->keep_until(kept);
    sinks.push_back(vtk);
  }
  if (output.pictures_every > 0)
    sinks.push_back(std::make_shared<PictureSink>(folder / "pictures", problem.name(),
                                                  PictureSinkOptions{.every = output.pictures_every}));
  for (const LineConfig& line : output.lines) sinks.push_back(std::make_shared<LineSink>(folder / "lines", line));
  if (output.statistics_every > 0) {
    const auto statistics = std::make_shared<StatisticsSink>(folder / "statistics.csv", output.statistics_every);
    if (continue_run) statistics->keep_until(kept);
    sinks.push_back(statistics);
  }
  if (output.spectra_every > 0)
    sinks.push_back(std::make_shared<SpectrumSink>(folder / "spectra", output.spectra_every));
  return sinks;
}

}  // namespace

std::string simulation_plan(const SimulationConfig& config) {
  require_memory(memory_bytes(config), "the grid", "use fewer cells");
  const auto problem = std::make_shared<const Case>(config.problem);
  check_samples(config, *problem);
  const auto solver = SolverRegistry::instance().create(config.solver.name, *config.solver.config, problem);
  const OutputSchedule schedule(config.time, *problem);
  const double dt = solver->stable_dt(solver->initial_state());
  const auto cells = static_cast<double>(problem->discretisation().partition().owned());
  const double bytes = disk_bytes(config, *problem, schedule);
  std::string text = "case       " + problem->name() + ", " + problem->equation().name() + "\n";
  text += "cells      " + format_number(cells) + "\n";
  text +=
      "step       " +
      (std::isfinite(dt) ? "about " + format_number(dt, 3) + ", " + format_number(std::ceil(schedule.end() / dt), 6) +
                               " steps to t = " + format_number(schedule.end(), 6)
                         : "of any length to t = " + format_number(schedule.end(), 6)) +
      "\n";
  text += "frames     " + std::to_string(schedule.frames()) + "\n";
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
  check_samples(config, *problem);
  const auto solver = SolverRegistry::instance().create(config.solver.name, *config.solver.config, problem);
  const OutputSchedule schedule(config.time, *problem);

  if (continue_run && !fs::exists(restart)) throw IoError("there is no restart file '" + restart.string() + "'");
  create_folder(folder);
  const RunLock lock(folder);
  if (!continue_run && fs::exists(folder / "history.csv"))
    throw IoError("'" + folder.string() + "' already holds a run" +
                  (fs::exists(restart) ? "; continue it with --restart, or choose another output.folder"
                                       : " without a restart file; remove it, or choose another output.folder"));
  warn_if_disk_is_small(folder, disk_bytes(config, *problem, schedule));
  const double wanted = config.time.end * (config.time.convective ? problem->time_scale() : 1);
  if (schedule.is_even() && std::abs(wanted - schedule.end()) > 1e-6 * wanted)
    log_warning("time.end is no multiple of time.frame_interval: the run ends at t = " +
                format_number(schedule.end(), 6));
  write_atomically(folder / "config.yaml", resolved_yaml(config));

  State state = continue_run ? load_state(restart) : solver->initial_state();
  state.problem = problem;
  const std::int64_t first_frame = schedule.frame_at(state.time);
  const auto sinks = sinks_of(config, *problem, state, continue_run);
  for (const auto& sink : sinks) sink->open(problem, problem->channels());
  RunHistory history(folder, config, *problem, solver->diagnostics(state), state.time, continue_run);
  if (!continue_run)
    for (const auto& sink : sinks) sink->write(Frame{&state, 0});

  RunStatus status = RunStatus::failed;
  const auto close_sinks = [&] {
    for (const auto& sink : sinks) sink->close(status);
  };
  try {
    Progress progress("solve", schedule.frames(), first_frame);
    for (std::int64_t frame = first_frame + 1; frame <= schedule.frames(); ++frame) {
      const double sample_dt = schedule.interval(frame) / static_cast<double>(config.time.history_per_frame);
      std::string note;
      for (std::int64_t sample = 0; sample < config.time.history_per_frame; ++sample) {
        State next = std::move(solver->advance(std::span(&state, 1), sample_dt, 1).front());
        const double residual = relative_change(state, next, problem->time_scale());
        const Diagnostics diagnostics = solver->diagnostics(next);
        history.add(next, residual, diagnostics);
        state = std::move(next);
        note = status_line(state, residual, diagnostics);
      }
      for (const auto& sink : sinks) sink->write(Frame{&state, frame});
      if (config.output.restart_every > 0 && (frame % config.output.restart_every == 0 || frame == schedule.frames()))
        save_state(restart, state);
      if (config.output.log_every > 0 && frame % config.output.log_every == 0)
        log_info("frame " + std::to_string(frame) + ": " + note);
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
  if (const std::string forces = write_force_summary(folder, config); !forces.empty()) log_info(forces);
  log_info("wrote " + folder.string());
}

}  // namespace eddyline
