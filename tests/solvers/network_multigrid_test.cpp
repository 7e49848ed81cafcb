// Conjugate gradients with multigrid on networks of conductances.

#include "solvers/linear/network_multigrid.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <omp.h>

#include <cmath>
#include <string>

#include "core/base/error.hpp"
#include "core/base/random.hpp"

namespace eddyline::test {
namespace {

using testing::HasSubstr;

struct Medium {
  int dimension = 2;
  std::int64_t cells = 32;  // a side
  double contrast = 1;      // of 8^dimension blocks that are 1 or this, at random
  double stretching = 1;    // conductance along x over that along the others
  bool periodic = false;    // else grounded on all sides
};

ConductanceNetwork network_of(const Medium& medium) {
  std::array<std::int64_t, 3> cells = {1, 1, 1};
  for (int axis = 0; axis < medium.dimension; ++axis) cells[static_cast<std::size_t>(axis)] = medium.cells;
  ConductanceNetwork network = ConductanceNetwork::of(cells);
  RandomStream random(3, "medium");
  std::vector<double> blocks(512);
  for (double& block : blocks) block = random.uniform() < 0.5 ? 1 : medium.contrast;
  const auto coefficient = [&](const std::array<std::int64_t, 3>& at) {
    return blocks[static_cast<std::size_t>((at[2] * 8 / cells[2] * 8 + at[1] * 8 / cells[1]) * 8 +
                                           at[0] * 8 / cells[0])];
  };
  std::size_t cell = 0;
  std::array<std::int64_t, 3> at{};
  for (at[2] = 0; at[2] < cells[2]; ++at[2])
    for (at[1] = 0; at[1] < cells[1]; ++at[1])
      for (at[0] = 0; at[0] < cells[0]; ++at[0], ++cell)
        for (std::size_t axis = 0; axis < static_cast<std::size_t>(medium.dimension); ++axis) {
          auto next = at;
          next[axis] = (next[axis] + 1) % cells[axis];
          const double factor = axis == 0 ? medium.stretching : 1;
          if (next[axis] != 0 || medium.periodic)
            network.link[axis][cell] = 2 * factor / (1 / coefficient(at) + 1 / coefficient(next));
          if (!medium.periodic && (next[axis] == 0 || at[axis] == 0))
            network.ground[axis][cell] = 2 * factor * coefficient(at);
        }
  return network;
}

/// Sums to zero.
std::vector<double> random_source(std::size_t cells) {
  RandomStream random(5, "source");
  std::vector<double> b(cells);
  double sum = 0;
  for (double& value : b) sum += value = random.normal();
  for (double& value : b) value -= sum / static_cast<double>(cells);
  return b;
}

int iterations(const Medium& medium) {
  const NetworkMultigrid multigrid(network_of(medium));
  std::vector<double> p(multigrid.network().size(), 0.0);
  return solve(multigrid, random_source(p.size()), p, 1e-10, 200).iterations;
}

TEST(NetworkMultigrid, SolvesToTheToleranceThatIsAsked) {
  for (const bool periodic : {false, true}) {
    const Medium medium{.cells = 33, .contrast = 100, .periodic = periodic};
    const NetworkMultigrid multigrid(network_of(medium));
    const std::vector<double> b = random_source(multigrid.network().size());
    std::vector<double> p(b.size(), 0.0), image;
    solve(multigrid, b, p, 1e-12, 200);
    multigrid.network().apply(p, image);
    double difference = 0, size = 0, sum = 0;
    for (std::size_t i = 0; i < b.size(); ++i) {
      difference += std::pow(image[i] - b[i], 2);
      size += b[i] * b[i];
      sum += p[i];
    }
    EXPECT_LT(std::sqrt(difference / size), 2e-12);
    if (periodic) {
      EXPECT_NEAR(sum, 0, 1e-9);
    }
  }
}

TEST(NetworkMultigrid, IsExactOnALine) {
  for (const bool periodic : {false, true})
    for (const std::int64_t cells : {2, 3, 64, 101})
      EXPECT_LE(iterations({.dimension = 1, .cells = cells, .contrast = 50, .periodic = periodic}), 2) << cells;
}

TEST(NetworkMultigrid, TheNumberOfIterationsHardlyDependsOnTheResolution) {
  for (const bool periodic : {false, true})
    for (const double contrast : {1.0, 4.0, 1e4}) {
      const int coarse = iterations({.cells = 32, .contrast = contrast, .periodic = periodic}),
                fine = iterations({.cells = 256, .contrast = contrast, .periodic = periodic});
      EXPECT_LE(fine, coarse + 7) << contrast << (periodic ? " periodic" : " grounded");
      EXPECT_LE(fine, contrast > 100 ? 26 : 14) << contrast << (periodic ? " periodic" : " grounded");
    }
  EXPECT_LE(iterations({.cells = 256, .stretching = 100}), 14);
  EXPECT_LE(iterations({.cells = 256, .stretching = 0.01}), 14);
}

TEST(NetworkMultigrid, InThreeDimensionsToo) {
  for (const double contrast : {1.0, 1e4}) {
    const int coarse = iterations({.dimension = 3, .cells = 16, .contrast = contrast}),
              fine = iterations({.dimension = 3, .cells = 48, .contrast = contrast});
    EXPECT_LE(fine, coarse + 5) << contrast;
    EXPECT_LE(fine, contrast > 100 ? 28 : 15) << contrast;
  }
}

TEST(NetworkMultigrid, TheSameBitsForAnyNumberOfThreads) {
  const int threads = omp_get_max_threads();
  for (const std::int64_t cells : {160, 161}) {
    const NetworkMultigrid multigrid(network_of({.cells = cells, .contrast = 10, .periodic = true}));
    const std::vector<double> b = random_source(multigrid.network().size());
    std::vector<double> first;
    for (const int count : {1, 2, 3, 4}) {
      omp_set_num_threads(count);
      std::vector<double> p(b.size(), 0.0);
      solve(multigrid, b, p, 1e-8, 100);
      if (first.empty()) first = p;
      EXPECT_EQ(p, first) << count << " threads, " << cells;
    }
  }
  omp_set_num_threads(threads);
}

TEST(NetworkMultigrid, FailuresAreNamed) {
  const NetworkMultigrid grounded(network_of({.contrast = 1e4})), periodic(network_of({.periodic = true}));
  std::vector<double> p(1024, 0.0), b(1024, 1.0);
  try {
    solve(grounded, b, p, 1e-12, 3);
    FAIL();
  } catch (const NumericalError& error) {
    EXPECT_THAT(error.what(), testing::AllOf(HasSubstr("relative residual"), HasSubstr("after 3 iterations")));
  }
  EXPECT_THROW(solve(periodic, b, p, 1e-12, 100), DataError);
  b[7] = NAN;
  EXPECT_THROW(solve(grounded, b, p, 1e-12, 100), NumericalError);
}

}  // namespace
}  // namespace eddyline::test
