#include "core/training/wake_evaluation.hpp"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace eddyline {
namespace {

TEST(FluctuationCorrelation, IsOneForTheSameAndMinusOneForTheMirroredFluctuation) {
  at::manual_seed(3);
  const at::Tensor reference = at::randn({20, 2, 6, 8}, at::kDouble) + 5, mean = reference.mean(0, true);
  const at::Tensor weight = at::ones({6, 8}, at::kDouble);
  for (const double value : fluctuation_correlation(reference, reference, weight)) EXPECT_NEAR(value, 1, 1e-12);
  for (const double value : fluctuation_correlation(2 * mean - reference, reference, weight))
    EXPECT_NEAR(value, -1, 1e-12);
}

TEST(FluctuationCorrelation, AWrongMeanFlowCountsAndSolidsDoNot) {
  at::manual_seed(4);
  const at::Tensor reference = at::randn({20, 2, 6, 8}, at::kDouble);
  at::Tensor weight = at::ones({6, 8}, at::kDouble);
  for (const double value : fluctuation_correlation(reference + 1, reference, weight)) EXPECT_LT(value, 0.9);
  weight[2][3] = 0;
  at::Tensor spoiled = reference.clone();
  spoiled.select(3, 3).select(2, 2).fill_(100);
  for (const double value : fluctuation_correlation(spoiled, reference, weight)) EXPECT_NEAR(value, 1, 1e-12);
}

TEST(WakeEvaluation, NeedsABodyAndTheChannelsOfTheEquation) {
  const auto problem = Case::from_yaml(
      "name: box\ngrid: [{to: 1, cells: 8}, {to: 1, cells: 8}]\nparameters: {viscosity: 0.1}\nboundaries: {x_low: "
      "{type: periodic}, x_high: {type: periodic}, y_low: {type: periodic}, y_high: {type: periodic}}\n",
      "test");
  const at::Tensor frames = at::zeros({40, 3, 8, 8}, at::kDouble);
  EXPECT_FALSE(evaluate_wake("a", problem, problem->channels(), frames, frames, 0.1, "incompressible"));
  EXPECT_FALSE(evaluate_wake("a", nullptr, problem->channels(), frames, frames, 0.1, "incompressible"));
}

TEST(WakeText, AveragesOverTheCasesThatShed) {
  WakeResult shedding{"test/0", 0.2, std::vector<double>(60, 0.9), {0.202, 0.2}, {1.4, 1.4}, {0.011, 0.01}, {0.3, 0.3}};
  WakeResult steady{"test/1", 0.001, std::vector<double>(60, 0.1), {0.1, 0.2}, {1.4, 1.4}, {1, 0.01}, {0.3, 0.3}};
  EXPECT_THAT(wake_text({shedding, steady}),
              testing::HasSubstr("mean over the 1 that shed (fluctuation above 0.02): correlation 0.9 at 25, 0.9 at 50 "
                                 "steps; |ratio - 1| of Strouhal number 0.01, mean drag 0, drag amplitude 0.1"));
  EXPECT_EQ(wake_text({}), "");
}

}  // namespace
}  // namespace eddyline
