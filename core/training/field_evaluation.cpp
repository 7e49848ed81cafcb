#include "core/training/field_evaluation.hpp"

#include <ATen/ATen.h>

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/numbers.hpp"
#include "core/base/text.hpp"
#include "core/field/remap.hpp"
#include "core/training/field_table.hpp"
#include "core/training/relative_norm.hpp"

namespace eddyline {
namespace {

constexpr std::int64_t batch_size = 50;

std::vector<double> by_sample(const at::Tensor& errors) {
  const at::Tensor means = errors.to(at::kDouble).mean(1).contiguous();
  return {means.data_ptr<double>(), means.data_ptr<double>() + means.numel()};
}

std::string words(const std::vector<std::int64_t>& cells) {
  std::vector<std::string> parts;
  for (const auto count : cells) parts.push_back(std::to_string(count));
  return join(parts, " x ");
}

nlohmann::ordered_json to_json(const SampleStatistics& statistics) {
  return {{"mean", statistics.mean},
          {"standard_deviation", statistics.deviation},
          {"standard_error", statistics.standard_error}};
}

}  // namespace

SampleStatistics SampleStatistics::of(const std::vector<double>& values) {
  SampleStatistics result;
  const double count = static_cast<double>(values.size());
  for (const double value : values) result.mean += value / count;
  if (values.size() < 2) return result;
  double squares = 0;
  for (const double value : values) squares += (value - result.mean) * (value - result.mean);
  result.deviation = std::sqrt(squares / (count - 1));
  result.standard_error = result.deviation / std::sqrt(count);
  return result;
}

FieldEvaluation evaluate_fields(const TrainedModel& model, const Dataset& dataset, const std::string& dataset_name,
                                const EvaluationOptions& options) {
  const DatasetInfo& info = dataset.info();
  check_compatible(model.description, info,
                   model.model->resolution_free() ? GridUse::any_resolution : GridUse::trained_shape);
  const Grid& trained = *model.description.data.grid;
  const FieldTable table = field_table(dataset, options.cases);
  FieldEvaluation result;
  result.dataset = dataset_name;
  result.split = options.split;
  result.checkpoint = model.checkpoint.string();
  result.cells = info.grid->cell_shape();
  result.trained_grid = result.cells == trained.cell_shape();
  result.samples = table.ids;
  const auto start = std::chrono::steady_clock::now();
  const at::Tensor predicted = predictions(*model.regressor, table, batch_size);
  result.seconds_per_sample = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count() /
                              static_cast<double>(table.size());
  at::Tensor mean = model.normaliser->mean_field;
  if (!result.trained_grid) mean = interpolated_remap(mean, trained, *info.grid);
  const std::int64_t mask_index = mask_channel(info);
  const bool has_h1 = mask_index < 0 && info.grid->is_uniform();
  const auto add = [&](const std::string& name, at::Tensor prediction) {
    at::Tensor reference = table.targets.to(at::kDouble);
    prediction = prediction.to(at::kDouble).expand_as(reference);
    if (mask_index >= 0) {
      const at::Tensor fluid = (table.statics.select(1, mask_index) > 0).to(at::kDouble).unsqueeze(1);
      reference = reference * fluid;
      prediction = prediction * fluid;
    }
    FieldErrors errors{name, by_sample(relative_l2(prediction, reference)), {}};
    if (has_h1) errors.h1 = by_sample(relative_h1(prediction, reference, uniform_spacing(*info.grid)));
    result.predictors.push_back(std::move(errors));
  };
  add("model", predicted);
  add("mean", mean);
  return result;
}

std::string FieldEvaluation::text() const {
  std::string text = "dataset     " + dataset + ", split " + split + ", " + std::to_string(samples.size()) +
                     " samples on " + words(cells) + " cells" +
                     (trained_grid ? "" : " (not the resolution of the training)") + "\n" + "checkpoint  " +
                     checkpoint + "\n" + "speed       " + format_number(seconds_per_sample, 3) + " s a sample\n\n";
  MetricsTable table{{"mean", "standard deviation", "standard error"}, {}};
  std::vector<std::string> names = {""};
  for (const FieldErrors& predictor : predictors)
    for (const auto& [norm, values] : {std::pair{"L2", predictor.l2}, {"H1", predictor.h1}}) {
      if (values.empty()) continue;
      const SampleStatistics statistics = SampleStatistics::of(values);
      table.rows.push_back({statistics.mean, statistics.deviation, statistics.standard_error});
      names.push_back(predictor.name + ", relative " + norm + " error");
    }
  std::size_t width = 0;
  for (const auto& name : names) width = std::max(width, name.size());
  const std::string numbers = table.text();
  std::size_t begin = 0;
  for (const auto& name : names) {
    const std::size_t end = numbers.find('\n', begin);
    text += name + std::string(width + 2 - name.size(), ' ') + numbers.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return text;
}

std::string FieldEvaluation::csv() const {
  const bool has_h1 = !predictors.front().h1.empty();
  std::string text = std::string("predictor,sample,relative_l2") + (has_h1 ? ",relative_h1" : "") + "\n";
  for (const FieldErrors& predictor : predictors)
    for (std::size_t n = 0; n < samples.size(); ++n) {
      text += predictor.name + "," + samples[n] + "," + format_number(predictor.l2[n]);
      if (has_h1) text.append(",").append(format_number(predictor.h1[n]));
      text += "\n";
    }
  return text;
}

std::string FieldEvaluation::json() const {
  nlohmann::ordered_json json;
  json["dataset"] = dataset;
  json["split"] = split;
  json["checkpoint"] = checkpoint;
  json["cells"] = cells;
  json["samples"] = samples;
  json["seconds_per_sample"] = seconds_per_sample;
  for (const FieldErrors& predictor : predictors) {
    auto& entry = json["predictors"][predictor.name];
    entry["relative_l2"] = to_json(SampleStatistics::of(predictor.l2));
    if (!predictor.h1.empty()) entry["relative_h1"] = to_json(SampleStatistics::of(predictor.h1));
    entry["by_sample"]["relative_l2"] = predictor.l2;
    if (!predictor.h1.empty()) entry["by_sample"]["relative_h1"] = predictor.h1;
  }
  return json.dump(2) + "\n";
}

}  // namespace eddyline
