#include "core/rollout/statistics_sink.hpp"

#include <ATen/ATen.h>

#include "core/base/error.hpp"
#include "core/field/derived.hpp"

namespace eddyline {

FieldStatistics field_statistics(const at::Tensor& values, const at::Tensor& weight) {
  const at::Tensor counted = values.to(at::kDouble).masked_select(weight > 0),
                   part = weight.to(at::kDouble).masked_select(weight > 0);
  if (counted.numel() == 0) throw ShapeError("statistics need at least one cell of the fluid");
  const double volume = part.sum().item<double>(), mean = (counted * part).sum().item<double>() / volume;
  return {mean, ((counted - mean).square() * part).sum().item<double>() / volume, counted.min().item<double>(),
          counted.max().item<double>()};
}

void StatisticsSink::open(const std::shared_ptr<const Case>& problem, const std::vector<Channel>& channels) {
  channels_ = channel_names(channels);
  const Grid& grid = problem->grid();
  weight_ =
      at::tensor(grid.cell_volumes(), at::kDouble).reshape(grid.cell_shape()) * fluid_mask(*problem).to(at::kDouble);
  std::vector<std::string> columns = {"time"};
  for (const auto& channel : channels_)
    for (const char* what : {".mean", ".variance", ".least", ".largest"}) columns.push_back(channel + what);
  if (keep_until_) {
    table_ =
        std::make_unique<CsvWriter>(file_, columns, [time = *keep_until_](const auto& row) { return row[0] <= time; });
  } else {
    table_ = std::make_unique<CsvWriter>(file_, columns);
  }
}

void StatisticsSink::write(const Frame& frame) {
  if (frame.index % every_ != 0) return;
  std::vector<double> row = {frame.state->time};
  for (const auto& channel : channels_) {
    const FieldStatistics s = field_statistics(cell_tensor(*frame.state, {channel})[0], weight_);
    row.insert(row.end(), {s.mean, s.variance, s.least, s.largest});
  }
  table_->add(row);
}

}  // namespace eddyline
