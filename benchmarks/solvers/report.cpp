#include "benchmarks/solvers/report.hpp"

#include <sstream>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/version.hpp"
#include "core/io/atomic_file.hpp"

namespace eddyline::benchmarks {
namespace {

const std::string begin_mark = "<!-- bench_solvers -->\n", end_mark = "<!-- end bench_solvers -->\n";

/// The goal, in bold when it was missed.
std::string goal(const std::optional<double>& value, const Figure& figure) {
  if (!value) return "-";
  const bool is_met = figure.more_is_better ? figure.best >= *value : figure.best <= *value;
  const std::string text = format_number(*value, 3);
  return is_met ? text : "**" + text + "**";
}

/// "`name`" at the start of a row.
std::string name_of_row(const std::string& row) {
  const auto first = row.find('`'), last = row.find('`', first + 1);
  return first == std::string::npos || last == std::string::npos ? "" : row.substr(first + 1, last - first - 1);
}

}  // namespace

std::string table_head(const Roofline& roofline) {
  return machine_description() + ", eddyline " + version() + " (" + source_revision() + "). One core: triad " +
         format_number(roofline.bandwidth / 1e9, 3) + " GB/s, multiply-adds " + format_number(roofline.peak / 1e9, 3) +
         " GFLOP/s in double, " + format_number(roofline.peak_single / 1e9, 3) +
         " in float.\n\n| work | ours: best, median | must | aim | peer | times better | of the roofline | |\n"
         "|---|---|---|---|---|---|---|---|\n";
}

std::string table_row(const std::string& name, const Figure& figure) {
  std::ostringstream row;
  row << "| `" << name << "`: " << SolverBenchmarkRegistry::instance().help(name) << " | "
      << format_number(figure.best, 3) << ", " << format_number(figure.median, 3) << " " << figure.unit << " | "
      << goal(figure.must, figure) << " | " << goal(figure.aim, figure) << " | ";
  if (figure.peer) {
    const double ratio = figure.more_is_better ? figure.best / figure.peer->value : figure.peer->value / figure.best;
    row << format_number(figure.peer->value, 3) << ", " << figure.peer->source << " | " << format_number(ratio, 3);
  } else {
    row << "- | -";
  }
  row << " | " << (figure.roofline_part ? format_number(100 * *figure.roofline_part, 3) + " %" : "-") << " | "
      << figure.note << " |\n";
  return row.str();
}

void update_page(const std::filesystem::path& page, const Roofline& roofline, std::map<std::string, std::string> rows) {
  const std::string text = read_file(page);
  const auto begin = text.find(begin_mark), end = text.find(end_mark);
  if (begin == std::string::npos || end == std::string::npos || end < begin)
    throw DataError(page.string() + ": no place for the table; put the lines " + begin_mark + end_mark + "into it");
  std::istringstream old(text.substr(begin + begin_mark.size(), end - begin - begin_mark.size()));
  for (std::string line; std::getline(old, line);) {
    const std::string name = name_of_row(line);
    if (line.starts_with("| `") && SolverBenchmarkRegistry::instance().contains(name)) rows.emplace(name, line + "\n");
  }
  std::string table = begin_mark + table_head(roofline);
  for (const auto& [name, row] : rows) table += row;
  write_atomically(page, text.substr(0, begin) + table + text.substr(end));
}

}  // namespace eddyline::benchmarks
