#pragma once
// The size of a model.

#include "core/base/tensor.hpp"

namespace eddyline {

/// Numbers in all parameters of the module.
[[nodiscard]] inline std::int64_t parameter_count(const torch::nn::Module& module) {
  std::int64_t count = 0;
  for (const auto& parameter : module.parameters()) count += parameter.numel();
  return count;
}

}  // namespace eddyline
