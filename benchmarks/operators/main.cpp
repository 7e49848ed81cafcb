// The benchmark program: equality first, then paired times as a table. scripts/bench_operators.sh runs it.

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cmath>
#include <cstdio>
#include <iostream>

#include "benchmarks/operators/measurement.hpp"
#include "core/base/error.hpp"
#include "core/base/memory.hpp"
#include "core/base/numbers.hpp"
#include "core/base/version.hpp"
#include "core/parallel/threads.hpp"

namespace eddyline::benchmarks {
namespace {

struct Options {
  std::vector<std::string> works;
  std::int64_t threads = 1;
  double seconds = 20;  // of each pass
  double tolerance = 1e-4;
  bool check = false, list = false;
  std::string memory_of;  // "ours" or "textbook": print one number, for the parent process
};

/// One arm's peak in a process of its own: memory that another arm freed would hide it.
double memory_in_own_process(const std::string& work, const std::string& arm, std::int64_t threads) {
  char program[4096];
  const ssize_t length = readlink("/proc/self/exe", program, sizeof program - 1);
  if (length <= 0) throw ResourceError("/proc/self/exe cannot be read");
  const std::string command = "'" + std::string(program, static_cast<std::size_t>(length)) + "' " + work +
                              " --memory-of " + arm + " --threads " + std::to_string(threads);
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  double bytes = NAN;
  if (!pipe || std::fscanf(pipe.get(), "%lf", &bytes) != 1) throw ResourceError("no answer from: " + command);
  return bytes;
}

/// @return whether the arms agree.
bool run_work(const std::string& name, const Options& options) {
  torch::manual_seed(0);
  Comparison comparison = BenchmarkRegistry::instance().create(name, EmptyConfig{})->make();
  if (options.check) comparison.rollout_steps = 3;
  if (!options.memory_of.empty()) {
    std::cout << training_memory(comparison, options.memory_of == "textbook") << std::endl;
    return true;
  }
  const Equality equality = compare_arms(comparison);
  const bool equal = equality.output <= options.tolerance && equality.gradient <= options.tolerance;
  std::cout << "\n"
            << name << ": " << BenchmarkRegistry::instance().help(name) << "\n"
            << "largest relative differences: output " << format_number(equality.output, 2) << ", gradients "
            << format_number(equality.gradient, 2) << ", after " << comparison.rollout_steps << " steps "
            << format_number(equality.rollout, 2) << (equal ? "" : "  DIFFERENT") << std::endl;
  if (options.check) return equal;
  std::cout
      << "\n| work | pass | textbook CPU ms, min / median | eddyline CPU ms, min / median | textbook / eddyline of "
         "the minima | median of the pairs | rounds | wall / CPU |\n|---|---|---|---|---|---|---|---|\n";
  for (const Pass pass : all_passes()) {
    const PairedTimes times = measure(comparison, pass, options.seconds);
    const auto arm = [](const Times& arm_times) {
      return format_number(least(arm_times.cpu), 4) + " / " + format_number(median(arm_times.cpu), 4);
    };
    std::cout << "| " << name << " | " << name_of(pass) << " | " << arm(times.textbook) << " | " << arm(times.ours)
              << " | " << format_number(least(times.textbook.cpu) / least(times.ours.cpu), 3) << " | "
              << format_number(times.median_ratio(), 3) << " | " << times.ours.cpu.size() << " | "
              << format_number(median(times.ours.wall) / median(times.ours.cpu), 3) << " |" << std::endl;
  }
  const double ours = memory_in_own_process(name, "ours", options.threads);
  const double textbook = memory_in_own_process(name, "textbook", options.threads);
  std::cout << "| " << name << " | peak memory of training | " << format_bytes(textbook) << " | " << format_bytes(ours)
            << " | " << format_number(textbook / ours, 3) << " | | | |" << std::endl;
  return equal;
}

int run_program(int argc, char** argv) {
  Options options;
  CLI::App parser{"Eddyline's operators against textbook LibTorch versions, paired in one process."};
  parser.add_option("works", options.works, "which ones (default: all; --list names them)");
  parser.add_option("--threads", options.threads, "of both arms")->capture_default_str();
  parser.add_option("--seconds", options.seconds, "about how long each pass is timed")->capture_default_str();
  parser.add_option("--tolerance", options.tolerance, "largest relative difference allowed")->capture_default_str();
  parser.add_flag("--check", options.check, "equality only; exit code 1 when an arm differs");
  parser.add_flag("--list", options.list, "name the works");
  parser.add_option("--memory-of", options.memory_of, "ours or textbook: print the peak memory of training it alone");
  CLI11_PARSE(parser, argc, argv);
  const auto& registry = BenchmarkRegistry::instance();
  if (options.list) {
    for (const auto& name : registry.names()) std::cout << name << "  " << registry.help(name) << "\n";
    return 0;
  }
  const int threads = use_threads(static_cast<int>(options.threads));
  if (options.memory_of.empty())
    std::cout << "eddyline " << version() << " (" << source_revision() << "), " << machine_description() << "; "
              << threads << " thread(s) used, float32, freed memory kept in both arms\n";
  bool equal = true;
  for (const auto& name : options.works.empty() ? registry.names() : options.works)
    equal = run_work(name, options) && equal;
  return static_cast<int>(equal ? ExitCode::ok : ExitCode::check_failed);
}

}  // namespace
}  // namespace eddyline::benchmarks

int main(int argc, char** argv) {
  eddyline::keep_freed_memory();
  try {
    return eddyline::benchmarks::run_program(argc, argv);
  } catch (const eddyline::Error& error) {
    std::cerr << "eddyline_benchmark: " << error.what() << "\n";
    return static_cast<int>(error.code());
  }
}
