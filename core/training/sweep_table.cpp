#include "core/training/sweep_table.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/numbers.hpp"
#include "core/base/text.hpp"

namespace eddyline {
namespace {

constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// Quoted where commas and quotes ask for it (RFC 4180).
std::string csv_text(const std::string& text) {
  if (text.find_first_of(",\"\n") == std::string::npos) return text;
  std::string quoted = "\"";
  for (const char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string csv_row(std::vector<std::string> cells) {
  for (auto& cell : cells) cell = csv_text(cell);
  return join(cells, ",") + "\n";
}

std::vector<std::string> key_names(const SweepConfig& config) {
  std::vector<std::string> names;
  for (const auto& [name, key] : config.keys) names.push_back(name);
  return names;
}

std::vector<std::string> values_of(const std::vector<std::pair<std::string, std::string>>& choice) {
  std::vector<std::string> values;
  for (const auto& [key, value] : choice) values.push_back(value);
  return values;
}

}  // namespace

std::string sweep_runs_csv(const SweepConfig& config, const std::vector<SweepOutcome>& outcomes) {
  std::vector<std::string> header = key_names(config);
  header.insert(header.begin(), "run");
  for (const char* name : {"seed", "state", "exit_code", "epochs"}) header.emplace_back(name);
  header.push_back(config.metric);
  std::string text = csv_row(header);
  for (const auto& [run, status] : outcomes) {
    std::vector<std::string> row = values_of(run.choice);
    row.insert(row.begin(), run.name);
    row.push_back(std::to_string(run.seed));
    row.push_back(status.state);
    row.push_back(std::to_string(status.exit_code));
    row.push_back(std::to_string(status.epochs));
    row.push_back(status.value ? format_number(*status.value) : "");
    text += csv_row(row);
  }
  return text;
}

std::vector<SweepRow> sweep_rows(const std::vector<SweepOutcome>& outcomes) {
  std::vector<SweepRow> rows;
  std::vector<std::vector<double>> values;
  for (const auto& [run, status] : outcomes) {
    auto found = std::find_if(rows.begin(), rows.end(), [&](const SweepRow& row) { return row.choice == run.choice; });
    if (found == rows.end()) {
      rows.push_back({run.choice});
      values.emplace_back();
      found = rows.end() - 1;
    }
    if (status.state == "failed") ++found->failed;
    if (status.value && status.state != "failed")
      values[static_cast<std::size_t>(found - rows.begin())].push_back(*status.value);
  }
  for (std::size_t n = 0; n < rows.size(); ++n) {
    SweepRow& row = rows[n];
    row.runs = static_cast<std::int64_t>(values[n].size());
    row.mean = row.deviation = row.best = row.worst = nan;
    if (values[n].empty()) continue;
    const auto count = static_cast<double>(row.runs);
    row.mean = row.deviation = 0;
    for (const double value : values[n]) row.mean += value / count;
    for (const double value : values[n]) row.deviation += (value - row.mean) * (value - row.mean);
    row.deviation = row.runs > 1 ? std::sqrt(row.deviation / (count - 1)) : nan;
    const auto [low, high] = std::minmax_element(values[n].begin(), values[n].end());
    row.best = *low;
    row.worst = *high;
  }
  std::stable_sort(rows.begin(), rows.end(), [](const SweepRow& a, const SweepRow& b) {
    return std::isnan(b.mean) ? !std::isnan(a.mean) : a.mean < b.mean;
  });
  return rows;
}

std::string sweep_table_csv(const SweepConfig& config, const std::vector<SweepRow>& rows) {
  std::vector<std::string> header = key_names(config);
  for (const char* name : {"runs", "failed", "mean", "standard_deviation", "best", "worst"}) header.emplace_back(name);
  std::string text = csv_row(header);
  for (const auto& row : rows) {
    std::vector<std::string> cells = values_of(row.choice);
    cells.push_back(std::to_string(row.runs));
    cells.push_back(std::to_string(row.failed));
    for (const double value : {row.mean, row.deviation, row.best, row.worst}) cells.push_back(format_number(value));
    text += csv_row(cells);
  }
  return text;
}

std::string sweep_table_text(const SweepConfig& config, const std::vector<SweepRow>& rows) {
  std::vector<std::vector<std::string>> lines = {key_names(config)};
  for (const char* name : {"runs", "mean", "+-", "best", "worst"}) lines[0].emplace_back(name);
  for (const auto& row : rows) {
    std::vector<std::string> cells = values_of(row.choice);
    cells.push_back(std::to_string(row.runs) + (row.failed > 0 ? " (" + std::to_string(row.failed) + " failed)" : ""));
    for (const double value : {row.mean, row.deviation, row.best, row.worst})
      cells.push_back(std::isnan(value) ? "-" : format_number(value, 4));
    lines.push_back(cells);
  }
  std::vector<std::size_t> widths(lines[0].size());
  for (const auto& line : lines)
    for (std::size_t c = 0; c < line.size(); ++c) widths[c] = std::max(widths[c], line[c].size());
  std::string text = config.metric + " (smaller is better; +- is the standard deviation over seeds)\n";
  for (const auto& line : lines) {
    for (std::size_t c = 0; c < line.size(); ++c)
      text += std::string(widths[c] - line[c].size(), ' ') + line[c] + (c + 1 < line.size() ? "  " : "\n");
  }
  return text;
}

}  // namespace eddyline
