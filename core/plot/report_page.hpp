#pragma once
// A run as one page of HTML: no network, no other file; the data stands in it as JSON, a little plain JavaScript draws
// it.

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/domain/grid.hpp"
#include "core/io/csv.hpp"
#include "core/rollout/metrics.hpp"

namespace eddyline {

/// One channel of what was predicted and what it should have been.
struct ReportChannel {
  std::string name, unit;
  std::vector<at::Tensor> reference, prediction;  // one a frame: [W] or [H, W], float
};

/// One trajectory of the validation split as the model rolls it out.
struct ReportRollout {
  std::string name;
  std::vector<std::string> frames;  // what each is: "lead time 0.25 s"
  std::vector<ReportChannel> channels;
  at::Tensor fluid;  // bool, cell shape; undefined means everywhere
};

struct ReportData {
  std::string title, status;
  bool complete = false;                                   // an incomplete run's page offers to reload itself
  std::vector<std::pair<std::string, std::string>> facts;  // a few words each: parameters, device, best error
  CsvTable metrics;                                        // metrics.csv
  std::string time_unit = "1", length_unit = "1";
  /// Error over lead time by predictor ("model", "persistence"), a row a frame.
  std::vector<std::pair<std::string, MetricsTable>> errors;
  std::shared_ptr<const Grid> grid;  // of the rollouts' fields, one or two axes
  std::vector<ReportRollout> rollouts;
  std::string config, provenance;
};

/// The page. Pictures of two-dimensional fields are PNGs inside it; one scale for reference and prediction, a diverging
/// one for the difference, over all frames. @throws ShapeError when a field does not fit the grid.
[[nodiscard]] std::string report_page(const ReportData& data);

/// RFC 4648, with padding.
[[nodiscard]] std::string base64(std::string_view bytes);

/// Style, markup and script around the data: the text with `@DATA@` where the JSON goes and `@TITLE@` for the title.
[[nodiscard]] const char* report_template();

}  // namespace eddyline
