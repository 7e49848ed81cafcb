#include "operators/kernels/activation.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace eddyline {

torch::Tensor activated(const torch::Tensor& x, const std::string& activation) {
  if (activation == "gelu") return torch::gelu(x);
  if (activation == "relu") return torch::relu(x);
  if (activation == "silu") return torch::silu(x);
  if (activation == "tanh") return torch::tanh(x);
  if (activation == "sigmoid") return torch::sigmoid(x);
  throw ConfigError("no activation '" + printable(activation) + "'; there are gelu, relu, silu, tanh, sigmoid");
}

}  // namespace eddyline
