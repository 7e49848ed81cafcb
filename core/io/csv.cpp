#include "core/io/csv.hpp"

#include <algorithm>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"
#include "core/io/atomic_file.hpp"

namespace eddyline {
namespace {

std::vector<std::string> split(const std::string& line) {
  std::vector<std::string> parts;
  std::istringstream stream(line);
  for (std::string part; std::getline(stream, part, ',');) parts.push_back(part);
  return parts;
}

struct TextTable {
  std::vector<std::string> columns;
  std::vector<std::pair<std::int64_t, std::vector<std::string>>> rows;  // with the number of the line
};

TextTable read_text(const std::filesystem::path& path) {
  std::istringstream stream(read_file(path));
  TextTable table;
  std::int64_t number = 0;
  for (std::string line; std::getline(stream, line);) {
    ++number;
    if (line.ends_with('\r')) line.pop_back();
    if (line.empty() || line.front() == '#') continue;
    if (table.columns.empty()) {
      table.columns = split(line);
    } else {
      table.rows.emplace_back(number, split(line));
    }
  }
  return table;
}

using Part = std::vector<std::string>::const_iterator;

std::vector<double> numbers(const std::filesystem::path& path, std::int64_t line, Part first, Part last,
                            std::size_t count) {
  std::vector<double> row;
  for (Part part = first; part != last; ++part)
    if (const auto value = parse_number(*part)) row.push_back(*value);
  if (row.size() == count && static_cast<std::size_t>(last - first) == count) return row;
  throw DataError(path.string() + ":" + std::to_string(line) + ": expected " + std::to_string(count) +
                  " numbers, got '" + printable(join({first, last}, ",").substr(0, 80)) + "'");
}

}  // namespace

std::vector<double> CsvTable::column(const std::string& name) const {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found == columns.end()) throw DataError("the table has no column '" + name + "'" + suggestion(name, columns));
  std::vector<double> values;
  for (const auto& row : rows) values.push_back(row[static_cast<std::size_t>(found - columns.begin())]);
  return values;
}

CsvTable read_csv(const std::filesystem::path& path) {
  const TextTable text = read_text(path);
  CsvTable table{text.columns, {}};
  for (const auto& [number, parts] : text.rows)
    table.rows.push_back(numbers(path, number, parts.begin(), parts.end(), table.columns.size()));
  return table;
}

std::vector<std::pair<std::string, CsvTable>> read_csv_groups(const std::filesystem::path& path) {
  const TextTable text = read_text(path);
  std::vector<std::pair<std::string, CsvTable>> groups;
  if (text.rows.empty() || text.columns.size() < 2 || text.rows.front().second.empty() ||
      parse_number(text.rows.front().second.front())) {
    groups.emplace_back("", read_csv(path));
    return groups;
  }
  const std::vector<std::string> columns(text.columns.begin() + 1, text.columns.end());
  for (const auto& [number, parts] : text.rows) {
    const std::string name = parts.empty() ? "" : parts.front();
    auto group = std::find_if(groups.begin(), groups.end(), [&](const auto& one) { return one.first == name; });
    if (group == groups.end()) group = groups.insert(group, {name, CsvTable{columns, {}}});
    group->second.rows.push_back(
        numbers(path, number, parts.begin() + (parts.empty() ? 0 : 1), parts.end(), columns.size()));
  }
  return groups;
}

std::string csv_line(const std::vector<double>& row) {
  std::string line;
  for (const double value : row) line += (line.empty() ? "" : ",") + format_number(value);
  return line + "\n";
}

CsvWriter::CsvWriter(const std::filesystem::path& path, const std::vector<std::string>& columns)
    : columns_(columns.size()) {
  write_atomically(path, join(columns, ",") + "\n");
  file_ = std::make_unique<AppendFile>(path);
}

CsvWriter::CsvWriter(const std::filesystem::path& path, const std::vector<std::string>& columns,
                     const std::function<bool(const std::vector<double>&)>& keep)
    : columns_(columns.size()) {
  std::string text = read_file(path);
  text.resize(text.rfind('\n') == std::string::npos ? 0 : text.rfind('\n') + 1);  // a torn last line
  std::istringstream stream(text);
  std::string kept = join(columns, ",") + "\n", line;
  if (!std::getline(stream, line) || line + "\n" != kept)
    throw DataError(path.string() + ": its columns are not those of this run; choose another folder");
  while (std::getline(stream, line)) {
    std::vector<double> row;
    for (const auto& part : split(line)) row.push_back(parse_number(part).value_or(0));
    if (row.size() == columns.size() && keep(row)) kept += line + "\n";
  }
  write_atomically(path, kept);
  file_ = std::make_unique<AppendFile>(path);
}

void CsvWriter::add(const std::vector<double>& row) {
  if (row.size() != columns_)
    throw DataError("a row of " + std::to_string(row.size()) + " numbers does not fit " + std::to_string(columns_) +
                    " columns");
  file_->append(csv_line(row));
}

}  // namespace eddyline
