#pragma once
// What a task is made from.

#include <memory>

#include "core/config/config.hpp"
#include "core/training/epoch_order.hpp"
#include "core/training/normalised_operator.hpp"
#include "core/training/task.hpp"

namespace eddyline {

/// What every task says about the operator that it needs.
struct TaskConfig : Config {
  std::int64_t history = 1;  // K, past frames that go in
  std::int64_t bundle = 4;   // F, frames that come out of one call
  bool lead_time = true;     // the time from frame to frame goes in
  double wall_exponent = 0;  // see OperatorSpec
};

struct TaskContext {
  std::shared_ptr<const Dataset> train, valid;
  NormalisedOperator trained;
  EpochOptions epochs;
};

/// Factories take the context: create(name, config, context).
using TaskRegistry = Registry<Task, const TaskContext&>;

}  // namespace eddyline
