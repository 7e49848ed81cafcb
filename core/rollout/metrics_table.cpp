#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"
#include "core/io/csv.hpp"
#include "core/rollout/metrics.hpp"

namespace eddyline {

std::vector<double> MetricsTable::column(const std::string& name) const {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found == columns.end())
    throw DataError("there is no metric '" + printable(name) + "'" + suggestion(name, columns));
  std::vector<double> values;
  for (const auto& row : rows) values.push_back(row[static_cast<std::size_t>(found - columns.begin())]);
  return values;
}

double MetricsTable::mean(const std::string& name) const {
  double sum = 0;
  for (const double value : column(name)) sum += value;
  return sum / static_cast<double>(rows.size());
}

double MetricsTable::time_above(const std::string& name, double limit) const {
  const auto values = column(name), times = column("lead_time");
  for (std::size_t i = 0; i < values.size(); ++i)
    if (!(values[i] <= limit)) return times[i];
  return std::numeric_limits<double>::infinity();
}

std::string MetricsTable::text(const std::vector<std::string>& names) const {
  std::vector<std::string> lines(rows.size() + 1);
  for (const std::string& name : names.empty() ? columns : names) {
    std::vector<std::string> cells = {printable(name)};
    for (const double value : column(name)) cells.push_back(format_number(value, 4));
    std::size_t width = 0;
    for (const auto& cell : cells) width = std::max(width, cell.size());
    for (std::size_t i = 0; i < lines.size(); ++i)
      lines[i] += std::string(width - cells[i].size() + (lines[i].empty() ? 0 : 2), ' ') + cells[i];
  }
  return join(lines, "\n") + "\n";
}

std::string MetricsTable::csv() const {
  std::string text = join(columns, ",") + "\n";
  for (const auto& row : rows) text += csv_line(row);
  return text;
}

std::string MetricsTable::json() const {
  nlohmann::ordered_json document;
  document["columns"] = columns;
  document["rows"] = rows;
  nlohmann::ordered_json means = nlohmann::ordered_json::object();
  if (!rows.empty())
    for (std::size_t c = 2; c < columns.size(); ++c) means[columns[c]] = mean(columns[c]);
  document["mean"] = means;
  return document.dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
}

MetricsTable mean_of(std::span<const MetricsTable> tables) {
  if (tables.empty()) throw DataError("the mean of no metrics was asked for");
  MetricsTable mean{tables[0].columns, {}};
  std::size_t count = tables[0].rows.size();
  for (const auto& table : tables) {
    if (table.columns != mean.columns) throw DataError("metrics of different channels cannot be averaged");
    count = std::min(count, table.rows.size());
  }
  for (std::size_t i = 0; i < count; ++i) {
    std::vector<double> row(mean.columns.size(), 0.0);
    for (const auto& table : tables)
      for (std::size_t c = 0; c < row.size(); ++c) row[c] += table.rows[i][c] / static_cast<double>(tables.size());
    mean.rows.push_back(std::move(row));
  }
  return mean;
}

}  // namespace eddyline
