#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/base/random.hpp"
#include "core/parallel/threads.hpp"
#include "solvers/linear/capacitance_correction.hpp"

namespace eddyline {
namespace {

struct Ends {
  PoissonEnd x_low, x_high, y_low, y_high;
};

std::vector<double> widths(std::size_t count, double growth) {
  std::vector<double> out;
  for (std::size_t i = 0; i < count; ++i) out.push_back(0.1 * std::pow(growth, static_cast<double>(i)));
  return out;
}

/// The five-point operator written out face by face.
std::vector<double> applied(const std::vector<double>& dx, const std::vector<double>& dy, const Ends& ends,
                            const std::vector<double>& p, const std::vector<ReducedFace>& reduced = {}) {
  const auto nx = dx.size(), ny = dy.size();
  std::vector<double> out(p.size(), 0.0);
  const auto face = [&](std::size_t a, std::size_t b, double weight) {
    out[a] += weight * (p[b] - p[a]);
    out[b] += weight * (p[a] - p[b]);
  };
  for (std::size_t j = 0; j < ny; ++j)
    for (std::size_t i = 0; i < nx; ++i) {
      const auto k = j * nx + i;
      if (i + 1 < nx) face(k, k + 1, 2 * dy[j] / (dx[i] + dx[i + 1]));
      if (j + 1 < ny) face(k, k + nx, 2 * dx[i] / (dy[j] + dy[j + 1]));
    }
  for (std::size_t j = 0; j < ny; ++j) {
    if (ends.x_low == PoissonEnd::periodic) face(j * nx, j * nx + nx - 1, 2 * dy[j] / (dx.front() + dx.back()));
    if (ends.x_low == PoissonEnd::dirichlet) out[j * nx] -= 2 * dy[j] / dx.front() * p[j * nx];
    if (ends.x_high == PoissonEnd::dirichlet) out[j * nx + nx - 1] -= 2 * dy[j] / dx.back() * p[j * nx + nx - 1];
  }
  for (std::size_t i = 0; i < nx; ++i) {
    const auto top = (ny - 1) * nx + i;
    if (ends.y_low == PoissonEnd::periodic) face(i, top, 2 * dx[i] / (dy.front() + dy.back()));
    if (ends.y_low == PoissonEnd::dirichlet) out[i] -= 2 * dx[i] / dy.front() * p[i];
    if (ends.y_high == PoissonEnd::dirichlet) out[top] -= 2 * dx[i] / dy.back() * p[top];
  }
  for (const ReducedFace& cut : reduced) {
    const auto a = static_cast<std::size_t>(cut.low), b = static_cast<std::size_t>(cut.high);
    out[a] -= cut.reduction * (p[b] - p[a]);
    out[b] -= cut.reduction * (p[a] - p[b]);
  }
  return out;
}

double largest_difference(const std::vector<double>& a, const std::vector<double>& b) {
  double worst = 0;
  for (std::size_t i = 0; i < a.size(); ++i) worst = std::max(worst, std::abs(a[i] - b[i]));
  return worst;
}

class Poisson : public testing::TestWithParam<Ends> {};

TEST_P(Poisson, TheSolutionSatisfiesTheEquationToRoundOff) {
  const Ends ends = GetParam();
  const auto expect_solved = [&](const std::vector<double>& dx, const std::vector<double>& dy) {
    SCOPED_TRACE(std::to_string(dx.size()) + " x " + std::to_string(dy.size()));
    RandomStream random(5, "poisson");
    std::vector<double> p(dx.size() * dy.size());
    for (double& value : p) value = random.normal();
    const auto f = applied(dx, dy, ends, p);
    const TensorProductPoisson solver({dx, ends.x_low, ends.x_high}, {dy, ends.y_low, ends.y_high});
    auto solution = f;
    AlignedValues work;
    solver.solve(solution, work);
    EXPECT_LT(largest_difference(applied(dx, dy, ends, solution), f), 1e-10);
  };
  expect_solved(widths(23, 1.05), widths(17, 1.1));  // matrix products along either axis
  expect_solved(widths(40, 1.05), widths(17, 1.1));
  expect_solved(widths(48, 1), widths(17, 1.1));  // fast transforms of an even and an odd number of points, either axis
  expect_solved(widths(33, 1), widths(80, 1));
  expect_solved(widths(80, 1), widths(33, 1));
}

constexpr auto wall = PoissonEnd::neumann, open = PoissonEnd::dirichlet, around = PoissonEnd::periodic;
INSTANTIATE_TEST_SUITE_P(AllEnds, Poisson,
                         testing::Values(Ends{wall, wall, wall, wall}, Ends{wall, open, wall, wall},
                                         Ends{open, open, wall, open}, Ends{open, open, open, open},
                                         Ends{around, around, around, around}, Ends{around, around, wall, wall},
                                         Ends{wall, open, around, around}, Ends{wall, wall, around, around}));

TEST_P(Poisson, TheSameBitsForAnyNumberOfThreads) {
  const Ends ends = GetParam();
  for (const bool is_uniform : {false, true}) {
    const auto dx = widths(48, is_uniform ? 1 : 1.01), dy = widths(32, is_uniform ? 1 : 1.02);
    RandomStream random(7, "poisson");
    std::vector<double> p(dx.size() * dy.size());
    for (double& value : p) value = random.normal();
    const auto f = applied(dx, dy, ends, p);
    std::vector<double> reference;
    for (const int threads : {1, 2, 3, 4}) {
      use_threads(threads);
      const TensorProductPoisson solver({dx, ends.x_low, ends.x_high}, {dy, ends.y_low, ends.y_high});
      auto solution = f;
      AlignedValues work;
      solver.solve(solution, work);
      if (threads == 1) reference = solution;
      EXPECT_EQ(solution, reference) << threads << " threads";
    }
    use_threads(0);
  }
}

TEST(Capacitance, ReducedAndClosedFacesAreSolvedExactly) {
  const Ends ends{wall, open, wall, wall};
  const auto dx = widths(20, 1.0), dy = widths(16, 1.03);
  const auto nx = static_cast<std::int64_t>(dx.size());
  const auto horizontal = [&](std::int64_t j) { return 2 * dy[static_cast<std::size_t>(j)] / (dx[0] + dx[0]); };
  std::vector<ReducedFace> faces;
  // A closed ring around cells (8..10, 6..8), which isolates them, and some half-open faces beside it.
  for (std::int64_t j = 6; j <= 8; ++j) {
    faces.push_back({j * nx + 7, j * nx + 8, horizontal(j)});
    faces.push_back({j * nx + 10, j * nx + 11, horizontal(j)});
    faces.push_back({j * nx + 5, j * nx + 6, 0.6 * horizontal(j)});
  }
  for (std::int64_t i = 8; i <= 10; ++i)
    for (const std::int64_t j : {6, 9}) {
      const double weight = 2 * dx[0] / (dy[static_cast<std::size_t>(j - 1)] + dy[static_cast<std::size_t>(j)]);
      faces.push_back({(j - 1) * nx + i, j * nx + i, weight});
    }
  RandomStream random(6, "capacitance");
  std::vector<double> p(dx.size() * dy.size());
  for (double& value : p) value = random.normal();
  const auto f = applied(dx, dy, ends, p, faces);
  const TensorProductPoisson box({dx, ends.x_low, ends.x_high}, {dy, ends.y_low, ends.y_high});
  const CapacitanceCorrection correction(box, faces, p.size());
  auto solution = f;
  CapacitanceCorrection::Work work;
  correction.solve(box, solution, work);
  EXPECT_LT(largest_difference(applied(dx, dy, ends, solution, faces), f), 1e-9);
}

}  // namespace
}  // namespace eddyline
