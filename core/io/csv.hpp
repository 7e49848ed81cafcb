#pragma once
// Tables of numbers with one header line; full precision, independent of the locale.

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/io/append_file.hpp"

namespace eddyline {

struct CsvTable {
  std::vector<std::string> columns;
  std::vector<std::vector<double>> rows;
  /// @throws DataError naming the nearest column.
  [[nodiscard]] std::vector<double> column(const std::string& name) const;
};

/// @throws IoError, DataError naming the line when it is not a number or has another count of columns.
[[nodiscard]] CsvTable read_csv(const std::filesystem::path& path);
/// A table whose first column may hold names (`predictor` of an evaluation): the rows of each name with the other
/// columns, in the order of the file; one group without a name when the first column holds numbers too.
/// @throws as read_csv.
[[nodiscard]] std::vector<std::pair<std::string, CsvTable>> read_csv_groups(const std::filesystem::path& path);
[[nodiscard]] std::string csv_line(const std::vector<double>& row);

/// Appends rows, each flushed whole.
class CsvWriter {
 public:
  /// Starts the file anew.
  CsvWriter(const std::filesystem::path& path, const std::vector<std::string>& columns);
  /// Continues it: keeps the rows that `keep` accepts, drops the others and a torn last line.
  CsvWriter(const std::filesystem::path& path, const std::vector<std::string>& columns,
            const std::function<bool(const std::vector<double>&)>& keep);
  void add(const std::vector<double>& row);

 private:
  std::size_t columns_;
  std::unique_ptr<AppendFile> file_;
};

}  // namespace eddyline
