#pragma once
// The evaluation of any run, whatever its task: the engine behind `eddyline evaluate`.

#include <filesystem>
#include <map>
#include <string>

#include "core/training/evaluation.hpp"

namespace eddyline {

struct EvaluationReport {
  std::string text;
  std::map<std::string, std::string> files;  // by name: "evaluation.csv", "evaluation.json", "wakes.csv"
};

/// Rollouts for a model that forecasts, fields for one that does not.
/// @param run  run directory or checkpoint. @param dataset  path; empty takes the one of the run's config.yaml.
/// @throws what loading and evaluating throw.
[[nodiscard]] EvaluationReport evaluation_report(const std::filesystem::path& run, const std::string& dataset,
                                                 const EvaluationOptions& options);
/// Text for --dry-run: what is evaluated, duration measured on one call of the model, memory. Writes nothing.
[[nodiscard]] std::string evaluation_plan(const std::filesystem::path& run, const std::string& dataset,
                                          const EvaluationOptions& options);

}  // namespace eddyline
