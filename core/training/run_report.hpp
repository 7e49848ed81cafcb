#pragma once
// What report.html of a run shows: its tables and texts, and rollouts of its model over the validation split.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/io/picture.hpp"
#include "core/plot/report_page.hpp"
#include "core/training/normalised_operator.hpp"

namespace eddyline {

/// Rollouts of the first trajectories of a split, thinned for a page: at most three trajectories, 200 steps and 16
/// frames; of a model without a past the fields of the first samples.
struct ReportRollouts {
  std::shared_ptr<const Grid> grid;  // one or two axes: the middle plane across z of three
  std::vector<Channel> channels;
  std::vector<ReportRollout> shown;
  std::vector<std::pair<std::string, MetricsTable>> errors;  // "model" and "persistence"; empty without a past
};

/// With the weights that the operator has now, in evaluation mode; nothing of it changes, no random number is drawn.
[[nodiscard]] ReportRollouts report_rollouts(const NormalisedOperator& trained, const Dataset& dataset);

/// Reference, prediction and difference of a few frames of the first rollout, as a picture.
[[nodiscard]] Canvas rollout_picture(const ReportRollouts& rollouts, const DatasetInfo& data);

/// The page of a run directory with config.yaml, provenance.json and metrics.csv. @throws IoError, DataError.
[[nodiscard]] std::string run_report(const std::filesystem::path& run, const ReportRollouts& rollouts,
                                     const DatasetInfo& data, std::int64_t parameters);

/// The same from the directory alone, with the best checkpoint and the dataset that config.yaml names.
[[nodiscard]] std::string run_report(const std::filesystem::path& run);

}  // namespace eddyline
