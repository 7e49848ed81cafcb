#include "core/training/metrics_file.hpp"

#include <limits>

#include "core/io/atomic_file.hpp"

namespace eddyline {

void MetricsFile::restored(const TrainingState& state) {
  const std::string text = read_file(path_);
  columns_.assign(1, "");  // of the first line alone: the last may be torn
  for (const char c : text.substr(0, text.find('\n'))) {
    if (c == ',')
      columns_.emplace_back();
    else
      columns_.back() += c;
  }
  const auto epoch = static_cast<double>(state.epoch);
  file_.reset();
  file_ = std::make_unique<CsvWriter>(path_, columns_, [epoch](const auto& row) { return row.at(1) <= epoch; });
}

void MetricsFile::epoch(const EpochRecord& record) {
  if (!file_) {
    columns_ = {"step", "epoch", "loss", "learning_rate", "gradient_norm"};
    for (const auto& [name, value] : record.metrics) columns_.push_back(name);
    file_ = std::make_unique<CsvWriter>(path_, columns_);
  }
  std::vector<double> row = {static_cast<double>(record.step), static_cast<double>(record.epoch), record.loss,
                             record.learning_rate, record.gradient_norm};
  for (std::size_t column = row.size(); column < columns_.size(); ++column) {
    const auto found = record.metrics.find(columns_[column]);
    row.push_back(found == record.metrics.end() ? std::numeric_limits<double>::quiet_NaN() : found->second);
  }
  file_->add(row);
}

}  // namespace eddyline
