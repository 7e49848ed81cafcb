#include "core/rollout/run_history.hpp"

#include <ATen/ATen.h>

#include <algorithm>

namespace eddyline {
namespace {

std::unique_ptr<CsvWriter> open(const std::filesystem::path& path, const std::vector<std::string>& columns, double time,
                                bool append) {
  if (!append) return std::make_unique<CsvWriter>(path, columns);
  return std::make_unique<CsvWriter>(path, columns, [time](const std::vector<double>& row) { return row[0] <= time; });
}

}  // namespace

RunHistory::RunHistory(const std::filesystem::path& folder, const SimulationConfig& config, const Case& problem,
                       const Diagnostics& first, double time, bool append)
    : channels_(channel_names(problem.channels())) {
  std::vector<std::string> columns = {"time", "residual"};
  for (const auto& [name, value] : first) columns.push_back(name);
  history_ = open(folder / "history.csv", columns, time, append);
  if (config.output.probes.empty()) return;
  columns = {"time"};
  for (const auto& probe : config.output.probes) {
    Point point{};
    std::copy(probe.at.begin(), probe.at.end(), point.begin());
    probes_.emplace_back(problem.grid(), point);
    for (const auto& channel : channels_) columns.push_back(probe.name + "." + channel);
  }
  probe_file_ = open(folder / "probes.csv", columns, time, append);
}

void RunHistory::add(const State& state, double residual, const Diagnostics& diagnostics) {
  std::vector<double> row = {state.time, residual};
  for (const auto& [name, value] : diagnostics) row.push_back(value);
  history_->add(row);
  if (!probe_file_) return;
  row = {state.time};
  const at::Tensor fields = cell_tensor(state, channels_).to(at::kDouble).contiguous();
  const std::int64_t cells = fields.numel() / fields.size(0);
  for (const auto& probe : probes_)
    for (std::int64_t channel = 0; channel < fields.size(0); ++channel)
      row.push_back(probe(fields.const_data_ptr<double>() + channel * cells));
  probe_file_->add(row);
}

double relative_change(const State& before, const State& after, double scale) {
  double change = 0, size = 1e-300;
  const bool has_velocity = after.fields.contains("velocity_x");
  for (const auto& [name, field] : after.fields) {
    if (has_velocity && name.rfind("velocity", 0) != 0) continue;
    change = std::max(change, (field.values - before.fields.at(name).values).abs().max().item<double>());
    size = std::max(size, field.values.abs().max().item<double>());
  }
  return change / size / (after.time - before.time) * scale;
}

}  // namespace eddyline
