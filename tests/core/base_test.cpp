#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/random.hpp"
#include "core/base/text.hpp"
#include "core/config/formula.hpp"
#include "core/domain/shape.hpp"

namespace eddyline {
namespace {

TEST(Numbers, RoundTripAndRefuse) {
  for (const double value : {0.1, 1e-300, 123456789.123, -0.0}) EXPECT_EQ(parse_number(format_number(value)), value);
  EXPECT_FALSE(parse_number("0,5"));
  EXPECT_FALSE(parse_number("1e400"));
  EXPECT_FALSE(parse_number("3x"));
  EXPECT_FALSE(parse_integer("3.0"));
  EXPECT_EQ(format_duration(3725), "1 h 02 min");
  EXPECT_EQ(format_bytes(1536), "1.5 KiB");
}

TEST(Random, AStreamContinuesFromAnyCounterAndDependsOnSeedAndName) {
  RandomStream stream(7, "test");
  std::vector<std::uint32_t> first;
  for (int i = 0; i < 100; ++i) first.push_back(stream.next_uint32());
  RandomStream later(7, "test", 37);
  for (int i = 37; i < 100; ++i) EXPECT_EQ(later.next_uint32(), first[static_cast<std::size_t>(i)]);
  EXPECT_NE(RandomStream(7, "other").next_uint32(), first[0]);
  EXPECT_NE(RandomStream(8, "test").next_uint32(), first[0]);
}

TEST(Random, MomentsOfUniformAndNormal) {
  RandomStream stream(1, "moments");
  constexpr int count = 200000;
  double sum = 0, square = 0, normal_sum = 0, normal_square = 0;
  for (int i = 0; i < count; ++i) {
    const double u = stream.uniform(), n = stream.normal();
    sum += u;
    square += u * u;
    normal_sum += n;
    normal_square += n * n;
  }
  EXPECT_NEAR(sum / count, 0.5, 4 * std::sqrt(1.0 / 12 / count));
  EXPECT_NEAR(square / count, 1.0 / 3, 0.003);
  EXPECT_NEAR(normal_sum / count, 0, 4 / std::sqrt(double(count)));
  EXPECT_NEAR(normal_square / count, 1, 0.02);
}

TEST(Random, PermutationHoldsEachOnce) {
  auto order = RandomStream(3, "order").permutation(50);
  std::sort(order.begin(), order.end());
  for (std::int64_t i = 0; i < 50; ++i) EXPECT_EQ(order[static_cast<std::size_t>(i)], i);
}

TEST(Text, SuggestsTheNearestName) {
  EXPECT_EQ(nearest_name("widht", {"width", "depth"}), "width");
  EXPECT_FALSE(nearest_name("zebra", {"width", "depth"}));
  EXPECT_EQ(printable("a\x1b[2J"), "a\\x1b[2J");
}

TEST(Formula, EvaluatesAndExplains) {
  const Formula formula("sin(pi*x)*y", {"x", "y"});
  EXPECT_NEAR(formula(std::vector<double>{0.5, 2}), 2, 1e-15);
  EXPECT_THROW(Formula("sin(q)", {"x"}), ConfigError);
  EXPECT_THROW(static_cast<void>(Formula("1/x", {"x"})(std::vector<double>{0})), ConfigError);
}

TEST(Shape, SignedDistances) {
  ObstacleConfig circle;
  circle.center = {1, 1};
  circle.radius = 0.5;
  EXPECT_DOUBLE_EQ(circle.signed_distance({2, 1, 0}), 0.5);
  EXPECT_DOUBLE_EQ(circle.signed_distance({1, 1, 0}), -0.5);
  ObstacleConfig square;
  square.shape = "rectangle";
  square.angle = 90;
  square.size = {4, 2};
  EXPECT_NEAR(square.signed_distance({0, 3, 0}), 1, 1e-12);
  EXPECT_NEAR(square.signed_distance({2, 3, 0}), std::hypot(1, 1), 1e-12);
  ObstacleConfig triangle;
  triangle.shape = "polygon";
  triangle.polygon = {0, 0, 1, 0, 0, 1};
  EXPECT_NEAR(triangle.signed_distance({0.25, 0.25, 0}), -0.25, 1e-12);
  EXPECT_NEAR(triangle.signed_distance({-1, 0.5, 0}), 1, 1e-12);
}

}  // namespace
}  // namespace eddyline
