// Times the solvers beside published figures and beside what the machine can do. scripts/bench_solvers.sh runs it.

#include <CLI/CLI.hpp>
#include <iostream>

#include "benchmarks/solvers/report.hpp"
#include "core/base/error.hpp"
#include "core/base/memory.hpp"
#include "core/parallel/threads.hpp"

namespace eddyline::benchmarks {
namespace {

int run_program(int argc, char** argv) {
  std::vector<std::string> works;
  std::string page;
  bool list = false;
  CLI::App parser{"Eddyline's solvers timed beside published figures and the machine's roofline; CPU time, one core."};
  parser.add_option("works", works, "which ones (default: all; --list names them)");
  parser.add_flag("--list", list, "name the works");
  parser.add_option("--markdown", page, "also put the rows into the table of this page, between its markers");
  CLI11_PARSE(parser, argc, argv);
  const auto& registry = SolverBenchmarkRegistry::instance();
  if (list) {
    for (const auto& name : registry.names()) std::cout << name << "  " << registry.help(name) << "\n";
    return EXIT_SUCCESS;
  }
  use_threads(1);
  if (works.empty()) works = registry.names();
  const Roofline roofline = measure_roofline();
  std::cout << table_head(roofline) << std::flush;
  std::map<std::string, std::string> rows;
  for (const auto& name : works) {
    const std::string row = table_row(name, registry.create(name, EmptyConfig{})->run(roofline));
    std::cout << row << std::flush;
    rows.insert_or_assign(name, row);
  }
  if (!page.empty()) update_page(page, roofline, rows);
  return EXIT_SUCCESS;
}

}  // namespace
}  // namespace eddyline::benchmarks

int main(int argc, char** argv) {
  eddyline::keep_freed_memory();  // as the program does
  try {
    return eddyline::benchmarks::run_program(argc, argv);
  } catch (const eddyline::Error& error) {
    std::cerr << "eddyline_solver_benchmark: " << error.what() << "\n";
    return static_cast<int>(error.code());
  }
}
