#pragma once
// metrics.csv of a run: a row an epoch.

#include <memory>

#include "core/io/csv.hpp"
#include "core/training/training_observer.hpp"

namespace eddyline {

/// Columns step, epoch, loss, learning_rate, gradient_norm and the validation metrics of the first record; nan where an
/// epoch was not validated.
class MetricsFile final : public TrainingObserver {
 public:
  explicit MetricsFile(std::filesystem::path path) : path_(std::move(path)) {}
  void begun() override { file_.reset(); }
  void restored(const TrainingState& state) override;
  void epoch(const EpochRecord& record) override;

 private:
  std::filesystem::path path_;
  std::vector<std::string> columns_;
  std::unique_ptr<CsvWriter> file_;
};

}  // namespace eddyline
