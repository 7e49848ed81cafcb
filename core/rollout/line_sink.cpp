#include "core/rollout/line_sink.hpp"

#include <ATen/ATen.h>

#include <cmath>

#include "core/base/text.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/csv.hpp"
#include "core/io/safe_name.hpp"

namespace eddyline {

void LineSink::open(const std::shared_ptr<const Case>& problem, const std::vector<Channel>& channels) {
  create_folder(folder_);
  channels_ = channel_names(channels);
  dimension_ = problem->grid().dimension();
  points_.clear();
  samplers_.clear();
  for (std::int64_t n = 0; n < line_.points; ++n) {
    const double part = static_cast<double>(n) / static_cast<double>(line_.points - 1);
    Point point{};
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(dimension_); ++axis)
      point[axis] =
          n + 1 == line_.points ? line_.to[axis] : line_.from[axis] + part * (line_.to[axis] - line_.from[axis]);
    points_.push_back(point);
    samplers_.emplace_back(problem->grid(), point);
  }
}

void LineSink::write(const Frame& frame) {
  if (frame.index % line_.every != 0) return;
  const at::Tensor fields = cell_tensor(*frame.state, channels_).to(at::kDouble).contiguous();
  const double* data = fields.const_data_ptr<double>();
  const std::int64_t cells = fields.numel() / fields.size(0);
  std::vector<std::string> columns = {"distance"};
  for (int axis = 0; axis < dimension_; ++axis) columns.emplace_back(1, "xyz"[axis]);
  columns.insert(columns.end(), channels_.begin(), channels_.end());
  columns.emplace_back("time");
  std::string text = join(columns, ",") + "\n";
  for (std::size_t n = 0; n < points_.size(); ++n) {
    double square = 0;
    for (std::size_t axis = 0; axis < 3; ++axis) square += std::pow(points_[n][axis] - points_[0][axis], 2);
    std::vector<double> row = {std::sqrt(square)};
    row.insert(row.end(), points_[n].begin(), points_[n].begin() + dimension_);
    for (std::size_t c = 0; c < channels_.size(); ++c)
      row.push_back(samplers_[n](data + static_cast<std::int64_t>(c) * cells));
    row.push_back(frame.state->time);
    text += csv_line(row);
  }
  write_atomically(folder_ / (safe_file_name(line_.name) + "_" + numbered(frame.index) + ".csv"), text);
}

}  // namespace eddyline
