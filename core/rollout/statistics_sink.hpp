#pragma once
// Mean, variance and range of every channel over time.

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <memory>
#include <optional>

#include "core/io/csv.hpp"
#include "core/rollout/sink.hpp"

namespace eddyline {

struct FieldStatistics {
  double mean = 0, variance = 0, least = 0, largest = 0;
};

/// Over cells with their volumes as weights; cells of weight zero (solids) do not count.
/// @param values, weight  of the same shape. @throws ShapeError when no cell has a weight.
[[nodiscard]] FieldStatistics field_statistics(const at::Tensor& values, const at::Tensor& weight);

/// FILE: time, then CHANNEL.mean, CHANNEL.variance, CHANNEL.least, CHANNEL.largest; a row every `every` frames.
class StatisticsSink final : public Sink {
 public:
  StatisticsSink(std::filesystem::path file, std::int64_t every) : file_(std::move(file)), every_(every) {}
  /// A continued run: rows up to this time are kept. To be called before `open`.
  void keep_until(double time) { keep_until_ = time; }
  void open(const std::shared_ptr<const Case>& problem, const std::vector<Channel>& channels) override;
  void write(const Frame& frame) override;
  void close(RunStatus) override {}

 private:
  std::filesystem::path file_;
  std::int64_t every_;
  std::optional<double> keep_until_;
  std::vector<std::string> channels_;
  at::Tensor weight_;
  std::unique_ptr<CsvWriter> table_;
};

}  // namespace eddyline
