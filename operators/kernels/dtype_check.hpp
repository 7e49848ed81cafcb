#pragma once
// Inputs in the numbers of the weights.

#include "operators/kernels/layers.hpp"

namespace eddyline {

/// Refuses inputs of another type than a model's weights: LibTorch would fail somewhere inside.
class DtypeCheck {
 public:
  /// @param model  with at least one parameter; its later `to(dtype)` is seen.
  explicit DtypeCheck(const torch::nn::Module& model);
  /// @throws ShapeError with both types and the shape.
  void operator()(const torch::Tensor& inputs) const;

 private:
  torch::Tensor weight_;
};

}  // namespace eddyline
