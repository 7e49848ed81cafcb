#include "core/plot/table_figure.hpp"

#include <algorithm>
#include <cmath>
#include <iterator>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/io/csv.hpp"

namespace eddyline {
namespace {

using Groups = std::vector<std::pair<std::string, CsvTable>>;

std::string spaced(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return printable(name);
}

std::string with_unit(const std::string& text, const std::string& unit) {
  return unit == "1" ? text : text + " [" + printable(unit) + "]";
}

bool has(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

template <class Predicate>
std::vector<std::string> chosen(const std::vector<std::string>& names, const Predicate& wanted) {
  std::vector<std::string> result;
  std::copy_if(names.begin(), names.end(), std::back_inserter(result), wanted);
  return result;
}

std::vector<Curve> curves_of(const Groups& groups, const std::string& x, const std::vector<std::string>& columns) {
  std::vector<Curve> curves;
  for (const auto& [name, table] : groups) {
    const auto places = table.column(x);
    for (const std::string& column : columns) {
      const std::string label = name.empty()          ? spaced(column)
                                : columns.size() == 1 ? printable(name)
                                                      : printable(name) + ", " + spaced(column);
      Curve curve{label, {}, {}};
      const auto values = table.column(column);
      for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i]) || !std::isfinite(places[i])) continue;
        curve.x.push_back(places[i]);
        curve.y.push_back(values[i]);
      }
      curves.push_back(std::move(curve));
    }
  }
  return curves;
}

LinePlot plot_of(const Groups& groups, const std::string& title, const std::string& x, const std::string& x_label,
                 const std::vector<std::string>& columns, const std::string& y_label, bool log_y) {
  LinePlot plot;
  plot.title = title;
  plot.x_label = x_label;
  plot.y_label = y_label;
  plot.curves = curves_of(groups, x, columns);
  plot.log_y = log_y;
  return plot;
}

/// Curves of a training. The logarithm needs a positive value somewhere.
std::vector<NamedPlot> training_figures(const Groups& groups) {
  const auto& columns = groups.front().second.columns;
  const auto losses = chosen(columns, [](const std::string& name) {
    return name != "step" && name != "epoch" && name != "learning_rate" && name != "gradient_norm";
  });
  return {{"losses", plot_of(groups, "Training", "epoch", "epoch", losses, "loss and validation errors", true)},
          {"learning_rate", plot_of(groups, "Training", "epoch", "epoch", {"learning_rate"}, "learning rate", false)}};
}

std::vector<NamedPlot> history_figures(const Groups& groups, const std::string& time) {
  const auto& columns = groups.front().second.columns;
  std::vector<NamedPlot> figures;
  const auto forces = chosen(columns, [](const std::string& name) { return name.ends_with("_coefficient"); });
  if (!forces.empty())
    figures.push_back({"forces", plot_of(groups, "Forces", "time", time, forces, "force coefficient", false)});
  const auto residuals =
      chosen(columns, [](const std::string& name) { return name == "residual" || name == "divergence"; });
  figures.push_back({"residuals", plot_of(groups, "Residuals", "time", time, residuals,
                                          "relative rate of change, divergence", true)});
  return figures;
}

std::vector<NamedPlot> probe_figures(const Groups& groups, const std::string& time) {
  const auto& columns = groups.front().second.columns;
  std::vector<std::string> quantities;
  const auto quantity_of = [](const std::string& column) {
    std::string quantity = column.substr(column.find('.') + 1);
    return quantity.starts_with("velocity_") ? "velocity" : quantity;
  };
  for (const std::string& column : columns)
    if (column != "time" && !has(quantities, quantity_of(column))) quantities.push_back(quantity_of(column));
  std::vector<NamedPlot> figures;
  for (const std::string& quantity : quantities)
    figures.push_back(
        {"probes_" + quantity,
         plot_of(groups, "Probes", "time", time,
                 chosen(columns,
                        [&](const std::string& column) { return column != "time" && quantity_of(column) == quantity; }),
                 spaced(quantity), false)});
  return figures;
}

std::vector<NamedPlot> error_figures(const Groups& groups, const std::string& lead_time) {
  const auto& columns = groups.front().second.columns;
  auto errors = chosen(columns, [](const std::string& name) { return name.starts_with("nrmse_"); });
  if (groups.size() > 1 || errors.empty())
    errors = {has(columns, "nrmse_velocity") ? "nrmse_velocity" : "nrmse"};  // a curve a predictor
  // The one that sums the others up comes first.
  std::stable_partition(errors.begin(), errors.end(), [](const std::string& name) { return name == "nrmse_velocity"; });
  const std::string what = groups.size() > 1 ? spaced(errors.front()) : "error relative to the reference";
  return {{"errors", plot_of(groups, "Error over lead time", "lead_time", lead_time, errors, what, true)}};
}

}  // namespace

LinePlot table_figure(const std::filesystem::path& path, const TableView& view) {
  const Groups groups = read_csv_groups(path);
  const auto& columns = groups.front().second.columns;
  if (columns.empty()) throw DataError("'" + path.string() + "' has no columns");
  const std::string x = view.x.empty() ? columns.front() : view.x;
  std::vector<std::string> y = view.y;
  if (y.empty()) y = chosen(columns, [&](const std::string& name) { return name != x; });
  std::vector<std::string> named = y;
  named.push_back(x);
  for (const std::string& name : named)
    if (!has(columns, name))
      throw ConfigError("'" + path.string() + "' has no column '" + printable(name) + "'" + suggestion(name, columns));
  LinePlot plot;
  plot.title = printable(path.stem().string());
  plot.x_label = spaced(x);
  plot.y_label = y.size() == 1 ? spaced(y.front()) : "";
  plot.curves = curves_of(groups, x, y);
  plot.log_x = view.log_x;
  plot.log_y = view.log_y;
  plot.y_range = view.range;
  return plot;
}

std::vector<NamedPlot> usual_figures(const std::filesystem::path& path, const std::string& time_unit) {
  const Groups groups = read_csv_groups(path);
  const auto& columns = groups.front().second.columns;
  if (has(columns, "learning_rate") && has(columns, "loss") && has(columns, "epoch")) return training_figures(groups);
  if (has(columns, "lead_time") && (has(columns, "nrmse") || has(columns, "nrmse_velocity")))
    return error_figures(groups, with_unit("lead time", time_unit));
  if (has(columns, "time") && has(columns, "residual")) return history_figures(groups, with_unit("time", time_unit));
  if (has(columns, "time") && std::any_of(columns.begin(), columns.end(),
                                          [](const std::string& name) { return name.find('.') != std::string::npos; }))
    return probe_figures(groups, with_unit("time", time_unit));
  return {{path.stem().string(), table_figure(path, {})}};
}

}  // namespace eddyline
