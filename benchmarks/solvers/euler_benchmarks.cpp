// The compressible Euler equations: MUSCL and WENO5-Z with HLLC and SSP-RK3 on a blast in two and three dimensions.
// Peer: Athena++ on the same kind of machine (one core of an AMD EPYC, Zen 4), zone-cycles per CPU second, its
// benchmark `blast` in the same box: VL2 with PLM for MUSCL, RK3 with PPM for WENO.

#include <algorithm>
#include <cmath>

#include "benchmarks/solvers/benchmark.hpp"
#include "benchmarks/solvers/counted.hpp"
#include "benchmarks/solvers/grid_blast.hpp"
#include "core/base/numbers.hpp"
#include "solvers/physics/compressible_euler.hpp"
#include "solvers/reconstruction/muscl.hpp"
#include "solvers/reconstruction/weno5z.hpp"
#include "solvers/riemann/hllc.hpp"

namespace eddyline::benchmarks {
namespace {

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
  const auto conserved = gas.conserved(left);
  long sum = operations_of([&] { return gas.primitive(conserved); });
  sum += Dimension * operations_of([&] { return Hllc{}(gas, left, right); });
  sum += Dimension * (Dimension + 2) * operations_of([&] { return Scheme{}(stencil); });
  sum += (Dimension + 2) * (3 * Dimension + 4);  // differences of fluxes and the weighted sum
  return 3.0 * static_cast<double>(sum);
}

struct Goals {
  std::optional<double> must, aim;
  std::optional<Peer> peer;
};

/// Bytes of a cell: three passes that read two states and write one, whose lines are read first.
template <int Dimension, class Scheme>
Figure time_blast(const Roofline& roofline, int cells, const std::string& settings, const Goals& goals,
                  bool is_single = false) {
  const auto solver = explicit_solver(blast(Dimension, cells), settings);
  const double zones = std::pow(cells, Dimension);
  const auto steps = std::max<std::int64_t>(2, static_cast<std::int64_t>(4e6 / zones));
  State state = solver.advance_steps(solver.initial_state(), 2);
  const Timing time = timed(7, [&] { state = solver.advance_steps(state, steps); });
  const double work = zones * static_cast<double>(steps) / 1e6, operations = operations_a_cell<Dimension, Scheme>();
  Figure figure{"M zone-cycles/s",  true,       work / time.least,
                work / time.median, goals.must, goals.aim,
                goals.peer,         {},         format_number(operations, 4) + " operations a cell and step"};
  figure.roofline_part =
      1e6 * figure.best / roofline.limit(operations, 3 * (is_single ? 16.0 : 32.0) * (Dimension + 2), is_single);
  return figure;
}

using VanLeerMuscl = Muscl<VanLeer>;

/// No rate is asked for at 1024^2, but one aimed at.
template <int Dimension, int Cells>
const Goals muscl_goals;
template <>
const Goals muscl_goals<2, 256>{15.0, 22.0, Peer{6.2, "Athena++"}};
template <>
const Goals muscl_goals<2, 1024>{{}, 15.0, Peer{5.3, "Athena++ at 512^2"}};
template <>
const Goals muscl_goals<3, 64>{8.0, 14.0, Peer{3.6, "Athena++"}};
template <>
const Goals muscl_goals<3, 128>{8.0, 14.0, Peer{3.35, "Athena++"}};

template <int Dimension, int Cells>
struct MusclBlast final : SolverBenchmark {
  explicit MusclBlast(const EmptyConfig&) {}
  Figure run(const Roofline& roofline) const override {
    return time_blast<Dimension, VanLeerMuscl>(roofline, Cells, "{points: 1, cfl: 0.3}", muscl_goals<Dimension, Cells>);
  }
};

template <int Dimension, int Cells>
struct WenoBlast final : SolverBenchmark {
  explicit WenoBlast(const EmptyConfig&) {}
  Figure run(const Roofline& roofline) const override {
    constexpr bool is_flat = Dimension == 2;
    const Goals goals{is_flat ? 3.0 : 1.8, is_flat ? 4.5 : 3.0, Peer{is_flat ? 1.16 : 0.65, "Athena++"}};
    return time_blast<Dimension, Weno5z>(roofline, Cells, "{points: 1, cfl: 0.3, reconstruction: weno5z}", goals);
  }
};

struct SingleBlast final : SolverBenchmark {
  explicit SingleBlast(const EmptyConfig&) {}
  Figure run(const Roofline& roofline) const override {
    return time_blast<2, VanLeerMuscl>(roofline, 256, "{points: 1, cfl: 0.3, precision: float}", {{}, 44.0, {}}, true);
  }
};

/// The operations are those of the scheme by components: the projections come on top.
template <int Dimension, int Cells>
struct CharacteristicBlast final : SolverBenchmark {
  explicit CharacteristicBlast(const EmptyConfig&) {}
  Figure run(const Roofline& roofline) const override {
    return time_blast<Dimension, Weno5z>(roofline, Cells,
                                         "{points: 1, cfl: 0.3, reconstruction: weno5z_characteristic}",
                                         {{}, {}, Peer{Dimension == 2 ? 1.16 : 0.65, "Athena++, by components"}});
  }
};

const SolverBenchmarkRegistration<SingleBlast> single_256{"euler_2d_muscl_256_float",
                                                          "MUSCL, HLLC, SSP-RK3, 256^2, float"};
const SolverBenchmarkRegistration<CharacteristicBlast<2, 256>> characteristic_256{
    "euler_2d_weno_characteristic_256", "WENO5-Z by characteristics, HLLC, SSP-RK3, 256^2"};
const SolverBenchmarkRegistration<CharacteristicBlast<3, 64>> characteristic_64{
    "euler_3d_weno_characteristic_64", "WENO5-Z by characteristics, HLLC, SSP-RK3, 64^3"};
const SolverBenchmarkRegistration<MusclBlast<2, 256>> muscl_256{"euler_2d_muscl_256", "MUSCL, HLLC, SSP-RK3, 256^2"};
const SolverBenchmarkRegistration<MusclBlast<2, 1024>> muscl_1024{"euler_2d_muscl_1024",
                                                                  "MUSCL, HLLC, SSP-RK3, 1024^2"};
const SolverBenchmarkRegistration<MusclBlast<3, 64>> muscl_64{"euler_3d_muscl_64", "MUSCL, HLLC, SSP-RK3, 64^3"};
const SolverBenchmarkRegistration<MusclBlast<3, 128>> muscl_128{"euler_3d_muscl_128", "MUSCL, HLLC, SSP-RK3, 128^3"};
const SolverBenchmarkRegistration<WenoBlast<2, 256>> weno_256{"euler_2d_weno_256",
                                                              "WENO5-Z by components, HLLC, SSP-RK3, 256^2"};
const SolverBenchmarkRegistration<WenoBlast<3, 64>> weno_64{"euler_3d_weno_64",
                                                            "WENO5-Z by components, HLLC, SSP-RK3, 64^3"};

}  // namespace
}  // namespace eddyline::benchmarks
