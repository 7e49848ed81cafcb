#pragma once
// Curves out of CSV tables: training, forces, residuals, errors over lead time, probes, any columns.

#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/io/picture_plot.hpp"

namespace eddyline {

struct NamedPlot {
  std::string name;  // of its file, without extension
  LinePlot plot;
};

/// Which columns are drawn, and how.
struct TableView {
  std::string x = {};               // empty: the first column
  std::vector<std::string> y = {};  // empty: all others
  bool log_x = false, log_y = false;
  std::optional<std::pair<double, double>> range = {};  // of the y axis
};

/// Chosen columns. A table whose first column holds names gives a curve for each name. Values that are not finite are
/// left out, so that a column filled in every few rows gives a line.
/// @throws ConfigError naming the nearest column; IoError; DataError naming the line.
[[nodiscard]] LinePlot table_figure(const std::filesystem::path& path, const TableView& view);

/// What a table of the project is about, told by its columns: losses and learning rate (metrics.csv), forces and
/// residuals (history.csv), errors over lead time (*_errors.csv, evaluation.csv), probes (probes.csv); of any other
/// table all columns over the first.
/// @param time_unit  for the axis; "1" without.
[[nodiscard]] std::vector<NamedPlot> usual_figures(const std::filesystem::path& path, const std::string& time_unit);

}  // namespace eddyline
