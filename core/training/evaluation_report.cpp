#include "core/training/evaluation_report.hpp"

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

}  // namespace eddyline
