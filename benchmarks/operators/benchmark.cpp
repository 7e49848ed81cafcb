#include "benchmarks/operators/benchmark.hpp"

#include <algorithm>

namespace eddyline::benchmarks {

TextbookOperator::TextbookOperator(const Operator& ours) {
  for (const auto& entry : ours.named_parameters()) {
    std::string name = entry.key();
    std::replace(name.begin(), name.end(), '.', '/');  // LibTorch keeps dots for submodules
    values_[entry.key()] = register_parameter(name, entry.value().detach().clone(at::MemoryFormat::Contiguous));
  }
  for (const auto& entry : ours.named_buffers()) values_[entry.key()] = entry.value().clone();
}

Batch random_batch(std::int64_t batch, std::int64_t history, std::int64_t frames,
                   const std::vector<std::int64_t>& cells) {
  Batch result;
  std::vector<std::int64_t> shape = {batch, history, 1};
  shape.insert(shape.end(), cells.begin(), cells.end());
  result.inputs = torch::randn(shape);
  shape[1] = frames;
  result.targets = torch::randn(shape);
  return result;
}

OperatorSpec plain_spec(std::int64_t history, std::int64_t frames, const std::vector<std::int64_t>& cells) {
  OperatorSpec spec;
  spec.dimension = static_cast<int>(cells.size());
  spec.history = history;
  spec.bundle = frames;
  spec.lead_time = false;
  return spec;
}

}  // namespace eddyline::benchmarks
