#pragma once
// Activations by the names that configs and the authors' code use.

#include <string>

#include "operators/kernels/layers.hpp"

namespace eddyline {

/// "gelu" (erf form), "relu", "silu", "tanh" or "sigmoid" of every entry. @throws ConfigError for another name.
[[nodiscard]] torch::Tensor activated(const torch::Tensor& x, const std::string& activation);

}  // namespace eddyline
