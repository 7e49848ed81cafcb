#pragma once
// A rollout beside its reference: files for ParaView, errors, pictures.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/io/csv.hpp"
#include "core/io/picture_plot.hpp"
#include "core/rollout/metrics.hpp"
#include "core/rollout/picture_sink.hpp"
#include "core/rollout/vtk_sink.hpp"

namespace eddyline {

/// The true state of a frame; nothing when the reference ends before.
using ReferenceStates = std::function<std::optional<State>(const Frame&)>;

struct ComparisonOptions {
  bool vtk = true;
  VtkOptions vtk_options = {};
  std::string quantity = {};              // of the pictures; empty: default_quantity
  std::vector<std::int64_t> frames = {};  // columns of the summary picture; empty: four, evenly spread
  double start_time = 0;                  // lead times count from here, in the case's time unit
};

/// Writes into FOLDER, for a NAME made safe:
///   NAME.pvd, NAME_000012.vti   arrays prediction_*, reference_*, difference_* (prediction minus reference)
///   NAME_errors.csv             a row of RolloutMetrics a frame, flushed as it comes
///   NAME_errors.json, NAME_errors.png, .svg, NAME_summary.png at the end
/// Only member 0 is compared. Frames without a reference are written to VTK alone, as prediction_*.
class ComparisonSink final : public Sink {
 public:
  ComparisonSink(std::filesystem::path folder, const std::string& name, ReferenceStates reference,
                 ComparisonOptions options = {});
  void open(const std::shared_ptr<const Case>& problem, const std::vector<Channel>& channels) override;
  void write(const Frame& frame) override;
  void close(RunStatus status) override;

  /// Of the frames so far; the sink must be open.
  [[nodiscard]] const MetricsTable& table() const { return metrics_->table(); }

 private:
  struct Snapshot {
    std::int64_t index = 0;
    double time = 0;
    at::Tensor reference, prediction;  // planes of the quantity, float32
  };
  void keep(const Frame& frame, const State& reference);
  void draw_summary() const;
  void draw_errors() const;

  std::filesystem::path folder_;
  std::string name_;
  ReferenceStates reference_;
  ComparisonOptions options_;
  std::shared_ptr<const Case> problem_;
  std::vector<Channel> channels_;
  std::unique_ptr<VtkSink> vtk_;
  std::unique_ptr<RolloutMetrics> metrics_;
  std::unique_ptr<CsvWriter> csv_;
  std::vector<Snapshot> snapshots_;
  std::int64_t stride_ = 1, seen_ = 0;
};

/// Scales of a comparison: one for reference and prediction, one for their difference.
struct ComparisonScales {
  ColourScale field, difference;
};
/// @param fluid  bool, cell shape; undefined means everywhere.
[[nodiscard]] ComparisonScales comparison_scales(const std::vector<at::Tensor>& reference,
                                                 const std::vector<at::Tensor>& prediction, const at::Tensor& fluid,
                                                 const std::string& label, ColourMap colours);
/// Rows reference, prediction and difference (prediction minus reference) of as many panels as there are fields.
[[nodiscard]] std::vector<PanelRow> comparison_rows(const std::vector<at::Tensor>& reference,
                                                    const std::vector<at::Tensor>& prediction,
                                                    const ComparisonScales& scales);

/// Rows reference, prediction and difference, one column a time; the first two rows share their scale.
/// @throws ShapeError when the lists differ in length.
[[nodiscard]] Canvas comparison_picture(const Case& problem, const std::string& title, const std::string& label,
                                        ColourMap colours, const std::vector<double>& times,
                                        const std::vector<at::Tensor>& reference,
                                        const std::vector<at::Tensor>& prediction);

/// Curves of some columns over lead time, logarithmic. Columns that the table lacks are left out.
[[nodiscard]] LinePlot error_plot(const MetricsTable& table, const Case& problem, const std::string& title,
                                  const std::vector<std::string>& columns);

}  // namespace eddyline
