#include "benchmarks/operators/measurement.hpp"

#include <time.h>
#include <torch/optim/adam.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <fstream>

#include "core/base/error.hpp"
#include "core/training/optimiser.hpp"

namespace eddyline::benchmarks {
namespace {

using Call = std::function<void()>;

double cpu_seconds() {
  timespec now{};
  if (clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now) != 0) throw ResourceError("this system has no process clock");
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

torch::Tensor loss_of(Operator& arm, const Batch& batch) { return torch::mse_loss(arm.forward(batch), batch.targets); }

/// The first sample of a grid batch.
Batch first_sample(const Batch& batch) {
  Batch one = batch;
  for (at::Tensor* values : {&one.inputs, &one.targets, &one.statics, &one.parameters, &one.time, &one.lead_time})
    if (values->defined()) *values = values->narrow(0, 0, 1).contiguous();
  return one;
}

torch::Tensor rolled_out(Operator& arm, const Batch& start, std::int64_t steps) {
  const torch::NoGradGuard no_gradient;
  Batch now = start;
  torch::Tensor frames;
  const std::int64_t history = start.inputs.size(1);
  for (std::int64_t step = 0; step < steps; ++step) {
    frames = arm.forward(now);
    const torch::Tensor known = torch::cat({now.inputs, frames}, 1);
    now.inputs = known.narrow(1, known.size(1) - history, history);
  }
  return frames;
}

/// One call of a pass; the optimiser lives in the closure.
Call call_of(Operator& arm, const Comparison& comparison, Pass pass, bool textbook) {
  if (pass == Pass::forward)
    return [&arm, &comparison] {
      const torch::NoGradGuard no_gradient;
      static_cast<void>(arm.forward(comparison.batch));
    };
  if (pass == Pass::rollout)
    return [&arm, steps = comparison.rollout_steps, start = first_sample(comparison.batch)] {
      static_cast<void>(rolled_out(arm, start, steps));
    };
  // A vanishing rate: every round times the same weights, and both arms keep them equal.
  constexpr double rate = 1e-12;
  if (textbook) {
    const auto adam = std::make_shared<torch::optim::Adam>(arm.parameters(), torch::optim::AdamOptions(rate));
    return [&arm, &comparison, adam] {
      adam->zero_grad();
      loss_of(arm, comparison.batch).backward();
      adam->step();
    };
  }
  const auto adam = std::make_shared<AdamW>(arm, AdamWOptions{0.9, 0.999, 1e-8, 0});
  return [&arm, &comparison, adam] {
    arm.zero_grad();
    loss_of(arm, comparison.batch).backward();
    adam->step(rate);
  };
}

void timed(const Call& call, Times& times) {
  const double cpu = cpu_seconds(), wall = wall_seconds();
  call();
  times.cpu.push_back(1e3 * (cpu_seconds() - cpu));
  times.wall.push_back(1e3 * (wall_seconds() - wall));
}

double largest(const torch::Tensor& values) { return values.abs().max().item<double>(); }

/// A line of /proc/self/status in bytes.
double process_memory(const std::string& name) {
  std::ifstream status("/proc/self/status");
  for (std::string word; status >> word;) {
    if (word != name + ":") continue;
    double kilobytes = 0;
    status >> kilobytes;
    return 1024 * kilobytes;
  }
  throw ResourceError("/proc/self/status has no " + name);
}

}  // namespace

Equality compare_arms(const Comparison& comparison) {
  Equality equality;
  {
    const torch::NoGradGuard no_gradient;
    const auto ours = comparison.ours->forward(comparison.batch);
    const auto theirs = comparison.textbook->forward(comparison.batch);
    equality.output = largest(ours - theirs) / largest(theirs);
    const Batch start = first_sample(comparison.batch);
    const auto ours_last = rolled_out(*comparison.ours, start, comparison.rollout_steps);
    const auto theirs_last = rolled_out(*comparison.textbook, start, comparison.rollout_steps);
    equality.rollout = largest(ours_last - theirs_last) / largest(theirs_last);
  }
  loss_of(*comparison.ours, comparison.batch).backward();
  loss_of(*comparison.textbook, comparison.batch).backward();
  const auto ours = comparison.ours->parameters(), theirs = comparison.textbook->parameters();
  if (ours.size() != theirs.size()) throw DataError("the two arms do not have the same parameters");
  double scale = 0;
  for (const auto& parameter : theirs) scale = std::max(scale, largest(parameter.grad()));
  for (std::size_t n = 0; n < ours.size(); ++n) {
    const double size = std::max(largest(theirs[n].grad()), 1e-3 * scale);
    equality.gradient = std::max(equality.gradient, largest(ours[n].grad() - theirs[n].grad()) / size);
  }
  return equality;
}

const std::vector<Pass>& all_passes() {
  static const std::vector<Pass> passes = {Pass::forward, Pass::training_step, Pass::rollout};
  return passes;
}

std::string name_of(Pass pass) {
  switch (pass) {
    case Pass::forward:
      return "forward";
    case Pass::training_step:
      return "training step";
    case Pass::rollout:
      return "rollout";
  }
  throw ConfigError("no such pass");
}

double least(const std::vector<double>& values) { return *std::min_element(values.begin(), values.end()); }

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  const std::size_t half = values.size() / 2;
  return values.size() % 2 == 1 ? values[half] : 0.5 * (values[half - 1] + values[half]);
}

double PairedTimes::median_ratio() const {
  std::vector<double> ratios;
  for (std::size_t n = 0; n < ours.cpu.size(); ++n) ratios.push_back(textbook.cpu[n] / ours.cpu[n]);
  return median(ratios);
}

PairedTimes measure(const Comparison& comparison, Pass pass, double seconds) {
  const Call ours = call_of(*comparison.ours, comparison, pass, false);
  const Call textbook = call_of(*comparison.textbook, comparison, pass, true);
  double pair = 0;
  for (int n = 0; n < 2; ++n) {  // the second, warm pair tells how many rounds fit
    const double start = wall_seconds();
    ours();
    textbook();
    pair = wall_seconds() - start;
  }
  const auto rounds = static_cast<std::int64_t>(std::clamp(seconds / pair, 5.0, 200.0));
  PairedTimes times;
  for (std::int64_t round = 0; round < rounds; ++round) {
    if (round % 2 == 0) timed(textbook, times.textbook);
    timed(ours, times.ours);
    if (round % 2 == 1) timed(textbook, times.textbook);
  }
  return times;
}

double training_memory(const Comparison& comparison, bool textbook) {
  const double before = process_memory("VmRSS");
  const Call step =
      call_of(textbook ? *comparison.textbook : *comparison.ours, comparison, Pass::training_step, textbook);
  step();
  step();
  return process_memory("VmHWM") - before;
}

}  // namespace eddyline::benchmarks
