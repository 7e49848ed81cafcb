#include "core/training/evaluation.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <chrono>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/progress.hpp"
#include "core/base/signals.hpp"
#include "core/config/yaml_document.hpp"

namespace eddyline {
namespace {

constexpr double never = std::numeric_limits<double>::infinity();

std::vector<std::string> present(const MetricsTable& table, const std::vector<std::string>& names) {
  std::vector<std::string> result;
  for (const auto& name : names)
    if (std::find(table.columns.begin(), table.columns.end(), name) != table.columns.end()) result.push_back(name);
  return result;
}

std::string padded(std::string text, std::size_t width, bool left = false) {
  const std::string blanks(width > text.size() ? width - text.size() : 0, ' ');
  return left ? text + blanks : blanks + text;
}

/// At most `rows` rows, evenly spread, the first and the last among them.
MetricsTable thinned(const MetricsTable& table, std::size_t rows) {
  if (table.rows.size() <= rows) return table;
  MetricsTable result{table.columns, {}};
  for (std::size_t n = 0; n < rows; ++n) result.rows.push_back(table.rows[n * (table.rows.size() - 1) / (rows - 1)]);
  return result;
}

/// Columns of the summary and what they are called there.
const std::vector<std::pair<std::string, std::string>> summary_columns = {
    {"nrmse", "rollout nRMSE"},       {"nrmse_velocity", "velocity nRMSE"},  {"kinetic_energy_ratio", "energy ratio"},
    {"divergence_rms", "divergence"}, {"spectrum_log_distance", "spectrum"},
};

}  // namespace

bool BlowUpGuard::exceeded(const at::Tensor& cells) const {
  const at::Tensor values = cells.to(at::kDouble).flatten(1);
  const bool in_range = (values.abs().amax(1) <= factor_ * normaliser_.largest).all().item<bool>();
  const double energy = (values / normaliser_.deviation.unsqueeze(1)).square().mean().item<double>();
  return !(in_range && energy <= factor_ * factor_ * normaliser_.largest_energy);
}

Evaluation evaluate(const TrainedModel& model, const Dataset& dataset, const std::string& dataset_name,
                    const EvaluationOptions& options) {
  if (options.frames < 0 || options.cases < 0)
    throw ConfigError("frames and cases of an evaluation are counts from 0 (all); got " +
                      std::to_string(std::min(options.frames, options.cases)));
  check_compatible(model.description, dataset.info());
  const DatasetInfo& info = dataset.info();
  const std::int64_t history = model.description.spec.history;
  const std::int64_t mask_index = mask_channel(info);
  const std::int64_t count = options.cases > 0 ? std::min(options.cases, dataset.size()) : dataset.size();
  if (count == 0) throw DataError("split '" + options.split + "' of '" + dataset_name + "' is empty");
  Evaluation result{dataset_name, options.split, model.checkpoint.string(), {}, {}, {}, 0};
  for (const char* name : {"model", "persistence", "mean"}) result.predictors.push_back({name, {}, {}, never});
  const BlowUpGuard guard(*model.normaliser);
  double seconds = 0, frames = 0;
  Progress progress("evaluate", count);
  for (std::int64_t index = 0; index < count; ++index) {
    stop_if_interrupted();
    const TrajectoryInfo trajectory = dataset.trajectory(index);
    std::int64_t steps = trajectory.frames() - history;
    if (options.frames > 0) steps = std::min(steps, options.frames);
    if (steps < 1)
      throw DataError("trajectory " + trajectory.id + " has " + std::to_string(trajectory.frames()) +
                      " frames; the model needs " + std::to_string(history) + " and one to compare with");
    result.trajectories.push_back(trajectory.id);
    const ForecastInputs inputs = forecast_inputs(dataset, {index}, 0, history);
    const auto start = std::chrono::steady_clock::now();
    const at::Tensor forecast = model.forecaster->forecast(inputs, steps)[0];
    seconds += std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    frames += static_cast<double>(steps);
    const at::Tensor truth = dataset.frames(index, history, steps);
    const at::Tensor mask = fluid_cells(inputs.statics[0], mask_index);
    const at::Tensor fluid = mask.defined() ? mask > 0 : at::Tensor();
    const auto problem = dataset.problem(index);
    const PeriodicAxes periodic = problem ? periodic_axes(*problem) : PeriodicAxes{};
    for (std::size_t p = 0; p < result.predictors.size(); ++p) {
      PredictorResult& predictor = result.predictors[p];
      RolloutMetrics metrics(*info.grid, fluid, info.channels, periodic);
      for (std::int64_t k = 0; k < steps; ++k) {
        const at::Tensor predicted = p == 0   ? forecast[k]
                                     : p == 1 ? inputs.past[0][history - 1]
                                              : model.normaliser->mean_field;
        const double lead_time = trajectory.times[static_cast<std::size_t>(history + k)] -
                                 trajectory.times[static_cast<std::size_t>(history - 1)];
        metrics.add(k + 1, lead_time, predicted, truth[k]);
        if (p == 0 && guard.exceeded(predicted)) predictor.blow_up_time = std::min(predictor.blow_up_time, lead_time);
      }
      predictor.by_case.push_back(metrics.table());
    }
    const auto wake = evaluate_wake(trajectory.id, problem ? on_grid(*problem, *info.grid) : nullptr, info.channels,
                                    forecast, truth, trajectory.dt(), options.solver);
    if (wake) result.wakes.push_back(*wake);
    progress.advance();
  }
  for (auto& predictor : result.predictors) predictor.table = mean_of(predictor.by_case);
  result.seconds_per_frame = seconds / frames;
  return result;
}

std::string dataset_of_run(const std::filesystem::path& run) {
  for (auto folder = std::filesystem::absolute(run); folder != folder.root_path(); folder = folder.parent_path()) {
    if (!std::filesystem::exists(folder / "config.yaml")) continue;
    const YamlNode root = read_yaml(folder / "config.yaml");
    const YamlNode* data = root.find("data");
    const YamlNode* path = data == nullptr ? nullptr : data->find("path");
    if (path != nullptr) return path->scalar;
    break;
  }
  throw ConfigError("'" + run.string() + "' does not say which dataset it was trained on; name one");
}

Evaluation evaluate(const std::filesystem::path& run, const std::string& dataset, const EvaluationOptions& options) {
  const TrainedModel model = load_model(run, options.checkpoint);
  const std::string path = dataset.empty() ? dataset_of_run(run) : dataset;
  return evaluate(model, *open_dataset(path, options.split), path, options);
}

std::string Evaluation::text() const {
  std::string text = "dataset     " + dataset + ", split " + split + ", " + std::to_string(trajectories.size()) +
                     " trajectories, " + std::to_string(predictors.front().table.rows.size()) + " frames\n" +
                     "checkpoint  " + checkpoint + "\n" + "speed       " + format_number(seconds_per_frame, 3) +
                     " s a frame\n\n";
  text += padded("", 12, true) + padded("one-step NMSE", 16);
  for (const auto& [column, title] : summary_columns)
    if (!present(predictors.front().table, {column}).empty()) text += padded(title, 16);
  text += "\n";
  for (const auto& predictor : predictors) {
    text += padded(predictor.name, 12, true);
    text += padded(format_number(predictor.table.column("nmse").front(), 4), 16);
    for (const auto& [column, title] : summary_columns)
      if (!present(predictor.table, {column}).empty())
        text += padded(format_number(predictor.table.mean(column), 4), 16);
    text += "\n";
  }
  std::vector<std::string> columns = {"frame", "lead_time", "nrmse"};
  for (const auto& name : predictors.front().table.columns)
    if (name.starts_with("nrmse_")) columns.push_back(name);
  text += "\nmodel, over lead time:\n" + thinned(predictors.front().table, 12).text(columns);
  text += wake_text(wakes);
  if (predictors.front().blow_up_time < never)
    text += "\nWARNING: a rollout leaves the range of the training data at lead time " +
            format_number(predictors.front().blow_up_time, 4) + "\n";
  return text;
}

std::string Evaluation::csv() const {
  std::string text;
  for (const auto& predictor : predictors) {
    const std::string table = predictor.table.csv();
    std::size_t begin = 0;
    for (bool header = true; begin < table.size(); header = false) {
      const std::size_t end = std::min(table.find('\n', begin), table.size());
      if (!header || text.empty())
        text += (header ? "predictor," : predictor.name + ",") + table.substr(begin, end - begin) + "\n";
      begin = end + 1;
    }
  }
  return text;
}

std::string Evaluation::json() const {
  nlohmann::ordered_json json;
  json["dataset"] = dataset;
  json["split"] = split;
  json["checkpoint"] = checkpoint;
  json["trajectories"] = trajectories;
  json["seconds_per_frame"] = seconds_per_frame;
  for (const auto& predictor : predictors) {
    auto& entry = json["predictors"][predictor.name];
    entry = nlohmann::ordered_json::parse(predictor.table.json());
    if (predictor.blow_up_time < never) entry["blow_up_time"] = predictor.blow_up_time;
    for (const auto& table : predictor.by_case) entry["by_case"].push_back(nlohmann::ordered_json::parse(table.json()));
  }
  return json.dump(2) + "\n";
}

}  // namespace eddyline
