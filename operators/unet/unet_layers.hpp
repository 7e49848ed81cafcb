#pragma once
// What the U-Nets are built of, in one to three dimensions.

#include <string>
#include <vector>

#include "operators/kernels/activation.hpp"
#include "operators/kernels/layers.hpp"

namespace eddyline::unet {

/// Convolution over all axes of space with zeros outside; parameters weight and bias start as PyTorch's do. Padding
/// keeps the size (stride 1) or halves and doubles it exactly (stride 2).
class ConvolutionImpl final : public torch::nn::Module {
 public:
  struct Options {
    std::int64_t kernel = 3, stride = 1;
    bool has_bias = true, is_transposed = false;
  };
  ConvolutionImpl(std::int64_t in, std::int64_t out, int dimension, Options options);
  torch::Tensor forward(const torch::Tensor& x);

 private:
  std::vector<std::int64_t> stride_, padding_, ones_, zeros_;
  bool is_transposed_;
  torch::Tensor weight_, bias_;
};
TORCH_MODULE(Convolution);

/// How an axis whose size is no multiple of the smallest level's cell is treated: "none" refuses it, "zero" and
/// "periodic" append points at its high end, which are cut off the result again.
class SizeFit {
 public:
  /// x [B, C, ...]. @throws ShapeError with the shape when `padding` is "none" and a size is no multiple.
  SizeFit(const torch::Tensor& x, std::int64_t multiple, const std::string& padding);
  [[nodiscard]] torch::Tensor padded(const torch::Tensor& x) const;
  [[nodiscard]] torch::Tensor cropped(const torch::Tensor& y) const;

 private:
  std::vector<std::int64_t> sizes_, missing_;
  bool is_periodic_;
};

/// @throws ShapeError with both shapes when x is not [B, channels] and `dimension` axes of real numbers.
void check_input(const torch::Tensor& x, std::int64_t channels, int dimension, const char* who);

}  // namespace eddyline::unet
