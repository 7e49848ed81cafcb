#include "operators/unet/unet_layers.hpp"

#include <algorithm>
#include <cmath>
#include <sstream>

#include "core/base/error.hpp"

namespace eddyline::unet {

ConvolutionImpl::ConvolutionImpl(std::int64_t in, std::int64_t out, int dimension, Options options)
    : is_transposed_(options.is_transposed) {
  const auto axes = static_cast<std::size_t>(dimension);
  stride_.assign(axes, options.stride);
  padding_.assign(axes, options.is_transposed ? (options.kernel - options.stride) / 2 : (options.kernel - 1) / 2);
  ones_.assign(axes, 1);
  zeros_.assign(axes, 0);
  std::vector<std::int64_t> shape(axes + 2, options.kernel);
  shape[0] = is_transposed_ ? in : out;
  shape[1] = is_transposed_ ? out : in;
  // PyTorch's default counts the second axis as the inputs, whatever it means.
  const double inputs = static_cast<double>(shape[1]) * std::pow(static_cast<double>(options.kernel), dimension);
  const double bound = 1 / std::sqrt(inputs);
  weight_ = register_parameter("weight", torch::empty(shape).uniform_(-bound, bound));
  if (options.has_bias) bias_ = register_parameter("bias", torch::empty({out}).uniform_(-bound, bound));
}

torch::Tensor ConvolutionImpl::forward(const torch::Tensor& x) {
  return torch::convolution(x, weight_, bias_, stride_, padding_, ones_, is_transposed_, zeros_, 1);
}

SizeFit::SizeFit(const torch::Tensor& x, std::int64_t multiple, const std::string& padding)
    : is_periodic_(padding == "periodic") {
  for (std::int64_t axis = 2; axis < x.dim(); ++axis) {
    sizes_.push_back(x.size(axis));
    missing_.push_back((multiple - x.size(axis) % multiple) % multiple);
  }
  const bool fits = std::all_of(missing_.begin(), missing_.end(), [](std::int64_t count) { return count == 0; });
  if (fits || padding != "none") return;
  std::ostringstream text;
  text << "U-Net: every axis of space must be a multiple of " << multiple << " cells, got " << x.sizes()
       << "; set operator.size_padding to zero or periodic, or use fewer levels";
  throw ShapeError(text.str());
}

torch::Tensor SizeFit::padded(const torch::Tensor& x) const {
  auto result = x;
  for (std::size_t k = 0; k < missing_.size(); ++k) {
    const auto axis = static_cast<std::int64_t>(k) + 2;
    auto shape = result.sizes().vec();
    // Round and round a periodic axis that is shorter than what is missing.
    for (std::int64_t left = missing_[k]; left > 0;) {
      const auto count = is_periodic_ ? std::min(left, sizes_[k]) : left;
      shape[k + 2] = count;
      const auto more = is_periodic_ ? result.narrow(axis, result.size(axis) - sizes_[k], count)
                                     : torch::zeros(shape, result.options());
      result = torch::cat({result, more}, axis);
      left -= count;
    }
  }
  return result;
}

torch::Tensor SizeFit::cropped(const torch::Tensor& y) const {
  auto result = y;
  for (std::size_t k = 0; k < sizes_.size(); ++k)
    if (missing_[k] > 0) result = result.narrow(static_cast<std::int64_t>(k) + 2, 0, sizes_[k]);
  return result;
}

void check_input(const torch::Tensor& x, std::int64_t channels, int dimension, const char* who) {
  if (x.dim() == dimension + 2 && x.size(1) == channels && x.is_floating_point()) return;
  std::ostringstream text;
  text << who << ": expected real numbers [batch, " << channels << "] and " << dimension << " axes of space, got "
       << x.dtype() << " " << x.sizes();
  throw ShapeError(text.str());
}

}  // namespace eddyline::unet
