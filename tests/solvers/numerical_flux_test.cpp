#include <gtest/gtest.h>

#include "core/base/random.hpp"
#include "solvers/grid/row_physics.hpp"
#include "solvers/physics/burgers.hpp"
#include "solvers/physics/compressible_navier_stokes.hpp"
#include "solvers/physics/dual.hpp"
#include "solvers/physics/linear_advection.hpp"
#include "solvers/physics/shallow_water.hpp"
#include "solvers/physics/wave.hpp"
#include "solvers/reconstruction/muscl.hpp"
#include "solvers/reconstruction/weno5z.hpp"
#include "solvers/riemann/hll.hpp"
#include "solvers/riemann/hllc.hpp"
#include "solvers/riemann/roe.hpp"
#include "solvers/riemann/rusanov.hpp"

namespace eddyline::test {
namespace {

/// A random admissible state: positive first and last component, velocities of either sign.
template <class Real, std::size_t Count>
std::array<Real, Count> random_state(RandomStream& random) {
  std::array<Real, Count> w;
  for (auto& component : w) component = static_cast<Real>(random.uniform(-2, 2));
  w.front() = static_cast<Real>(random.uniform(0.2, 3));
  w.back() = static_cast<Real>(random.uniform(0.2, 3));
  return w;
}

template <class Physics, class NumericalFlux>
struct Pair {
  using Equation = Physics;
  using Flux = NumericalFlux;
};

template <class T>
class NumericalFluxes : public testing::Test {};
using Pairs = testing::Types<
    Pair<CompressibleEuler<1>, Rusanov>, Pair<CompressibleEuler<1>, Hll>, Pair<CompressibleEuler<1>, Hllc>,
    Pair<CompressibleEuler<1>, Roe>, Pair<CompressibleEuler<2>, Rusanov>, Pair<CompressibleEuler<2>, Hll>,
    Pair<CompressibleEuler<2>, Hllc>, Pair<CompressibleEuler<2>, Roe>, Pair<CompressibleEuler<3>, Rusanov>,
    Pair<CompressibleEuler<3>, Hll>, Pair<CompressibleEuler<3>, Hllc>, Pair<CompressibleEuler<3>, Roe>,
    Pair<CompressibleNavierStokes<1>, Hllc>, Pair<CompressibleNavierStokes<2>, Roe>,
    Pair<CompressibleNavierStokes<3>, Rusanov>, Pair<CompressibleNavierStokes<3>, Hll>, Pair<ShallowWater<1>, Rusanov>,
    Pair<ShallowWater<1>, Hll>, Pair<ShallowWater<2>, Rusanov>, Pair<ShallowWater<2>, Hll>,
    Pair<BurgersFlux<1>, Rusanov>, Pair<BurgersFlux<2>, Rusanov>, Pair<BurgersFlux<3>, Hll>, Pair<BurgersFlux<1>, Hll>,
    Pair<LinearAdvection<1>, Hll>, Pair<LinearAdvection<2>, Rusanov>, Pair<LinearAdvection<3>, Rusanov>,
    Pair<Wave<1>, Rusanov>, Pair<Wave<2>, Hll>, Pair<Wave<3>, Rusanov>>;
TYPED_TEST_SUITE(NumericalFluxes, Pairs);

TYPED_TEST(NumericalFluxes, OfEqualStatesIsThePhysicalFlux) {
  const typename TypeParam::Equation physics;
  RandomStream random(1, "consistency");
  for (int k = 0; k < 100; ++k) {
    const auto w = random_state<double, reconstructed_count_of<typename TypeParam::Equation>>(random);
    const auto numerical = typename TypeParam::Flux{}(physics, w, w), exact = physics.flux(w);
    for (std::size_t c = 0; c < exact.size(); ++c)
      EXPECT_NEAR(numerical[c], exact[c], 1e-12 * (1 + std::abs(exact[c])));
  }
}

/// Seen in a mirror, the states change sides and the normal velocity its sign; so does the flux of every component but
/// that of normal momentum.
TYPED_TEST(NumericalFluxes, MirrorSymmetry) {
  const typename TypeParam::Equation physics;
  if (TypeParam::Equation::first_vector < 0) GTEST_SKIP() << "the flux of this equation has a direction";
  RandomStream random(2, "mirror");
  for (int k = 0; k < 100; ++k) {
    auto left = random_state<double, reconstructed_count_of<typename TypeParam::Equation>>(random),
         right = random_state<double, reconstructed_count_of<typename TypeParam::Equation>>(random);
    const auto seen = typename TypeParam::Flux{}(physics, left, right);
    left[1] = -left[1];
    right[1] = -right[1];
    const auto mirrored = typename TypeParam::Flux{}(physics, right, left);
    for (std::size_t c = 0; c < seen.size(); ++c)
      EXPECT_NEAR(mirrored[c], (c == 1 ? 1 : -1) * seen[c], 1e-12 * (1 + std::abs(seen[c]))) << c;
  }
}

TYPED_TEST(NumericalFluxes, DerivativesMatchFiniteDifferences) {
  const typename TypeParam::Equation physics;
  constexpr std::size_t count = reconstructed_count_of<typename TypeParam::Equation>;
  RandomStream random(3, "derivative");
  for (int k = 0; k < 20; ++k) {
    const auto left = random_state<double, count>(random), right = random_state<double, count>(random);
    for (std::size_t c = 0; c < 2 * count; ++c) {
      std::array<Dual, count> dual_left, dual_right;
      for (std::size_t n = 0; n < count; ++n) {
        dual_left[n] = {left[n], c == n ? 1.0 : 0.0};
        dual_right[n] = {right[n], c == n + count ? 1.0 : 0.0};
      }
      const auto derivative = typename TypeParam::Flux{}(physics, dual_left, dual_right);
      const auto at = [&](double step) {
        auto moved_left = left, moved_right = right;
        (c < count ? moved_left[c] : moved_right[c - count]) += step;
        return typename TypeParam::Flux{}(physics, moved_left, moved_right);
      };
      constexpr double step = 1e-6;
      const auto plus = at(step), minus = at(-step);
      for (std::size_t n = 0; n < plus.size(); ++n)
        EXPECT_NEAR(derivative[n].derivative, (plus[n] - minus[n]) / (2 * step),
                    1e-6 * (1 + std::abs(derivative[n].derivative)));
    }
  }
}

/// Packs of doubles do lane by lane what one double does; float and packs of floats agree to round-off.
template <class Element, class Physics, class NumericalFlux>
void expect_same_in_packs(double tolerance) {
  const Physics physics;
  constexpr std::size_t count = reconstructed_count_of<Physics>, lanes = Pack<Element>::size();
  RandomStream random(4, "numbers");
  std::array<std::array<Element, lanes>, count> left, right;
  std::vector<std::array<double, count>> lefts, rights;
  for (std::size_t lane = 0; lane < lanes; ++lane) {
    lefts.push_back(random_state<double, count>(random));
    rights.push_back(random_state<double, count>(random));
    for (std::size_t n = 0; n < count; ++n) {
      left[n][lane] = static_cast<Element>(lefts[lane][n]);
      right[n][lane] = static_cast<Element>(rights[lane][n]);
    }
  }
  std::array<Pack<Element>, count> pack_left, pack_right;
  for (std::size_t n = 0; n < count; ++n) {
    pack_left[n] = load<Pack<Element>>(left[n].data());
    pack_right[n] = load<Pack<Element>>(right[n].data());
  }
  const auto packs = NumericalFlux{}(physics, pack_left, pack_right);
  for (std::size_t n = 0; n < packs.size(); ++n) {
    std::array<Element, lanes> in_pack;
    store(in_pack.data(), packs[n]);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const double exact = NumericalFlux{}(physics, lefts[lane], rights[lane])[n];
      EXPECT_NEAR(static_cast<double>(in_pack[lane]), exact, tolerance * (1 + std::abs(exact)));
    }
  }
}
TYPED_TEST(NumericalFluxes, PacksAgreeWithSingleNumbers) {
  expect_same_in_packs<double, typename TypeParam::Equation, typename TypeParam::Flux>(1e-12);
  expect_same_in_packs<float, typename TypeParam::Equation, typename TypeParam::Flux>(2e-4);
}

TEST(Euler, PrimitiveAndConservedAreInverse) {
  const CompressibleEuler<3> gas;
  RandomStream random(5, "inverse");
  const auto w = random_state<double, 5>(random);
  const auto back = gas.primitive(gas.conserved(w));
  for (std::size_t c = 0; c < w.size(); ++c) EXPECT_NEAR(back[c], w[c], 1e-13);
}

TEST(Limiters, AreExactOnLinesAndFlatAtExtrema) {
  const auto check = [](auto limiter) {
    const Muscl<decltype(limiter)> scheme;
    const auto line = scheme(std::array{1.0, 3.0, 5.0}), peak = scheme(std::array{1.0, 3.0, 2.0});
    EXPECT_DOUBLE_EQ(line[0], 2);
    EXPECT_DOUBLE_EQ(line[1], 4);
    EXPECT_DOUBLE_EQ(peak[0], 3);
    EXPECT_DOUBLE_EQ(peak[1], 3);
  };
  check(Minmod{});
  check(VanLeer{});
  check(MonotonizedCentral{});
}

TEST(Weno5z, FifthOrderEdgesOfAveragesAndMirrorSymmetry) {
  // Averages of x^4 over unit cells -2.5..2.5; a quartic is met to the order of the smoothness weights.
  const auto average = [](double low) { return (std::pow(low + 1, 5) - std::pow(low, 5)) / 5; };
  const auto edge_error = [&](double h) {
    std::array<double, 5> q;
    for (std::size_t k = 0; k < 5; ++k) {
      const double low = 1 + h * (static_cast<double>(k) - 2.5);
      q[k] = (-std::cos(low + h) + std::cos(low)) / h;
    }
    return std::abs(Weno5z{}(q)[1] - std::sin(1 + 0.5 * h));
  };
  EXPECT_GT(std::log2(edge_error(0.1) / edge_error(0.05)), 4.7);
  const std::array<double, 5> q = {average(-2.5), average(-1.5), 7.0, average(0.5), 100.0},
                              mirrored = {q[4], q[3], q[2], q[1], q[0]};
  EXPECT_EQ(Weno5z{}(q)[0], Weno5z{}(mirrored)[1]);
  EXPECT_EQ(Weno5z{}(q)[1], Weno5z{}(mirrored)[0]);
}

}  // namespace
}  // namespace eddyline::test
