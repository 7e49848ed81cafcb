#include "core/rollout/oscillation.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>
#include <vector>

#include "core/base/error.hpp"

namespace eddyline {
namespace {

std::vector<double> signal(double frequency, double amplitude, double trend, int samples, double dt) {
  std::vector<double> values;
  for (int n = 0; n < samples; ++n)
    values.push_back(3 + trend * n * dt + amplitude * std::sin(2 * std::numbers::pi * frequency * n * dt + 0.7));
  return values;
}

TEST(Oscillation, FindsFrequencyAndAmplitudeBetweenTheFourierFrequencies) {
  for (const double frequency : {0.163, 0.2, 0.217}) {
    const auto found = strongest_oscillation(signal(frequency, 0.4, 0.02, 119, 0.25), 0.25);
    EXPECT_NEAR(found.frequency, frequency, 2e-3 * frequency);
    EXPECT_NEAR(found.amplitude, 0.4, 4e-3);
  }
}

TEST(Oscillation, SeparatesTheSecondHarmonic) {
  auto values = signal(0.2, 0.4, 0, 119, 0.25);
  const auto second = signal(0.4, 0.01, 0, 119, 0.25);
  for (std::size_t n = 0; n < values.size(); ++n) values[n] += second[n];
  EXPECT_NEAR(amplitude_at(values, 0.25, 0.4), 0.01, 4e-4);
}

TEST(Oscillation, ConstantsHaveNoneAndShortRecordsAreRefused) {
  EXPECT_NEAR(strongest_oscillation(std::vector<double>(64, 2.0), 0.1).amplitude, 0, 1e-12);
  EXPECT_THROW(static_cast<void>(strongest_oscillation(std::vector<double>(8, 2.0), 0.1)), DataError);
}

}  // namespace
}  // namespace eddyline
