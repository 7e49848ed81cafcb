#include "core/training/prediction.hpp"

#include <algorithm>
#include <chrono>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/memory.hpp"
#include "core/base/numbers.hpp"
#include "core/base/progress.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/disk_space.hpp"
#include "core/io/safe_name.hpp"
#include "core/rollout/comparison_sink.hpp"
#include "core/rollout/picture_sink.hpp"
#include "core/rollout/rollout.hpp"
#include "core/rollout/rollout_file_sink.hpp"
#include "core/training/evaluation.hpp"
#include "core/training/field_prediction.hpp"
#include "core/training/neural_stepper.hpp"

namespace eddyline {
namespace {

/// Closes every sink with the status, whatever happens on the way.
class OpenSinks {
 public:
  OpenSinks(std::vector<std::shared_ptr<Sink>> sinks, const std::shared_ptr<const Case>& problem,
            const std::vector<Channel>& channels)
      : sinks_(std::move(sinks)) {
    for (const auto& sink : sinks_) sink->open(problem, channels);
  }
  [[nodiscard]] const std::vector<std::shared_ptr<Sink>>& all() const { return sinks_; }
  void close(RunStatus status) const {
    for (const auto& sink : sinks_) sink->close(status);
  }

 private:
  std::vector<std::shared_ptr<Sink>> sinks_;
};

/// All that a rollout starts from, checked.
struct Start {
  TrainedModel model;
  std::shared_ptr<const Dataset> dataset;
  TrajectoryInfo trajectory;
  std::shared_ptr<const Case> problem;
  std::vector<State> past;
  std::int64_t steps = 1;
  double bytes = 0;  // on disk, at most
  [[nodiscard]] NeuralStepper stepper(std::int64_t index) const {
    return {model.forecaster, model.channels(), conditioning_of(*dataset, index)};
  }
};

Start start_of(const PredictionOptions& options) {
  constexpr std::int64_t most_steps = 1'000'000;
  if (options.steps < 0 || options.steps > most_steps)
    throw ConfigError("--steps: expected 0 (all there are) to " + std::to_string(most_steps) + ", got " +
                      std::to_string(options.steps));
  check_can_write(options.output);
  Start start;
  start.model = load_model(options.run, options.checkpoint);
  const std::string path = options.dataset.empty() ? dataset_of_run(options.run) : options.dataset;
  start.dataset = open_dataset(path, options.split);
  const Dataset& dataset = *start.dataset;
  if (options.trajectory < 0 || options.trajectory >= dataset.size())
    throw ConfigError("split '" + options.split + "' of '" + path + "' has trajectories 0 to " +
                      std::to_string(dataset.size() - 1) + ", not " + std::to_string(options.trajectory));
  start.trajectory = dataset.trajectory(options.trajectory);
  if (start.model.regressor) return start;
  check_compatible(start.model.description, dataset.info());
  const TrajectoryInfo& trajectory = start.trajectory;
  const std::int64_t history = start.model.description.spec.history, first = options.first_frame;
  if (first < 0 || first + history > trajectory.frames())
    throw ConfigError("the model needs frames " + std::to_string(first) + " to " + std::to_string(first + history - 1) +
                      ", trajectory " + trajectory.id + " has 0 to " + std::to_string(trajectory.frames() - 1));
  start.steps = options.steps > 0 ? options.steps : trajectory.frames() - first - history;
  if (start.steps < 1)
    throw ConfigError("trajectory " + trajectory.id + " ends with the input; say how many --steps to go");
  start.problem = dataset.problem(options.trajectory);
  // Data may be coarser than the solver's grid that the case keeps.
  const Grid& grid = *dataset.info().grid;
  if (start.problem && !(start.problem->grid() == grid)) start.problem = on_grid(*start.problem, grid);
  if (!start.problem && (options.vtk || options.pictures || options.hdf5))
    throw DataError("'" + path + "' does not hold the case of trajectory " + trajectory.id +
                    ", which files and pictures need; switch them off");
  const auto channels = start.model.channels();
  const at::Tensor frames = dataset.frames(options.trajectory, first, history);
  for (std::int64_t k = 0; k < history; ++k)
    start.past.push_back(
        cell_state(start.problem, trajectory.times[static_cast<std::size_t>(first + k)], channels, frames[k]));
  double cells = 1;
  for (const auto length : grid.cell_shape()) cells *= static_cast<double>(length);
  // A frame in HDF5, and up to three times (prediction, reference, difference) with three components in VTK.
  const double numbers = static_cast<double>(channels.size()) * ((options.hdf5 ? 1 : 0) + (options.vtk ? 6 : 0));
  start.bytes = 4 * cells * numbers * static_cast<double>(start.steps);
  return start;
}

}  // namespace

std::string PredictionResult::text() const {
  std::string text = "predicted " + std::to_string(frames) + (frames == 1 ? " frame" : " frames") + " in " +
                     format_duration(seconds) + "\n";
  const auto has = [&](const char* name) {
    return std::find(errors.columns.begin(), errors.columns.end(), name) != errors.columns.end();
  };
  if (errors.rows.empty()) return text;
  for (const char* name : {"relative_l2", "relative_h1"})
    if (has(name)) text += std::string(name) + " error: " + format_number(errors.column(name).front(), 4) + "\n";
  for (const auto& [name, words] : {std::pair{"nrmse_velocity", "velocity nRMSE"}, {"nrmse", "nRMSE"}}) {
    if (!has(name)) continue;
    text += std::string(words) + ": first frame " + format_number(errors.column(name).front(), 3) + ", mean " +
            format_number(errors.mean(name), 3) + ", last frame " + format_number(errors.column(name).back(), 3) + "\n";
    break;
  }
  return text;
}

PredictionResult predict(const PredictionOptions& options) {
  const Start start = start_of(options);
  const auto& [model, dataset, trajectory, problem, past, steps, bytes] = start;
  if (model.regressor) return predict_field(model, *dataset, options);
  const Grid& grid = *dataset->info().grid;
  const auto channels = model.channels();
  const std::int64_t last_input = options.first_frame + model.description.spec.history - 1;
  create_folder(options.output);
  warn_if_disk_is_small(options.output, bytes);
  const std::string name = safe_file_name(trajectory.id);
  const ReferenceStates reference = [&](const Frame& frame) -> std::optional<State> {
    const std::int64_t index = last_input + frame.index;
    if (index >= start.trajectory.frames()) return std::nullopt;
    return cell_state(start.problem, start.trajectory.times[static_cast<std::size_t>(index)], channels,
                      start.dataset->frames(options.trajectory, index, 1)[0]);
  };
  std::vector<std::shared_ptr<Sink>> sinks;
  std::shared_ptr<ComparisonSink> comparison;
  if (problem) {
    ComparisonOptions comparison_options;
    comparison_options.vtk = options.vtk;
    comparison_options.start_time = past.back().time;
    comparison = std::make_shared<ComparisonSink>(options.output, name, reference, comparison_options);
    sinks.push_back(comparison);
  }
  if (options.pictures && grid.dimension() > 1) {
    PictureSinkOptions picture_options;
    picture_options.every = options.pictures_every;
    sinks.push_back(std::make_shared<PictureSink>(options.output / "pictures", name, picture_options));
  }
  if (options.hdf5) sinks.push_back(std::make_shared<RolloutFileSink>(options.output / (name + ".h5"), steps));
  const OpenSinks open(std::move(sinks), problem, model.description.data.channels);

  const NeuralStepper stepper = start.stepper(options.trajectory);
  const BlowUpGuard guard(*model.normaliser, options.blow_up_factor);
  PredictionResult result;
  Progress progress("predict", steps);
  const auto began = std::chrono::steady_clock::now();
  try {
    rollout(stepper, past, trajectory.dt(), steps, open.all(), [&](const Frame& frame) {
      result.frames = frame.index;
      progress.update(frame.index);
      if (result.blow_up_time < std::numeric_limits<double>::infinity()) return;
      if (!guard.exceeded(cell_tensor(*frame.state, channels))) return;
      result.blow_up_time = frame.state->time;
      log_warning("frame " + std::to_string(frame.index) + " (t = " + format_number(frame.state->time, 4) +
                  ") leaves the range of the training data by a factor of " + format_number(options.blow_up_factor, 3) +
                  "; do not trust it nor the frames behind it");
    });
  } catch (const Interrupted&) {
    open.close(RunStatus::interrupted);
    throw;
  } catch (...) {
    open.close(RunStatus::failed);
    throw;
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  if (comparison) result.errors = comparison->table();
  open.close(RunStatus::complete);
  return result;
}

std::string prediction_plan(const PredictionOptions& options) {
  const Start start = start_of(options);
  const auto began = std::chrono::steady_clock::now();
  const auto seconds = [&] { return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count(); };
  std::string time = "less than a second";
  if (!start.model.regressor) {
    const std::int64_t measured = std::min(start.steps, start.model.description.spec.bundle);
    rollout(start.stepper(options.trajectory), start.past, start.trajectory.dt(), measured, {}, {});
    time = format_duration(seconds() * static_cast<double>(start.steps) / static_cast<double>(measured)) +
           " for the model, measured on " + std::to_string(measured) + (measured == 1 ? " frame" : " frames") +
           "; files and pictures come on top";
  }
  return "model    " + start.model.description.operator_choice.name + ", " + start.model.checkpoint.string() + "\n" +
         "input    " + start.trajectory.id + " of '" + start.dataset->info().name + "', split " + options.split + "\n" +
         "frames   " + std::to_string(start.steps) + "\n" + "time     " + time + "\n" + "memory   " +
         format_bytes(peak_memory_bytes()) + "\n" + "disk     at most " + format_bytes(start.bytes) +
         " beside pictures, in " + options.output.string() + "\n";
}

}  // namespace eddyline
