#include "operators/fno/spectral_convolution.hpp"

#include <cmath>
#include <sstream>

#include "core/base/error.hpp"

namespace eddyline::fno {
namespace {

std::vector<std::int64_t> spatial_axes(std::size_t dimension) {
  std::vector<std::int64_t> axes;
  for (std::size_t axis = 0; axis < dimension; ++axis) axes.push_back(static_cast<std::int64_t>(axis) + 2);
  return axes;
}

std::vector<std::int64_t> spatial_sizes(const torch::Tensor& x) { return x.sizes().slice(2).vec(); }

void check_input(const torch::Tensor& x, std::int64_t channels, std::size_t dimension) {
  if (x.dim() == static_cast<std::int64_t>(dimension) + 2 && x.size(1) == channels) return;
  std::ostringstream text;
  text << "spectral convolution: expected [batch, " << channels << "] and " << dimension << " axes of space, got "
       << x.sizes();
  throw ShapeError(text.str());
}

/// sum_i X[b, i, k] W[i, o, k] for every mode k, as one batched complex matrix product over the modes.
torch::Tensor mixed(const torch::Tensor& x, const torch::Tensor& weight, std::int64_t out) {
  const auto batch = x.size(0), in = x.size(1);
  auto shape = x.sizes().vec();
  shape[1] = out;
  const auto by_mode = x.reshape({batch, in, -1}).permute({2, 0, 1});      // [k, b, i]
  const auto matrices = weight.reshape({in, out, -1}).permute({2, 0, 1});  // [k, i, o]
  return torch::bmm(by_mode, matrices).permute({1, 2, 0}).reshape(shape);
}

/// Positions of `kept` frequencies -kept/2 .. on an axis of `size` points in FFT order, as (start, length) runs: the
/// non-negative ones, then the negative ones.
struct Runs {
  std::int64_t positive, negative;
};
Runs runs(std::int64_t kept) { return {kept - kept / 2, kept / 2}; }

/// Gathers or scatters along one leading axis: index j of the compact axis is frequency j - kept/2.
torch::Tensor compact_axis(const torch::Tensor& x, std::int64_t axis, std::int64_t kept) {
  const Runs run = runs(kept);
  const auto size = x.size(axis);
  if (run.negative == 0) return x.narrow(axis, 0, run.positive);
  return torch::cat({x.narrow(axis, size - run.negative, run.negative), x.narrow(axis, 0, run.positive)}, axis);
}

/// Inverse of compact_axis with zeros elsewhere; `shift` rotates odd axes by one more when the library's defect is
/// wanted.
torch::Tensor spread_axis(const torch::Tensor& x, std::int64_t axis, std::int64_t size, OddShift shift) {
  const auto kept = x.size(axis);
  const Runs run = runs(kept);
  auto shape = x.sizes().vec();
  shape[static_cast<std::size_t>(axis)] = size - kept;
  auto full = torch::cat(
      {x.narrow(axis, run.negative, run.positive), torch::zeros(shape, x.options()), x.narrow(axis, 0, run.negative)},
      axis);
  if (shift == OddShift::fftshift && size % 2 == 1) full = torch::roll(full, -1, axis);
  return full;
}

/// Removes what a real signal cannot have on the last axis: the imaginary part of its first frequency and, when its
/// size is even, of its last one. CPU libraries ignore it, cuFFT does not promise to.
torch::Tensor real_ends(const torch::Tensor& spectrum, std::int64_t size) {
  auto keep = torch::ones({spectrum.size(-1), 2}, torch::view_as_real(spectrum).options());
  keep[0][1] = 0;
  if (size % 2 == 0 && spectrum.size(-1) == size / 2 + 1) keep[-1][1] = 0;
  return torch::view_as_complex(torch::view_as_real(spectrum) * keep);
}

}  // namespace

SpectralConvolutionImpl::SpectralConvolutionImpl(std::int64_t in, std::int64_t out,
                                                 const std::vector<std::int64_t>& modes, bool separable, OddShift shift)
    : in_(in), out_(out), modes_(modes), separable_(separable), shift_(shift) {
  if (separable && in != out) throw ConfigError("separable spectral weights need as many output as input channels");
  modes_.back() = modes_.back() / 2 + 1;
  std::vector<std::int64_t> shape = separable ? std::vector<std::int64_t>{in} : std::vector<std::int64_t>{in, out};
  shape.insert(shape.end(), modes_.begin(), modes_.end());
  shape.push_back(2);
  const double deviation = std::sqrt(2.0 / static_cast<double>(in + out));
  weight = register_parameter("weight", torch::randn(shape) * (deviation / std::sqrt(2.0)));  // E|w|^2 = deviation^2
  std::vector<std::int64_t> bias_shape(modes_.size() + 1, 1);
  bias_shape[0] = out;
  bias = register_parameter("bias", torch::randn(bias_shape) * deviation);
}

std::vector<std::int64_t> SpectralConvolutionImpl::kept_modes(const std::vector<std::int64_t>& sizes) const {
  std::vector<std::int64_t> kept;
  for (std::size_t axis = 0; axis < sizes.size(); ++axis)
    kept.push_back(std::min(modes_[axis], axis + 1 == sizes.size() ? sizes[axis] / 2 + 1 : sizes[axis]));
  return kept;
}

torch::Tensor SpectralConvolutionImpl::kept_weight(const std::vector<std::int64_t>& kept) const {
  auto kernel = torch::view_as_complex(weight.contiguous());
  for (std::size_t axis = 0; axis < kept.size(); ++axis) {
    const bool last = axis + 1 == kept.size();
    const auto weight_axis = static_cast<std::int64_t>(axis) + (separable_ ? 1 : 2);
    kernel = kernel.narrow(weight_axis, last ? 0 : (modes_[axis] - kept[axis]) / 2, kept[axis]);
  }
  return kernel;
}

torch::Tensor SpectralConvolutionImpl::forward(const torch::Tensor& x) {
  check_input(x, in_, modes_.size());
  const auto sizes = spatial_sizes(x);
  const auto kept = kept_modes(sizes);
  const bool plain = !separable_ && shift_ == OddShift::ifftshift;
  return plain && TruncatedTransform::pays(sizes, kept) ? forward_by_products(x, kept) : forward_by_fft(x);
}

torch::Tensor SpectralConvolutionImpl::forward_by_products(const torch::Tensor& x,
                                                           const std::vector<std::int64_t>& kept) {
  const auto sizes = spatial_sizes(x);
  if (!transform_ || !transform_->fits(sizes, x.options())) transform_.emplace(sizes, kept, x.options());
  const auto matrices = kept_weight(kept).reshape({in_ * out_, -1}).t().contiguous().view({-1, in_, out_});
  return transform_->synthesis(torch::bmm(transform_->analysis(x), matrices)) + bias;
}

torch::Tensor SpectralConvolutionImpl::forward_by_fft(const torch::Tensor& x) {
  check_input(x, in_, modes_.size());
  const std::size_t dimension = modes_.size();
  const auto axes = spatial_axes(dimension);
  const auto sizes = spatial_sizes(x);
  const auto kept = kept_modes(sizes);
  auto spectrum = torch::fft::rfftn(x, c10::nullopt, axes, "forward").narrow(axes.back(), 0, kept.back());
  for (std::size_t axis = 0; axis + 1 < dimension; ++axis) spectrum = compact_axis(spectrum, axes[axis], kept[axis]);
  const auto kernel = kept_weight(kept);
  auto result = separable_ ? spectrum * kernel : mixed(spectrum, kernel, out_);
  for (std::size_t axis = 0; axis + 1 < dimension; ++axis)
    result = spread_axis(result, axes[axis], sizes[axis], shift_);
  if (dimension > 1) {
    const std::vector<std::int64_t> leading(axes.begin(), axes.end() - 1);
    result = torch::fft::ifftn(result, c10::nullopt, leading, "forward");
  }
  return torch::fft::irfft(x.is_cuda() ? real_ends(result, sizes.back()) : result, sizes.back(), -1, "forward") + bias;
}

ClassicSpectralConvolutionImpl::ClassicSpectralConvolutionImpl(std::int64_t in, std::int64_t out,
                                                               const std::vector<std::int64_t>& modes)
    : in_(in), out_(out), modes_(modes) {
  std::vector<std::int64_t> shape = {in, out};
  shape.insert(shape.end(), modes.begin(), modes.end());
  shape.push_back(2);
  const int blocks = 1 << (modes.size() - 1);
  for (int block = 0; block < blocks; ++block)
    weights.push_back(
        register_parameter("weights" + std::to_string(block + 1), torch::rand(shape) / static_cast<double>(in * out)));
}

torch::Tensor ClassicSpectralConvolutionImpl::forward(const torch::Tensor& x) {
  const std::size_t dimension = modes_.size();
  check_input(x, in_, dimension);
  const auto axes = spatial_axes(dimension);
  const auto sizes = spatial_sizes(x);
  for (std::size_t axis = 0; axis < dimension; ++axis) {
    const auto available = axis + 1 == dimension ? sizes[axis] / 2 + 1 : sizes[axis];
    if (modes_[axis] > available)
      throw ShapeError("classic spectral convolution: " + std::to_string(modes_[axis]) + " modes on an axis of " +
                       std::to_string(sizes[axis]) + " points, which has " + std::to_string(available));
  }
  const auto spectrum = torch::fft::rfftn(x, c10::nullopt, axes);
  auto shape = spectrum.sizes().vec();
  shape[1] = out_;
  auto result = torch::zeros(shape, spectrum.options());
  for (std::size_t block = 0; block < weights.size(); ++block) {
    const auto corner = [&](torch::Tensor values) {
      for (std::size_t axis = 0; axis < dimension; ++axis) {
        const bool high = axis + 1 < dimension && ((block >> axis) & 1) != 0;
        values = values.narrow(axes[axis], high ? values.size(axes[axis]) - modes_[axis] : 0, modes_[axis]);
      }
      return values;
    };
    corner(result).copy_(mixed(corner(spectrum), torch::view_as_complex(weights[block].contiguous()), out_));
  }
  return torch::fft::irfftn(result, sizes, axes);
}

}  // namespace eddyline::fno
