#pragma once
// What a task is made from.

#include <memory>

#include "core/config/config.hpp"
#include "core/training/forecaster.hpp"
#include "core/training/task.hpp"

namespace eddyline {

/// What every forecasting task says about the operator that it needs.
struct TaskConfig : Config {
  std::int64_t history = 1;  // K, past frames that go in
  std::int64_t bundle = 4;   // F, frames that come out of one call
};

struct TaskContext {
  std::shared_ptr<const Dataset> train, valid;
  std::shared_ptr<const Forecaster> forecaster;
  std::shared_ptr<const Normaliser> normaliser;
  std::int64_t batch_size = 8;
  std::uint64_t seed = 0;
};

/// Factories take the context: create(name, config, context).
using TaskRegistry = Registry<Task, const TaskContext&>;

}  // namespace eddyline
