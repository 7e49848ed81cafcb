// Times the explicit solvers beside what the machine can do: memory bandwidth (STREAM's triad) and multiply-adds of one
// core. CPU time of the process, least and median of several repeats. scripts/bench_solvers.sh runs it.

#include <ctime>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/config/config_reader.hpp"
#include "core/parallel/threads.hpp"
#include "solvers/grid/finite_volume_solver.hpp"
#include "solvers/reconstruction/muscl.hpp"
#include "solvers/reconstruction/weno5z.hpp"
#include "solvers/riemann/hllc.hpp"

namespace eddyline {
namespace {

double seconds(clockid_t clock) {
  timespec now{};
  if (clock_gettime(clock, &now) != 0) throw ResourceError("this system has no such clock");
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

struct Timing {
  double least, median;
};

template <class Work>
Timing timed(int repeats, clockid_t clock, Work&& work) {
  work();  // warm
  std::vector<double> times;
  for (int k = 0; k < repeats; ++k) {
    const double start = seconds(clock);
    work();
    times.push_back(seconds(clock) - start);
  }
  std::sort(times.begin(), times.end());
  return {times.front(), times[times.size() / 2]};
}

/// Bytes a second of a[i] = b[i] + s c[i] over arrays beyond every cache, 24 bytes an element as STREAM counts.
double triad_bandwidth() {
  const std::size_t count = std::size_t{1} << 24;
  std::vector<double> a(count, 0.0), b(count, 1.0), c(count, 2.0);
  const Timing time = timed(7, CLOCK_PROCESS_CPUTIME_ID, [&] {
    double* out = a.data();
    const double *first = b.data(), *second = c.data();
#pragma omp simd
    for (std::size_t i = 0; i < count; ++i) out[i] = first[i] + 3.0 * second[i];
  });
  if (a[count / 2] != 7) throw NumericalError("the triad is wrong");
  return 24.0 * static_cast<double>(count) / time.least;
}

/// Operations a second of independent multiply-adds in registers.
double multiply_add_peak() {
  constexpr int chains = 12;
  constexpr long rounds = 20'000'000;
  std::array<Pack, chains> sums;
  for (int k = 0; k < chains; ++k) sums[static_cast<std::size_t>(k)] = 1.0 + k;
  const Pack factor = 0.999999, term = 1e-7;
  const Timing time = timed(5, CLOCK_PROCESS_CPUTIME_ID, [&] {
    for (long r = 0; r < rounds; ++r)
      for (auto& sum : sums) sum = sum * factor + term;
  });
  double check = 0;
  for (const auto& sum : sums) check += std::experimental::reduce(sum);
  if (!std::isfinite(check)) throw NumericalError("the multiply-adds are wrong");
  return 2.0 * chains * rounds * static_cast<double>(Pack::size()) / time.least;
}

/// A number that counts the operations done with it; a division or a root counts as one.
struct Counted {
  double value = 0;
  static inline long operations = 0;
  Counted() = default;
  Counted(double at) : value(at) {}
  static Counted made(double value) {
    ++operations;
    return {value};
  }
  friend Counted operator-(const Counted& a) { return {-a.value}; }
  friend Counted operator+(const Counted& a, const Counted& b) { return made(a.value + b.value); }
  friend Counted operator-(const Counted& a, const Counted& b) { return made(a.value - b.value); }
  friend Counted operator*(const Counted& a, const Counted& b) { return made(a.value * b.value); }
  friend Counted operator/(const Counted& a, const Counted& b) { return made(a.value / b.value); }
  friend Counted sqrt(const Counted& a) { return made(std::sqrt(a.value)); }
  friend bool operator<(const Counted& a, const Counted& b) { return a.value < b.value; }
  friend bool operator>(const Counted& a, const Counted& b) { return a.value > b.value; }
  friend bool operator>=(const Counted& a, const Counted& b) { return a.value >= b.value; }
};

/// Operations of one step of SSP-RK3 a cell: primitive variables once, edges and one face an axis, the update.
template <int Dimension, class Scheme>
double operations_a_cell() {
  const CompressibleEuler<Dimension> gas;
  std::array<Counted, Dimension + 2> left, right;
  for (std::size_t k = 0; k < left.size(); ++k) {
    left[k] = 1.0 + 0.1 * static_cast<double>(k);
    right[k] = 1.2 + 0.1 * static_cast<double>(k);
  }
  std::array<Counted, 2 * Scheme::radius + 1> stencil;
  for (std::size_t k = 0; k < stencil.size(); ++k) stencil[k] = static_cast<double>(k * k);
  Counted::operations = 0;
  static_cast<void>(gas.primitive(gas.conserved(left)));
  long sum = Counted::operations;
  Counted::operations = 0;
  static_cast<void>(Hllc{}(gas, left, right));
  sum += Dimension * Counted::operations;
  Counted::operations = 0;
  static_cast<void>(Scheme{}(stencil));
  sum += Dimension * (Dimension + 2) * Counted::operations;
  sum += (Dimension + 2) * (3 * Dimension + 4);  // differences of fluxes and the weighted sum
  return 3.0 * static_cast<double>(sum);
}

/// The blast of Athena++'s benchmark: pressure 10 within a radius of 0.1, else 0.1, density one, periodic.
std::string blast(int dimension, int cells) {
  std::string grid, sides, square = "x^2";
  for (int a = 0; a < dimension; ++a) {
    const std::string name(1, "xyz"[a]);
    grid += (a > 0 ? ", " : "") + std::string("{from: -0.5, to: 0.5, cells: ") + std::to_string(cells) + "}";
    sides += (a > 0 ? ", " : "") + name + "_low: {type: periodic}, " + name + "_high: {type: periodic}";
    if (a > 0) square += "+" + name + "^2";
  }
  return "equation: compressible_euler\nparameters: {gamma: 1.4}\ngrid: [" + grid + "]\nboundaries: {" + sides +
         "}\ninitial: {type: formula, values: {density: \"1\", pressure: \"" + square + " < 0.01 ? 10 : 0.1\"}}\n";
}

FiniteVolumeSolver solver_of(const std::string& problem, const std::string& settings) {
  FiniteVolumeConfig config;
  read_config_text(settings, "solver", config);
  return FiniteVolumeSolver(config, Case::from_yaml(problem, "benchmark"));
}

struct Roofline {
  double bandwidth, peak;
};

/// Cells and steps a second (10^6 zone-cycles a second) and the part of the roofline: the lower of the multiply-add
/// peak over the operations a cell and the bandwidth over the bytes a cell (three passes that read two states and write
/// one, 8 bytes a component and one more for the write's allocation).
template <int Dimension, class Scheme>
void euler(int cells, const std::string& scheme, const Roofline& roofline) {
  const auto solver =
      solver_of(blast(Dimension, cells), "{points: 1, cfl: 0.3, flux: hllc, reconstruction: " + scheme + "}");
  const double zones = std::pow(cells, Dimension);
  const auto steps = std::max<std::int64_t>(2, static_cast<std::int64_t>(2e6 / zones));
  State state = solver.advance_steps(solver.initial_state(), 2);
  const Timing time = timed(5, CLOCK_PROCESS_CPUTIME_ID, [&] { state = solver.advance_steps(state, steps); });
  const double work = zones * static_cast<double>(steps) / 1e6, operations = operations_a_cell<Dimension, Scheme>();
  const double limit = std::min(roofline.peak / operations, roofline.bandwidth / (3 * 32.0 * (Dimension + 2))) / 1e6;
  std::cout << "euler " << Dimension << "D " << cells << "^" << Dimension << " " << scheme << " hllc ssp_rk3: best "
            << format_number(work / time.least, 4) << ", median " << format_number(work / time.median, 4)
            << " M zone-cycles per CPU second, " << format_number(100 * work / time.least / limit, 3)
            << " % of the roofline (" << format_number(operations, 4) << " operations a cell)\n";
}

void two_threads() {
  const auto solver = solver_of(blast(2, 1024), "{points: 1, cfl: 0.3}");
  State state = solver.initial_state();
  std::vector<double> best;
  for (const int threads : {1, 2}) {
    use_threads(threads);
    best.push_back(timed(5, CLOCK_MONOTONIC, [&] { state = solver.advance_steps(state, 2); }).least);
  }
  use_threads(1);
  std::cout << "two threads over one, 1024^2, wall time: " << format_number(best[0] / best[1], 3) << "\n";
}

void forced_burgers() {
  const auto solver = solver_of(
      "equation: forced_burgers\nparameters: {alpha: 1, beta: 0, gamma: 0, waves: 5, amplitude: 0.5, frequency: 0.4, "
      "largest_wavenumber: 3}\ngrid: [{to: 16, cells: 100}]\nboundaries: {x_low: {type: periodic}, x_high: {type: "
      "periodic}}\ninitial: {type: waves}\n",
      "{reconstruction: weno5z}");
  const State start = solver.initial_state();
  const Timing time = timed(9, CLOCK_PROCESS_CPUTIME_ID,
                            [&] { static_cast<void>(solver.advance(std::span(&start, 1), 4.0 / 250, 250)); });
  std::cout << "MP-PDE E1, 100 cells, 250 output steps, weno5z: best " << format_number(1e3 * time.least, 3)
            << " ms, median " << format_number(1e3 * time.median, 3) << " ms\n";
}

void run() {
  use_threads(1);
  const Roofline roofline{triad_bandwidth(), multiply_add_peak()};
  std::cout << "triad " << format_number(roofline.bandwidth / 1e9, 3) << " GB/s, multiply-add peak "
            << format_number(roofline.peak / 1e9, 3) << " GFLOP/s, one core\n";
  euler<2, Muscl<VanLeer>>(256, "van_leer", roofline);
  euler<2, Muscl<VanLeer>>(1024, "van_leer", roofline);
  euler<3, Muscl<VanLeer>>(64, "van_leer", roofline);
  euler<3, Muscl<VanLeer>>(128, "van_leer", roofline);
  euler<2, Weno5z>(256, "weno5z", roofline);
  euler<3, Weno5z>(64, "weno5z", roofline);
  forced_burgers();
  two_threads();
}

}  // namespace
}  // namespace eddyline

int main() {
  try {
    eddyline::run();
    return EXIT_SUCCESS;
  } catch (const eddyline::Error& error) {
    std::cerr << error.what() << "\n";
    return static_cast<int>(error.code());
  }
}
