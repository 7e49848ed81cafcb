#include "core/rollout/force_summary.hpp"

#include <algorithm>
#include <cmath>
#include <optional>

#include "core/base/numbers.hpp"
#include "core/base/text.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/csv.hpp"
#include "core/rollout/oscillation.hpp"

namespace eddyline {
namespace {

/// The common distance of the times; nothing when they are not equally spaced.
std::optional<double> spacing(const std::vector<double>& times) {
  if (times.size() < 16) return std::nullopt;
  const double dt = (times.back() - times.front()) / static_cast<double>(times.size() - 1);
  for (std::size_t n = 1; n < times.size(); ++n)
    if (std::abs(times[n] - times[n - 1] - dt) > 1e-6 * dt) return std::nullopt;
  return dt;
}

}  // namespace

std::string write_force_summary(const std::filesystem::path& folder, const SimulationConfig& config) {
  const CsvTable history = read_csv(folder / "history.csv");
  if (history.rows.empty()) return "";
  const std::vector<double> all_times = history.column("time");
  const double from = config.output.forces_from * all_times.back();
  const auto first = std::lower_bound(all_times.begin(), all_times.end(), from) - all_times.begin();
  const std::vector<double> times(all_times.begin() + first, all_times.end());
  std::vector<std::string> columns = {"from", "to"}, texts;
  std::vector<double> row = {times.front(), times.back()};
  for (const auto& name : history.columns) {
    if (!name.ends_with("_coefficient")) continue;
    const std::vector<double> all = history.column(name), values(all.begin() + first, all.end());
    double mean = 0;
    for (const double value : values) mean += value / static_cast<double>(values.size());
    const auto [least, largest] = std::minmax_element(values.begin(), values.end());
    for (const char* what : {".mean", ".least", ".largest"}) columns.push_back(name + what);
    row.insert(row.end(), {mean, *least, *largest});
    texts.push_back(name + " " + format_number(mean, 5) + " (" + format_number(*least, 5) + " to " +
                    format_number(*largest, 5) + ")");
    const std::optional<double> dt = spacing(times);
    if (name != "lift_coefficient" || !dt || *largest - *least < 1e-6) continue;
    const Oscillation shedding = strongest_oscillation(values, *dt);
    if (shedding.amplitude < 0.1 * (*largest - *least)) continue;  // a drift, not an oscillation
    const double strouhal = shedding.frequency * config.problem.length_scale / config.problem.velocity_scale;
    columns.emplace_back("strouhal");
    row.push_back(strouhal);
    texts.push_back("Strouhal number " + format_number(strouhal, 4) + " from " +
                    format_number(shedding.frequency * (times.back() - times.front()), 3) + " periods");
  }
  if (texts.empty()) return "";
  write_atomically(folder / "forces.csv", join(columns, ",") + "\n" + csv_line(row));
  return "forces from t = " + format_number(times.front(), 5) + " to " + format_number(times.back(), 5) + ": " +
         join(texts, ", ");
}

}  // namespace eddyline
