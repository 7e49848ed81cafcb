#include "core/training/compare.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/progress.hpp"
#include "core/base/signals.hpp"
#include "core/config/config_reader.hpp"
#include "core/field/remap.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/disk_space.hpp"
#include "core/io/picture_plot.hpp"
#include "core/parallel/threads.hpp"
#include "core/rollout/metrics.hpp"
#include "core/rollout/solver.hpp"
#include "core/training/neural_stepper.hpp"
#include "core/training/trained_model.hpp"

namespace eddyline {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

/// The initial frames and the truth of one trajectory.
struct Start {
  std::shared_ptr<const Case> problem;  // on the dataset's grid
  std::vector<State> past;
  at::Tensor truth;  // [frames, C, ...]
  double dt = 0;
};

/// Sums of one contender over cases.
struct Tally {
  double error = 0, seconds = 0;
  std::int64_t frames = 0, cases = 0;
  [[nodiscard]] CompareRow row(const std::string& name) const {
    return {name, error / static_cast<double>(std::max<std::int64_t>(frames, 1)),
            seconds / static_cast<double>(std::max<std::int64_t>(cases, 1))};
  }
};

/// Advances frame bundle by frame bundle; only `advance` is timed. `to_truth` gives a state's cells on the dataset's
/// grid.
template <class ToTruth>
void drive(const Stepper& stepper, std::vector<State> window, const Start& start, const DatasetInfo& info,
           const at::Tensor& fluid, Tally& tally, ToTruth to_truth) {
  RolloutMetrics metrics(*info.grid, fluid, info.channels, periodic_axes(*start.problem));
  const std::int64_t frames = start.truth.size(0);
  std::int64_t done = 0;
  while (done < frames) {
    stop_if_interrupted();
    const int count = static_cast<int>(std::min<std::int64_t>(stepper.bundle(), frames - done));
    const auto before = Clock::now();
    std::vector<State> next = stepper.advance(window, start.dt, count);
    tally.seconds += std::chrono::duration<double>(Clock::now() - before).count();
    for (State& state : next) {
      metrics.add(done + 1, static_cast<double>(done + 1) * start.dt, to_truth(state), start.truth[done]);
      ++done;
      window.push_back(std::move(state));
    }
    window.erase(window.begin(), window.end() - stepper.history());
  }
  for (const double error : metrics.table().column("nrmse_velocity")) tally.error += error;
  tally.frames += frames;
  ++tally.cases;
}

at::Tensor carried(const at::Tensor& cells, const Grid& from, const Grid& to) {
  bool refines = true;
  for (int axis = 0; axis < from.dimension(); ++axis) refines = refines && to.cells(axis) >= from.cells(axis);
  return refines ? interpolated_remap(cells, from, to) : conservative_remap(cells, from, to);
}

/// The equation's channels from the dataset's; a channel that the dataset lacks (pressure) starts at zero.
at::Tensor equation_cells(const State& state, const Case& problem) {
  std::vector<at::Tensor> parts;
  for (const auto& channel : problem.channels()) {
    const auto found = state.fields.find(channel.name);
    parts.push_back(found != state.fields.end() ? found->second.values.to(at::kDouble)
                                                : at::zeros(problem.grid().cell_shape(), at::kDouble));
  }
  return at::stack(parts);
}

std::string cells_text(const std::vector<std::int64_t>& cells) {
  std::string text;
  for (const auto count : cells) text += (text.empty() ? "" : "x") + std::to_string(count);
  return text;
}

void write_results(const CompareResult& result, const CompareConfig& config, int threads) {
  create_folder(config.folder);
  std::string csv = "name,nrmse_velocity,seconds\n";
  nlohmann::ordered_json rows = nlohmann::ordered_json::array();
  const auto add = [&](const CompareRow& row) {
    csv += row.name + "," + format_number(row.error) + "," + format_number(row.seconds) + "\n";
    rows.push_back({{"name", row.name}, {"nrmse_velocity", row.error}, {"seconds", row.seconds}});
  };
  add(result.surrogate);
  for (const auto& row : result.ladder) add(row);
  nlohmann::ordered_json json = {
      {"frames", config.frames}, {"threads", threads}, {"rows", rows}, {"verdict", result.verdict}};
  if (result.equal_error_seconds)
    json["speed_up_at_equal_error"] = *result.equal_error_seconds / result.surrogate.seconds;
  write_atomically(fs::path(config.folder) / "compare.csv", csv);
  write_atomically(fs::path(config.folder) / "compare.json", json.dump(2) + "\n");
  LinePlot plot;
  plot.title =
      "error against cost, " + std::to_string(config.frames) + " frames, " + std::to_string(threads) + " thread(s)";
  plot.x_label = "seconds a case [s]";
  plot.y_label = "velocity nRMSE [1]";
  plot.log_x = plot.log_y = true;
  Curve ladder{"reference solver, by resolution", {}, {}};
  for (const auto& row : result.ladder) {
    ladder.x.push_back(row.seconds);
    ladder.y.push_back(row.error);
  }
  const double x = result.surrogate.seconds, y = result.surrogate.error;
  plot.curves = {ladder, {"surrogate", {x / 1.1, x, x, x, x, x * 1.1}, {y, y, y / 1.1, y * 1.1, y, y}}};
  write_plot(fs::path(config.folder) / "compare", plot);
}

}  // namespace

void ResolutionConfig::fields(FieldVisitor& visit) {
  visit("cells", cells, rule::at_least(1), "cells along x, y[, z]");
}

void CompareConfig::fields(FieldVisitor& visit) {
  visit("run", run, rule::any(), "run directory or checkpoint of the trained operator");
  visit("data", data, rule::any(), "dataset with its cases inside");
  visit("split", split, rule::one_of({"train", "valid", "test"}), "split to compare on");
  visit("checkpoint", checkpoint, rule::one_of({"best", "last"}), "which checkpoint of the run");
  visit("cases", cases, rule::non_negative(), "cases used; 0 is all");
  visit("frames", frames, rule::at_least(1), "frames predicted from the first ones");
  visit("solver", solver, SolverRegistry::instance(), "the reference solver");
  visit("resolutions", resolutions, "the solver's ladder of resolutions");
  visit("threads", threads, rule::between(0, 4096), "threads of both sides; 0 is all cores");
  visit("folder", folder, rule::any(), "where the card is written");
}

CompareResult judged(CompareRow surrogate, std::vector<CompareRow> ladder) {
  std::sort(ladder.begin(), ladder.end(),
            [](const CompareRow& a, const CompareRow& b) { return a.seconds < b.seconds; });
  CompareResult result{std::move(surrogate), std::move(ladder), {}, ""};
  const CompareRow& ours = result.surrogate;
  const auto& rungs = result.ladder;
  const auto number = [](double value) { return format_number(value, 3); };
  if (rungs.empty() || !std::isfinite(ours.error)) {
    result.verdict = "no verdict: the surrogate's error is not finite, or the ladder is empty";
    return result;
  }
  for (std::size_t k = 0; k + 1 < rungs.size() && !result.equal_error_seconds; ++k) {
    const CompareRow &coarse = rungs[k], &fine = rungs[k + 1];
    if (!(coarse.error >= ours.error && ours.error >= fine.error)) continue;
    const double part =
        coarse.error > fine.error ? std::log(coarse.error / ours.error) / std::log(coarse.error / fine.error) : 0;
    result.equal_error_seconds = std::exp(std::log(coarse.seconds) + part * std::log(fine.seconds / coarse.seconds));
  }
  if (result.equal_error_seconds) {
    const double ratio = *result.equal_error_seconds / ours.seconds;
    result.verdict = "at equal error (" + number(ours.error) + ") the solver takes " +
                     number(*result.equal_error_seconds) + " s, the surrogate " + number(ours.seconds) +
                     " s: " + (ratio >= 1 ? number(ratio) + " times faster" : number(1 / ratio) + " times slower") +
                     " than the solver";
    return result;
  }
  const auto best =
      std::min_element(rungs.begin(), rungs.end(), [](const auto& a, const auto& b) { return a.error < b.error; });
  if (ours.error > rungs.front().error) {
    const double ratio = rungs.front().seconds / ours.seconds;
    result.verdict = "even the coarsest solver (" + rungs.front().name + ", error " + number(rungs.front().error) +
                     ", " + number(rungs.front().seconds) + " s) is more accurate than the surrogate (error " +
                     number(ours.error) + ", " + number(ours.seconds) + " s): the speed-up at equal error is at most " +
                     number(ratio) + "; add coarser rungs";
  } else {
    result.verdict = "the surrogate (error " + number(ours.error) + ", " + number(ours.seconds) +
                     " s) is more accurate than every rung; the best is " + best->name + " (error " +
                     number(best->error) + ", " + number(best->seconds) +
                     " s): the speed-up at equal error is at least " + number(best->seconds / ours.seconds) +
                     "; add finer rungs";
  }
  return result;
}

std::string CompareResult::table() const {
  std::string text = "error (velocity nRMSE)   seconds a case   contender\n";
  const auto line = [&](const CompareRow& row) {
    std::string error = format_number(row.error, 4), seconds = format_number(row.seconds, 4);
    error.resize(std::max<std::size_t>(error.size(), 25), ' ');
    seconds.resize(std::max<std::size_t>(seconds.size(), 17), ' ');
    text += error + seconds + row.name + "\n";
  };
  line(surrogate);
  for (const auto& row : ladder) line(row);
  return text + verdict + "\n";
}

namespace {

/// Runs all contenders; writes nothing.
CompareResult measured(const CompareConfig& config) {
  const TrainedModel model = load_model(config.run, config.checkpoint);
  if (!model.forecaster)
    throw ConfigError("'" + config.run +
                      "' holds a model without time, which no solver's rollout compares with; use `eddyline evaluate`");
  const auto data = open_dataset(config.data, config.split);
  check_compatible(model.description, data->info());
  const DatasetInfo& info = data->info();
  const std::int64_t cases = config.cases > 0 ? std::min(config.cases, data->size()) : data->size();
  const std::int64_t history = model.description.spec.history;
  const auto channels = model.channels();

  Tally surrogate;
  std::vector<Tally> rungs(config.resolutions.size());
  Progress progress("compare", cases * static_cast<std::int64_t>(1 + rungs.size()));
  for (std::int64_t index = 0; index < cases; ++index) {
    const auto problem = data->problem(index);
    if (problem == nullptr)
      throw DataError("'" + config.data + "' does not hold its cases: a solver cannot take them up");
    const TrajectoryInfo trajectory = data->trajectory(index);
    if (trajectory.frames() < history + config.frames)
      throw ConfigError("frames: the trajectories have " + std::to_string(trajectory.frames()) + " frames, " +
                        std::to_string(history) + " go in; at most " + std::to_string(trajectory.frames() - history) +
                        " can be predicted");
    Start start{on_grid(*problem, *info.grid),
                {},
                data->frames(index, history, config.frames).to(at::kDouble),
                trajectory.dt()};
    for (std::int64_t k = 0; k < history; ++k)
      start.past.push_back(cell_state(start.problem, trajectory.times[static_cast<std::size_t>(k)], channels,
                                      data->frames(index, k, 1)[0]));
    const at::Tensor fluid = fluid_mask(*start.problem);

    const NeuralStepper stepper(model.forecaster, channels, conditioning_of(*data, index));
    if (index == 0) static_cast<void>(stepper.advance(start.past, start.dt, stepper.bundle()));  // warm-up
    drive(stepper, start.past, start, info, fluid, surrogate,
          [&](const State& state) { return cell_tensor(state, channels).to(at::kDouble); });
    progress.advance();

    for (std::size_t rung = 0; rung < rungs.size(); ++rung) {
      std::vector<double> low, high;
      for (int axis = 0; axis < info.grid->dimension(); ++axis) {
        low.push_back(info.grid->low(axis));
        high.push_back(info.grid->high(axis));
      }
      const Grid grid = Grid::uniform(low, high, config.resolutions[rung].cells);
      const auto refined = on_grid(*problem, grid);
      const auto solver = SolverRegistry::instance().create(config.solver.name, *config.solver.config, refined);
      const State first = solver->from_cells(
          carried(equation_cells(start.past.back(), *start.problem), *info.grid, grid), start.past.back().time);
      drive(*solver, {first}, start, info, fluid, rungs[rung], [&](const State& state) {
        return conservative_remap(cell_tensor(state, channels).to(at::kDouble), grid, *info.grid);
      });
      progress.advance();
    }
  }
  std::vector<CompareRow> ladder;
  for (std::size_t rung = 0; rung < rungs.size(); ++rung)
    ladder.push_back(rungs[rung].row("solver " + cells_text(config.resolutions[rung].cells)));
  return judged(surrogate.row("surrogate (" + model.description.operator_choice.name + ")"), std::move(ladder));
}

}  // namespace

CompareResult compare(const CompareConfig& config) {
  check_can_write(config.folder);
  const int threads = use_threads(config.threads);
  CompareResult result = measured(config);
  write_results(result, config, threads);
  return result;
}

std::string comparison_plan(const CompareConfig& config) {
  const int threads = use_threads(config.threads);
  const std::int64_t bundle = load_model(config.run, config.checkpoint).description.spec.bundle;
  const std::int64_t all = open_dataset(config.data, config.split)->size();
  const std::int64_t cases = config.cases > 0 ? std::min(config.cases, all) : all;
  CompareConfig sample = config;
  sample.cases = 1;
  sample.frames = std::min(bundle, config.frames);
  const CompareResult result = measured(sample);
  const double scale = static_cast<double>(cases * config.frames) / static_cast<double>(sample.frames);
  double seconds = result.surrogate.seconds;
  for (const auto& row : result.ladder) seconds += row.seconds;
  return "contenders   the surrogate and " + std::to_string(config.resolutions.size()) + " resolutions of '" +
         config.solver.name + "'\n" + "work         " + std::to_string(cases) + " cases of " +
         std::to_string(config.frames) + " frames, " + std::to_string(threads) + " thread(s)\n" +
         "time         about " + format_duration(scale * seconds) + ", measured on " + std::to_string(sample.frames) +
         " frames of one case\n" + "disk         a few hundred KiB in " + config.folder + "\n";
}

}  // namespace eddyline
