#pragma once
// Figures as rows of a table, and the table inside a page.

#include <filesystem>
#include <map>
#include <string>

#include "benchmarks/solvers/benchmark.hpp"

namespace eddyline::benchmarks {

/// Head of the table, with the machine and its roofline above it.
[[nodiscard]] std::string table_head(const Roofline& roofline);
/// One line: work, ours best and median, must and aim (with what was missed in bold), peer, ratio to it, part of the
/// roofline, note.
[[nodiscard]] std::string table_row(const std::string& name, const Figure& figure);

/// Puts rows (by the name of the work) between the lines `<!-- bench_solvers -->` and `<!-- end bench_solvers -->` of a
/// page; rows of other works that stand there stay. @throws DataError when the page has no such lines.
void update_page(const std::filesystem::path& page, const Roofline& roofline, std::map<std::string, std::string> rows);

}  // namespace eddyline::benchmarks
