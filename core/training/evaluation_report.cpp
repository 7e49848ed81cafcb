#include "core/training/evaluation_report.hpp"

#include <algorithm>
#include <chrono>

#include "core/base/error.hpp"
#include "core/base/memory.hpp"
#include "core/base/numbers.hpp"
#include "core/training/field_evaluation.hpp"

namespace eddyline {

EvaluationReport evaluation_report(const std::filesystem::path& run, const std::string& dataset,
                                   const EvaluationOptions& options) {
  const auto report = [](const auto& result) {
    return EvaluationReport{result.text(), {{"evaluation.csv", result.csv()}, {"evaluation.json", result.json()}}};
  };
  const TrainedModel model = load_model(run, options.checkpoint);
  const std::string path = dataset.empty() ? dataset_of_run(run) : dataset;
  const auto data = open_dataset(path, options.split);
  if (model.regressor) return report(evaluate_fields(model, *data, path, options));
  const Evaluation evaluation = evaluate(model, *data, path, options);
  EvaluationReport result = report(evaluation);
  if (!evaluation.wakes.empty()) result.files["wakes.csv"] = wake_csv(evaluation.wakes);
  return result;
}

std::string evaluation_plan(const std::filesystem::path& run, const std::string& dataset,
                            const EvaluationOptions& options) {
  const TrainedModel model = load_model(run, options.checkpoint);
  const std::string path = dataset.empty() ? dataset_of_run(run) : dataset;
  const auto data = open_dataset(path, options.split);
  const std::int64_t cases = options.cases > 0 ? std::min(options.cases, data->size()) : data->size();
  if (cases == 0) throw DataError("split '" + options.split + "' of '" + path + "' is empty");
  const bool forecasts = model.regressor == nullptr;
  check_compatible(model.description, data->info(),
                   !forecasts && model.model->resolution_free() ? GridUse::any_resolution : GridUse::trained_shape);
  std::string work = std::to_string(cases) + (forecasts ? " rollouts" : " fields"), time = "less than a minute";
  if (forecasts) {
    const std::int64_t history = model.description.spec.history, bundle = model.description.spec.bundle;
    double frames = 0;
    for (std::int64_t index = 0; index < cases; ++index) {
      const std::int64_t steps = data->trajectory(index).frames() - history;
      frames += static_cast<double>(options.frames > 0 ? std::min(steps, options.frames) : steps);
    }
    const auto began = std::chrono::steady_clock::now();
    static_cast<void>(model.forecaster->forecast(forecast_inputs(*data, {0}, 0, history), bundle));
    const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
    work += ", " + format_number(frames) + " frames in all";
    time = "about " + format_duration(seconds * frames / static_cast<double>(bundle)) + " for the model, measured on " +
           std::to_string(bundle) + (bundle == 1 ? " frame" : " frames") + "; the metrics come on top";
  }
  return "model    " + model.description.operator_choice.name + ", " + model.checkpoint.string() + "\n" + "data     '" +
         path + "', split " + options.split + "\n" + "work     " + work + "\n" + "time     " + time + "\n" +
         "memory   " + format_bytes(peak_memory_bytes()) + "\n" + "disk     less than a MiB\n";
}

}  // namespace eddyline
