#include "solvers/linear/box_poisson.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/base/random.hpp"

namespace eddyline::test {
namespace {

using Ends = std::array<PoissonEnd, 2>;
constexpr Ends around = {PoissonEnd::periodic, PoissonEnd::periodic},
               walls = {PoissonEnd::neumann, PoissonEnd::neumann}, open = {PoissonEnd::neumann, PoissonEnd::dirichlet};

PoissonAxis axis(std::size_t cells, double stretching, Ends ends) {
  PoissonAxis axis{{}, ends[0], ends[1]};
  for (std::size_t i = 0; i < cells; ++i) axis.widths.push_back(0.1 * std::pow(stretching, static_cast<double>(i)));
  return axis;
}

/// The seven-point operator, written down face by face.
std::vector<double> applied(const std::array<PoissonAxis, 3>& axes, const AlignedValues& p) {
  const std::array n = {axes[0].widths.size(), axes[1].widths.size(), axes[2].widths.size()};
  std::vector<double> out(p.size(), 0.0);
  const auto cell = [&](const std::array<std::size_t, 3>& i) { return (i[2] * n[1] + i[1]) * n[0] + i[0]; };
  std::array<std::size_t, 3> i{};
  for (i[2] = 0; i[2] < n[2]; ++i[2])
    for (i[1] = 0; i[1] < n[1]; ++i[1])
      for (i[0] = 0; i[0] < n[0]; ++i[0])
        for (std::size_t a = 0; a < 3; ++a) {
          const auto& width = axes[a].widths;
          const double area = axes[(a + 1) % 3].widths[i[(a + 1) % 3]] * axes[(a + 2) % 3].widths[i[(a + 2) % 3]];
          for (const bool is_high : {false, true}) {
            auto j = i;
            const bool is_end = is_high ? i[a] + 1 == n[a] : i[a] == 0;
            const PoissonEnd end = is_high ? axes[a].high : axes[a].low;
            if (is_end && end == PoissonEnd::neumann) continue;
            if (is_end && end == PoissonEnd::dirichlet) {
              out[cell(i)] -= area * 2 / width[i[a]] * p[cell(i)];
              continue;
            }
            j[a] = is_end ? (is_high ? 0 : n[a] - 1) : (is_high ? i[a] + 1 : i[a] - 1);
            out[cell(i)] += area * 2 / (width[i[a]] + width[j[a]]) * (p[cell(j)] - p[cell(i)]);
          }
        }
  return out;
}

void expect_exact(const std::array<PoissonAxis, 3>& axes) {
  const BoxPoisson poisson(axes[0], axes[1], axes[2]);
  AlignedValues field(poisson.cell_count());
  RandomStream random(1, "poisson");
  double mean = 0;
  for (double& value : field) mean += value = random.uniform(-1, 1);
  if (poisson.is_singular())
    for (double& value : field) value -= mean / static_cast<double>(field.size());
  const AlignedValues source = field;
  BoxPoisson::Work work;
  const auto nothing = [](std::int64_t, std::int64_t) {};
  poisson.solve(field, work, nothing, nothing);
  const auto image = applied(axes, field);
  double worst = 0;
  for (std::size_t i = 0; i < image.size(); ++i) worst = std::max(worst, std::abs(image[i] - source[i]));
  EXPECT_LT(worst, 1e-12);
}

TEST(BoxPoisson, IsExactForEveryKindOfAxis) {
  for (const Ends& x : {around, walls, open})
    for (const Ends& y : {around, walls, open})
      for (const Ends& z : {around, walls, open})
        for (const double stretching : {1.0, 1.1}) {
          SCOPED_TRACE(testing::Message() << static_cast<int>(x[1]) << static_cast<int>(y[1]) << static_cast<int>(z[1])
                                          << " stretched by " << stretching);
          expect_exact({axis(6, stretching, x), axis(9, stretching, y), axis(5, stretching, z)});
          expect_exact({axis(7, stretching, x), axis(4, stretching, y), axis(20, stretching, z)});
        }
}

TEST(BoxPoisson, IsExactForEveryLengthOfTheTransforms) {
  for (const std::size_t cells : {8, 11, 15, 16, 24, 32, 49, 64})
    for (const Ends& x : {around, walls})
      for (const Ends& y : {around, walls}) {
        SCOPED_TRACE(testing::Message() << cells << " cells, " << static_cast<int>(x[1]) << static_cast<int>(y[1]));
        expect_exact({axis(cells, 1, x), axis(cells, 1, y), axis(3, 1, around)});
      }
}

TEST(BoxPoisson, IsExactOnFewCells) {
  for (const Ends& ends : {around, walls, open}) expect_exact({axis(2, 1, ends), axis(2, 1, ends), axis(2, 1, ends)});
  expect_exact({axis(1, 1, walls), axis(1, 1, walls), axis(3, 1, open)});
  expect_exact({axis(3, 1, around), axis(1, 1, walls), axis(1, 1, walls)});
}

}  // namespace
}  // namespace eddyline::test
