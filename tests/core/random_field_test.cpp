// Random fields: moments, spectrum, seeds, the same function on every grid, velocities free of divergence.

#include "core/field/random_field.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <complex>
#include <numbers>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/config/config_reader.hpp"
#include "core/field/initial_field.hpp"

namespace eddyline::test {
namespace {

using testing::HasSubstr;

/// A box [0, length]^dimension of `cells` a side, with the random field of one channel.
std::shared_ptr<const Case> box(int dimension, const std::string& channel, const std::string& field, int seed = 1,
                                const std::string& side = "periodic", double length = 2 * std::numbers::pi,
                                int cells = 16) {
  std::string grid, sides;
  for (int axis = 0; axis < dimension; ++axis) {
    grid += (axis > 0 ? ", " : "") + ("{to: " + format_number(length)) + ", cells: " + std::to_string(cells) + "}";
    for (const char* end : {"_low", "_high"})
      sides += (sides.empty() ? "" : ", ") + std::string(1, "xyz"[axis]) + end + ": {type: " + side + "}";
  }
  return Case::from_yaml("equation: continuity\ngrid: [" + grid + "]\nboundaries: {" + sides +
                             "}\ninitial: {type: random, seed: " + std::to_string(seed) + ", random: {" + channel +
                             ": {" + field + "}}}\n",
                         "test");
}

RandomField scalar(const Case& problem) { return {problem, problem.config().initial.random.at("density"), "density"}; }

RandomField component(const Case& problem, int axis) {
  return RandomField::velocity(problem, problem.config().initial.random.at("velocity"), axis);
}

/// Mean over n^2 points in the middles of as many cells of [0, length]^2: exact for waves below n.
template <class Function>
double mean_2d(Function function, double length, int n = 64) {
  double sum = 0;
  for (int j = 0; j < n; ++j)
    for (int i = 0; i < n; ++i) sum += function((i + 0.5) * length / n, (j + 0.5) * length / n);
  return sum / n / n;
}

constexpr const char* peak = "mean: 0.3, amplitude: 2, peak_wavenumber: 5";

TEST(RandomField, HasItsMeanAndItsVarianceOverSeeds) {
  double square = 0;
  constexpr int seeds = 200;
  for (int seed = 0; seed < seeds; ++seed) {
    const auto problem = box(2, "density", peak, seed);
    RandomField field = scalar(*problem);
    const double length = 2 * std::numbers::pi;
    if (seed == 0) {
      EXPECT_NEAR(mean_2d(field, length), 0.3, 1e-12);
    }
    square += mean_2d([&](double x, double y) { return std::pow(field(x, y) - 0.3, 2); }, length, 48) / seeds;
  }
  EXPECT_NEAR(square, 4, 0.1);  // about 100 modes count: 10 % a draw, 1 % of the mean of 200
}

TEST(RandomField, NormalisedADrawHasItsAmplitudeExactly) {
  for (const char* side : {"periodic", "no_slip"}) {
    const auto problem = box(2, "density", std::string(peak) + ", normalised: true", 3, side);
    RandomField field = scalar(*problem);
    const double square =
        mean_2d([&](double x, double y) { return std::pow(field(x, y) - 0.3, 2); }, 2 * std::numbers::pi, 96);
    EXPECT_NEAR(square, 4, 1e-11) << side;
  }
}

TEST(RandomField, HasTheSpectrumThatItIsGiven) {
  // Mean over seeds of the variance in shells |k| = 1..12, by projection onto the waves of a line through the box: a
  // one-dimensional field has one mode a wave number.
  constexpr int seeds = 1000, n = 64;
  std::vector<double> variance(13, 0.0);
  for (int seed = 0; seed < seeds; ++seed) {
    const auto problem = box(1, "density", "peak_wavenumber: 4, slope: 4", seed);
    RandomField field = scalar(*problem);
    std::vector<double> values;
    for (int i = 0; i < n; ++i) values.push_back(field((i + 0.5) * 2 * std::numbers::pi / n));
    for (std::size_t k = 1; k < variance.size(); ++k) {
      std::complex<double> sum = 0;
      for (int i = 0; i < n; ++i)
        sum += values[static_cast<std::size_t>(i)] *
               std::polar(1.0 / n, -static_cast<double>(k) * (i + 0.5) * 2 * std::numbers::pi / n);
      variance[k] += 2 * std::norm(sum) / seeds;
    }
  }
  const auto shape = [](double k) { return std::pow(k / 4, 4) * std::exp(-2 * (k * k / 16 - 1)); };
  double total = 0;
  for (int k = 1; k < 40; ++k) total += shape(k);
  for (std::size_t k = 1; k < variance.size(); ++k) {
    const double expected = shape(static_cast<double>(k)) / total;
    EXPECT_NEAR(variance[k], expected, 0.15 * expected + 1e-15) << k;  // one standard error is 3 %
  }
}

TEST(RandomField, PowerLawWithSidesIsTheCoefficientOfTheFourierNeuralOperatorsDarcySet) {
  // N(0, (-Laplace + 9)^-2) with zero slope at the sides: the ratio of the variances of cos(pi x) and cos(3 pi x).
  constexpr int seeds = 1500, n = 128;
  double first = 0, third = 0;
  for (int seed = 0; seed < seeds; ++seed) {
    const auto problem =
        box(1, "density", "spectrum: power_law, slope: 4, correlation_length: 0.333333333333, modes: 4", seed,
            "no_slip", 1);
    RandomField field = scalar(*problem);
    double one = 0, three = 0;
    for (int i = 0; i < n; ++i) {
      const double x = (i + 0.5) / n, value = field(x);
      one += value * std::cos(std::numbers::pi * x) / n;
      three += value * std::cos(3 * std::numbers::pi * x) / n;
    }
    first += one * one;
    third += three * three;
  }
  const double pi2 = std::numbers::pi * std::numbers::pi;
  EXPECT_NEAR(first / third / std::pow((9 * pi2 + 9) / (pi2 + 9), 2), 1, 0.15);  // standard error 5 %
}

TEST(RandomField, IsTheSameFunctionOnEveryGridAndAnotherForEverySeedAndChannel) {
  const auto coarse = box(3, "density", peak, 5, "periodic", 1, 8),
             fine = box(3, "density", peak, 5, "periodic", 1, 64);
  RandomField a = scalar(*box(3, "density", "peak_wavenumber: 20", 5, "periodic", 1, 8)),
              b = scalar(*box(3, "density", "peak_wavenumber: 20", 5, "periodic", 1, 64)),
              other = scalar(*box(3, "density", "peak_wavenumber: 20", 6, "periodic", 1, 8));
  EXPECT_EQ(a(0.3, 0.4, 0.5), b(0.3, 0.4, 0.5));
  EXPECT_NE(a(0.3, 0.4, 0.5), other(0.3, 0.4, 0.5));
  EXPECT_NEAR(a(0, 0.4, 0.5), a(1, 0.4, 0.5), 1e-12);
  RandomField named(*coarse, coarse->config().initial.random.at("density"), "pressure");
  RandomField density = scalar(*fine);
  EXPECT_NE(named(0.3, 0.4, 0.5), density(0.3, 0.4, 0.5));
}

TEST(RandomField, FurtherModesLeaveTheOthersAsTheyAre) {
  const auto field = [](int modes) {
    return scalar(
        *box(1, "density", "spectrum: squared_exponential, correlation_length: 0.5, modes: " + std::to_string(modes)));
  };
  // exp(-(16 * 0.5)^2 / 2) is 1e-14 of the largest power: 16 modes are all that matter.
  RandomField few = field(16), many = field(60);
  for (const double x : {0.1, 1.7, 4.0}) EXPECT_NEAR(few(x), many(x), 1e-6) << x;
}

TEST(RandomField, VelocityIsFreeOfDivergenceWithItsEnergy) {
  for (const char* side : {"periodic", "free_slip"}) {
    const auto problem = box(2, "velocity", "amplitude: 1.5, peak_wavenumber: 4, normalised: true", 2, side);
    RandomField u = component(*problem, 0), v = component(*problem, 1);
    const double length = 2 * std::numbers::pi, h = 1e-4;
    EXPECT_NEAR(mean_2d([&](double x, double y) { return std::pow(u(x, y), 2) + std::pow(v(x, y), 2); }, length), 2.25,
                1e-10)
        << side;
    const double divergence = (u(1 + h, 2) - u(1 - h, 2) + v(1, 2 + h) - v(1, 2 - h)) / (2 * h);
    EXPECT_NEAR(divergence, 0, 1e-6) << side;
    EXPECT_GT(std::abs(u(1 + h, 2) - u(1 - h, 2)) / (2 * h), 1e-2) << side;
    if (std::string(side) == "free_slip") {
      EXPECT_NEAR(u(0, 1.3), 0, 1e-12);
      EXPECT_NEAR(v(2.1, length), 0, 1e-11);
    }
  }
}

TEST(RandomField, VelocityInThreeDimensionsIsFreeOfDivergenceAndIsotropic) {
  const auto problem = box(3, "velocity", "peak_wavenumber: 3, normalised: true", 4);
  std::vector<RandomField> velocity;
  for (int axis = 0; axis < 3; ++axis) velocity.push_back(component(*problem, axis));
  const double h = 1e-4;
  const auto slope = [&](std::size_t of, int along) {
    std::array<double, 3> low = {0.7, 1.9, 4.1}, high = low;
    low[static_cast<std::size_t>(along)] -= h;
    high[static_cast<std::size_t>(along)] += h;
    return (velocity[of](high[0], high[1], high[2]) - velocity[of](low[0], low[1], low[2])) / (2 * h);
  };
  EXPECT_NEAR(slope(0, 0) + slope(1, 1) + slope(2, 2), 0, 1e-6);
  EXPECT_GT(std::abs(slope(0, 0)), 1e-2);
  std::array<double, 3> square{};
  constexpr int n = 28;  // exact for the waves up to 13 that matter
  for (int k = 0; k < n; ++k)
    for (int j = 0; j < n; ++j)
      for (int i = 0; i < n; ++i)
        for (std::size_t c = 0; c < 3; ++c)
          square[c] += std::pow(velocity[c](i * 2 * std::numbers::pi / n, j * 2 * std::numbers::pi / n,
                                            k * 2 * std::numbers::pi / n),
                                2) /
                       (n * n * n);
  EXPECT_NEAR(square[0] + square[1] + square[2], 1, 1e-9);
  for (const double part : square) EXPECT_NEAR(part, 1.0 / 3, 0.1);
}

TEST(RandomField, OtherTypesAreMadeOfTheGaussianField) {
  RandomField gaussian = scalar(*box(2, "density", "mean: 0.2, peak_wavenumber: 4")),
              exponential = scalar(*box(2, "density", "type: log_normal, mean: 0.2, peak_wavenumber: 4")),
              two = scalar(*box(2, "density", "type: threshold, mean: 0.2, peak_wavenumber: 4, low: 3, high: 12"));
  int high = 0;
  for (int n = 0; n < 100; ++n) {
    const double x = 0.06 * n, y = 0.05 * n, value = gaussian(x, y);
    EXPECT_DOUBLE_EQ(exponential(x, y), std::exp(value));
    EXPECT_EQ(two(x, y), value >= 0 ? 12 : 3);
    high += value >= 0 ? 1 : 0;
  }
  EXPECT_GT(high, 20);
  EXPECT_LT(high, 90);
}

TEST(RandomField, ShapesHaveTheirValuesInsideAndWrapAround) {
  for (const char* shape : {"disc", "box"}) {
    RandomField field = scalar(*box(2, "density",
                                    "type: shapes, mean: -1, shapes: 8, smallest: 0.1, largest: 0.2, low: 2, high: 3, "
                                    "shape: " +
                                        std::string(shape),
                                    7, "periodic", 1));
    int inside = 0;
    for (int j = 0; j < 100; ++j)
      for (int i = 0; i < 100; ++i) {
        const double value = field((i + 0.5) / 100, (j + 0.5) / 100);
        EXPECT_TRUE(value == -1 || (value >= 2 && value <= 3)) << value;
        inside += value > 0 ? 1 : 0;
      }
    EXPECT_GT(inside, 1000) << shape;
    EXPECT_LT(inside, 9500) << shape;
    for (int j = 0; j < 50; ++j) EXPECT_EQ(field(0, j / 50.0), field(1, j / 50.0)) << shape;
  }
}

TEST(RandomField, MistakesNameTheKey) {
  const auto message = [](const std::string& channel, const std::string& field, int dimension = 2) -> std::string {
    try {
      const auto problem = box(dimension, channel, field);
      for (const auto& name : initial_channels(*problem, channel_names(problem->channels())))
        static_cast<void>(InitialField(*problem, name));
    } catch (const ConfigError& error) {
      return error.what();
    }
    return "no error";
  };
  EXPECT_THAT(message("densty", "peak_wavenumber: 3"), HasSubstr("did you mean 'density'?"));
  EXPECT_THAT(message("density", "amplitude: 3"), HasSubstr("spectrum peak needs one"));
  EXPECT_THAT(message("density", "spectrum: power_law"), HasSubstr("correlation_length"));
  EXPECT_THAT(message("density", "peak_wavenumbr: 3"), HasSubstr("did you mean 'peak_wavenumber'?"));
  EXPECT_THAT(message("density", "peak_wavenumber: 3000"), HasSubstr("initial.random.density: waves up to k"));
  EXPECT_THAT(message("density", "peak_wavenumber: 1e-3, modes: 1"), HasSubstr("has no power"));
  EXPECT_THAT(message("velocity", "type: shapes"), HasSubstr("of type gaussian, not shapes"));
  EXPECT_THAT(message("velocity", "mean: 1, peak_wavenumber: 3"), HasSubstr("initial.values"));
  EXPECT_THAT(message("velocity", "peak_wavenumber: 3", 1), HasSubstr("needs two or three dimensions"));
}

}  // namespace
}  // namespace eddyline::test
