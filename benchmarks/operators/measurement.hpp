#pragma once
// Paired timing of two operators.

#include <functional>
#include <string>
#include <vector>

#include "benchmarks/operators/benchmark.hpp"

namespace eddyline::benchmarks {

/// Largest differences between the two arms, relative to the textbook's largest entry; a parameter's gradient relative
/// to max(its own largest entry, 1e-3 of the largest of all), as in parity verification.
struct Equality {
  double output = 0, gradient = 0, rollout = 0;
};
[[nodiscard]] Equality compare_arms(const Comparison& comparison);

/// What is timed. forward: without gradient, the whole batch; training step: zero_grad, forward, mean square error,
/// backward, Adam; rollout: `rollout_steps` calls from one sample, each on the frames of the one before.
enum class Pass { forward, training_step, rollout };
[[nodiscard]] const std::vector<Pass>& all_passes();
[[nodiscard]] std::string name_of(Pass pass);

/// One arm's times of every round, in ms.
struct Times {
  std::vector<double> cpu, wall;
};
struct PairedTimes {
  Times ours, textbook;
  /// Median of the textbook's CPU time over ours, round by round.
  [[nodiscard]] double median_ratio() const;
};
[[nodiscard]] double least(const std::vector<double>& values);
[[nodiscard]] double median(std::vector<double> values);

/// Warms both arms up with two calls, then runs them call by call in alternating order.
/// @param seconds  about how long; between 5 and 200 rounds.
[[nodiscard]] PairedTimes measure(const Comparison& comparison, Pass pass, double seconds);

/// Peak memory of this process over two training steps of one arm, above what it held before, in bytes. Only the first
/// call in a process tells the truth: memory freed before counts as held.
[[nodiscard]] double training_memory(const Comparison& comparison, bool textbook);

}  // namespace eddyline::benchmarks
