#include "core/training/run_report.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"
#include "core/config/yaml_document.hpp"
#include "core/io/atomic_file.hpp"
#include "core/plot/field_figure.hpp"
#include "core/training/parameter_count.hpp"
#include "core/training/trained_model.hpp"

namespace eddyline {
namespace {

namespace fs = std::filesystem;

constexpr std::int64_t most_cases = 3, most_steps = 200, most_frames = 16, most_samples = 8;

/// `count` of 0..total-1 (or all), evenly spread, the first and the last among them.
std::vector<std::int64_t> spread(std::int64_t total, std::int64_t count) {
  std::vector<std::int64_t> all;
  for (std::int64_t n = 0; n < total; ++n) all.push_back(n);
  return spread_frames(all, static_cast<std::size_t>(count));
}

/// [..., D, H, W] to its middle plane across z; one and two axes stay.
at::Tensor flat(const at::Tensor& field, int dimension) {
  return dimension == 3 ? field.select(-3, field.size(-3) / 2) : field;
}

std::shared_ptr<const Grid> flat(const std::shared_ptr<const Grid>& grid) {
  if (grid->dimension() < 3) return grid;
  return std::make_shared<Grid>(std::vector<std::vector<double>>{grid->nodes(0), grid->nodes(1)});
}

at::Tensor fluid_of(const Dataset& dataset, std::int64_t index) {
  const at::Tensor mask = fluid_cells(dataset.statics(index), mask_channel(dataset.info()));
  return mask.defined() ? mask > 0 : mask;
}

std::vector<ReportChannel> channels_of(const DatasetInfo& info) {
  std::vector<ReportChannel> channels;
  for (const auto& channel : info.channels) channels.push_back({channel.name, channel.unit, {}, {}});
  return channels;
}

/// One frame of every channel. @param reference, prediction [C, ...].
void add_frame(ReportRollout& rollout, const std::string& text, const at::Tensor& reference,
               const at::Tensor& prediction, int dimension) {
  rollout.frames.push_back(text);
  for (std::size_t c = 0; c < rollout.channels.size(); ++c) {
    const auto channel = static_cast<std::int64_t>(c);
    rollout.channels[c].reference.push_back(flat(reference[channel], dimension).to(at::kFloat));
    rollout.channels[c].prediction.push_back(flat(prediction[channel], dimension).to(at::kFloat));
  }
}

void forecast_rollouts(const NormalisedOperator& trained, const Dataset& dataset, ReportRollouts& result) {
  const DatasetInfo& info = dataset.info();
  const int dimension = info.grid->dimension();
  const Forecaster forecaster(trained);
  const std::int64_t history = trained.spec().history;
  std::vector<MetricsTable> model, persistence;
  for (std::int64_t index = 0; index < std::min(dataset.size(), most_cases); ++index) {
    const TrajectoryInfo trajectory = dataset.trajectory(index);
    const std::int64_t steps = std::min(trajectory.frames() - history, most_steps);
    if (steps < 1) continue;
    const ForecastInputs inputs = forecast_inputs(dataset, {index}, 0, history);
    const at::Tensor predicted = forecaster.forecast(inputs, steps)[0], truth = dataset.frames(index, history, steps);
    const at::Tensor still = inputs.past[0][history - 1];
    const at::Tensor fluid = fluid_of(dataset, index);
    ReportRollout rollout{trajectory.id, {}, channels_of(info), fluid.defined() ? flat(fluid, dimension) : fluid};
    RolloutMetrics of_model(*info.grid, fluid, info.channels), of_still(*info.grid, fluid, info.channels);
    for (const std::int64_t step : spread(steps, most_frames)) {
      const double lead = trajectory.dt() * static_cast<double>(step + 1);
      of_model.add(step + 1, lead, predicted[step], truth[step]);
      of_still.add(step + 1, lead, still, truth[step]);
      add_frame(rollout,
                "frame " + std::to_string(step + 1) + ", lead time " + format_number(lead, 4) +
                    (info.time_unit == "1" ? "" : " " + info.time_unit),
                truth[step], predicted[step], dimension);
    }
    model.push_back(of_model.table());
    persistence.push_back(of_still.table());
    result.shown.push_back(std::move(rollout));
  }
  if (model.empty()) return;
  result.errors.emplace_back("model", mean_of(model));
  result.errors.emplace_back("persistence", mean_of(persistence));
}

void field_rollouts(const NormalisedOperator& trained, const Dataset& dataset, ReportRollouts& result) {
  const DatasetInfo& info = dataset.info();
  const Regressor regressor(trained);
  ReportRollout rollout{"validation", {}, channels_of(info), {}};
  for (std::int64_t index = 0; index < std::min(dataset.size(), most_samples); ++index) {
    const TrajectoryInfo trajectory = dataset.trajectory(index);
    const at::Tensor parameters = at::tensor(trajectory.parameters, at::kDouble).unsqueeze(0);
    const at::Tensor field = regressor.predict({dataset.statics(index).unsqueeze(0), parameters})[0];
    add_frame(rollout, trajectory.id, dataset.frames(index, 0, 1)[0], field, info.grid->dimension());
  }
  result.shown.push_back(std::move(rollout));
}

/// Text of a dotted path, "?" when it is not there.
std::string text_at(const YamlNode& root, const std::vector<std::string>& path) {
  const YamlNode* node = &root;
  for (const auto& name : path)
    if ((node = node->find(name)) == nullptr) return "?";
  return node->scalar;
}

}  // namespace

ReportRollouts report_rollouts(const NormalisedOperator& trained, const Dataset& dataset) {
  ReportRollouts result;
  result.grid = flat(dataset.info().grid);
  result.channels = dataset.info().channels;
  if (trained.spec().forecasts())
    forecast_rollouts(trained, dataset, result);
  else
    field_rollouts(trained, dataset, result);
  return result;
}

Canvas rollout_picture(const ReportRollouts& rollouts, const DatasetInfo& data) {
  if (rollouts.shown.empty()) throw DataError("no trajectory of the validation split is long enough for a rollout");
  const ReportRollout& rollout = rollouts.shown.front();
  FrameSeries series;
  series.name = rollout.name;
  series.grid = rollouts.grid;
  series.channels = rollouts.channels;
  series.fluid = rollout.fluid;
  series.length_unit = data.length_unit;
  series.time_unit = data.time_unit;
  series.has_reference = true;
  for (std::size_t n = 0; n < rollout.frames.size(); ++n) series.times.push_back(static_cast<double>(n));
  if (!rollouts.errors.empty()) {
    const auto times = rollouts.errors.front().second.column("lead_time");
    for (std::size_t n = 0; n < std::min(times.size(), series.times.size()); ++n) series.times[n] = times[n];
  }
  series.read = [&rollout](std::int64_t frame) {
    std::vector<at::Tensor> prediction, reference;
    for (const auto& channel : rollout.channels) {
      prediction.push_back(channel.prediction[static_cast<std::size_t>(frame)]);
      reference.push_back(channel.reference[static_cast<std::size_t>(frame)]);
    }
    return SeriesFrame{at::stack(prediction), at::stack(reference)};
  };
  constexpr std::int64_t compared = 3;
  const auto frames = spread(series.frames(), compared);
  if (series.grid->dimension() == 1) return draw_plot(profile_figure(series, {frames.back()}, {}));
  return field_figure(series, frames, {});
}

std::string run_report(const fs::path& run, const ReportRollouts& rollouts, const DatasetInfo& data,
                       std::int64_t parameters) {
  ReportData report;
  report.config = read_file(run / "config.yaml");
  report.provenance = read_file(run / "provenance.json");
  report.metrics = read_csv(run / "metrics.csv");
  const YamlNode config = parse_yaml(report.config, (run / "config.yaml").string());
  const std::string epochs = text_at(config, {"training", "epochs"});
  report.title = fs::weakly_canonical(run).filename().string();
  const auto epoch = report.metrics.column("epoch"), step = report.metrics.column("step"),
             selection = report.metrics.column("selection");
  const double reached = epoch.empty() ? 0 : epoch.back();
  report.complete = format_number(reached) == epochs;
  report.status = "epoch " + format_number(reached) + " of " + epochs +
                  (step.empty() ? std::string() : ", step " + format_number(step.back()));
  std::size_t best = selection.size();
  for (std::size_t n = 0; n < selection.size(); ++n)
    if (!std::isnan(selection[n]) && (best == selection.size() || selection[n] < selection[best])) best = n;
  report.facts = {{"operator", text_at(config, {"operator", "name"})},
                  {"parameters", std::to_string(parameters)},
                  {"task", text_at(config, {"task", "name"})},
                  {"data", data.name}};
  if (best < selection.size()) {
    report.facts.emplace_back("best validation error", format_number(selection[best], 4));
    report.facts.emplace_back("reached at epoch", format_number(epoch[best]));
  }
  report.time_unit = data.time_unit;
  report.length_unit = data.length_unit;
  report.errors = rollouts.errors;
  report.grid = rollouts.grid;
  report.rollouts = rollouts.shown;
  return report_page(report);
}

std::string run_report(const fs::path& run) {
  if (!fs::exists(run / "metrics.csv"))
    throw ConfigError("'" + printable(run.string()) +
                      "' is no run of `eddyline train`: it has no metrics.csv to report");
  const TrainedModel model = load_model(run);
  const YamlNode config = read_yaml(run / "config.yaml");
  const auto valid = open_dataset(text_at(config, {"data", "path"}), text_at(config, {"data", "valid"}));
  check_compatible(model.description, valid->info());
  const NormalisedOperator trained(model.model, model.description.spec, model.normaliser,
                                   mask_channel(model.description.data));
  return run_report(run, report_rollouts(trained, *valid), valid->info(), parameter_count(*model.model));
}

}  // namespace eddyline
