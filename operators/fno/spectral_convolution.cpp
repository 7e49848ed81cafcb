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

/// Removes what a real signal cannot have on the last axis: the imaginary part of its first frequency and of its
/// Nyquist frequency. CPU libraries ignore both, cuFFT does not promise to.
torch::Tensor real_ends(const torch::Tensor& spectrum, bool ends_in_nyquist) {
  auto keep = torch::ones({spectrum.size(-1), 2}, torch::view_as_real(spectrum).options());
  keep[0][1] = 0;
  if (ends_in_nyquist) keep[-1][1] = 0;
  return torch::view_as_complex(torch::view_as_real(spectrum) * keep);
}

}  // namespace

SpectralConvolutionImpl::SpectralConvolutionImpl(std::int64_t in, std::int64_t out,
                                                 const std::vector<std::int64_t>& modes, bool separable, OddShift shift,
                                                 const Factorisation& factorisation, Rescaling rescaling)
    : in_(in), out_(out), modes_(modes), separable_(separable), shift_(shift), rescaling_(rescaling) {
  if (separable && in != out) throw ConfigError("separable spectral weights need as many output as input channels");
  modes_.back() = modes_.back() / 2 + 1;
  std::vector<std::int64_t> shape = separable ? std::vector<std::int64_t>{in} : std::vector<std::int64_t>{in, out};
  shape.insert(shape.end(), modes_.begin(), modes_.end());
  const double deviation = std::sqrt(2.0 / static_cast<double>(in + out));
  if (factorisation.kind == "dense") {
    shape.push_back(2);
    // E|w|^2 = deviation^2
    const auto start = torch::randn(shape) * (deviation / std::sqrt(2.0));
    weight = register_parameter("weight", separable ? start : stored_by_mode(start));
  } else {
    factorised_ = register_module("weight", FactorisedWeight(factorisation, shape, separable ? 1 : 2, deviation));
  }
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
  auto kernel = torch::view_as_complex(weight);
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
  const bool plain = !factorised_ && !separable_ && shift_ == OddShift::ifftshift;
  return plain && TruncatedTransform::pays(sizes, kept) ? forward_by_products(x, kept) : forward_by_fft(x);
}

torch::Tensor SpectralConvolutionImpl::forward_by_products(const torch::Tensor& x,
                                                           const std::vector<std::int64_t>& kept) {
  const auto sizes = spatial_sizes(x);
  if (!transform_ || !transform_->fits(sizes, x.options())) transform_.emplace(sizes, kept, x.options());
  const auto matrices = matrices_by_mode(kept_weight(kept));
  return transform_->synthesis(torch::bmm(transform_->analysis(x), matrices)) + bias;
}

torch::Tensor SpectralConvolutionImpl::filtered(const torch::Tensor& x) {
  const std::size_t dimension = modes_.size();
  const auto axes = spatial_axes(dimension);
  const auto sizes = spatial_sizes(x);
  const auto kept = kept_modes(sizes);
  auto spectrum = torch::fft::rfftn(x, c10::nullopt, axes, "forward").narrow(axes.back(), 0, kept.back());
  for (std::size_t axis = 0; axis + 1 < dimension; ++axis) spectrum = compact_axis(spectrum, axes[axis], kept[axis]);
  torch::Tensor result;
  if (factorised_) {
    ModeCut cut;
    for (std::size_t axis = 0; axis < dimension; ++axis)
      cut.emplace_back(axis + 1 == dimension ? 0 : (modes_[axis] - kept[axis]) / 2, kept[axis]);
    result = factorised_(spectrum, cut);
  } else {
    const auto kernel = kept_weight(kept);
    result = separable_ ? spectrum * kernel : mixed_channels(spectrum, kernel);
  }
  for (std::size_t axis = 0; axis + 1 < dimension; ++axis)
    result = spread_axis(result, axes[axis], sizes[axis], shift_);
  return result;
}

torch::Tensor SpectralConvolutionImpl::forward_by_fft(const torch::Tensor& x) {
  const std::size_t dimension = modes_.size();
  check_input(x, in_, dimension);
  auto result = filtered(x);
  if (dimension > 1) {
    auto leading = spatial_axes(dimension);
    leading.pop_back();
    result = torch::fft::ifftn(result, c10::nullopt, leading, "forward");
  }
  const auto size = x.size(-1);
  if (x.is_cuda()) result = real_ends(result, size % 2 == 0 && result.size(-1) == size / 2 + 1);
  return torch::fft::irfft(result, size, -1, "forward") + bias;
}

torch::Tensor SpectralConvolutionImpl::forward_to(const torch::Tensor& x, const std::vector<std::int64_t>& sizes) {
  const std::size_t dimension = modes_.size();
  check_input(x, in_, dimension);
  if (spatial_sizes(x) == sizes) return forward(x);
  const auto axes = spatial_axes(dimension);
  auto result = filtered(x);
  const auto full = x.size(-1) / 2 + 1;
  if (result.size(-1) < full) {
    auto shape = result.sizes().vec();
    shape.back() = full - shape.back();
    result = torch::cat({result, torch::zeros(shape, result.options())}, -1);
  }
  const std::vector<std::int64_t> leading(axes.begin(), axes.end() - 1), leading_sizes(sizes.begin(), sizes.end() - 1);
  if (rescaling_ == Rescaling::by_frequency) {
    for (std::size_t axis = 0; axis < leading.size(); ++axis)
      result = resized_frequencies(result, leading[axis], leading_sizes[axis]);
    if (!leading.empty()) result = torch::fft::ifftn(result, c10::nullopt, leading, "forward");
    result = resized_half(real_ends(result, x.size(-1) % 2 == 0), x.size(-1), sizes.back());
    return torch::fft::irfft(result, sizes.back(), -1, "forward") + bias;
  }
  // Padded and cropped at the end of each axis.
  if (!leading.empty()) result = torch::fft::ifftn(result, leading_sizes, leading, "forward");
  if (zeroes_ends) result = real_ends(result, sizes.back() % 2 == 0);
  return torch::fft::irfft(result, sizes.back(), -1, "forward") + bias;
}

ClassicSpectralConvolutionImpl::ClassicSpectralConvolutionImpl(std::int64_t in, std::int64_t out,
                                                               const std::vector<std::int64_t>& modes,
                                                               bool is_2020_form)
    : in_(in), out_(out), modes_(modes), is_2020_form_(is_2020_form) {
  std::vector<std::int64_t> shape = {is_2020_form ? out : in, is_2020_form ? in : out};
  shape.insert(shape.end(), modes.begin(), modes.end());
  shape.push_back(2);
  const int blocks = 1 << (modes.size() - 1);
  for (int block = 0; block < blocks; ++block)
    weights.push_back(register_parameter("weights" + std::to_string(block + 1),
                                         stored_by_mode(torch::rand(shape) / static_cast<double>(in * out))));
}

torch::Tensor ClassicSpectralConvolutionImpl::forward(const torch::Tensor& x) {
  const std::size_t dimension = modes_.size();
  check_input(x, in_, dimension);
  const auto sizes = spatial_sizes(x);
  for (std::size_t axis = 0; axis < dimension; ++axis) {
    const auto available = axis + 1 == dimension ? sizes[axis] / 2 + 1 : sizes[axis];
    if (modes_[axis] > available)
      throw ShapeError("classic spectral convolution: " + std::to_string(modes_[axis]) + " modes on an axis of " +
                       std::to_string(sizes[axis]) + " points, which has " + std::to_string(available));
  }
  std::vector<std::int64_t> kept;
  bool overlaps = false;
  for (std::size_t axis = 0; axis < dimension; ++axis) {
    kept.push_back(axis + 1 == dimension ? modes_[axis] : 2 * modes_[axis]);
    overlaps = overlaps || (axis + 1 < dimension && kept.back() > sizes[axis]);
  }
  return overlaps || !TruncatedTransform::pays(sizes, kept) ? forward_by_fft(x) : forward_by_products(x, kept);
}

torch::Tensor ClassicSpectralConvolutionImpl::forward_by_products(const torch::Tensor& x,
                                                                  const std::vector<std::int64_t>& kept) {
  const auto sizes = spatial_sizes(x);
  if (!transform_ || !transform_->fits(sizes, x.options())) transform_.emplace(sizes, kept, x.options());
  // The blocks side by side are one weight in the order of the transform: on each leading axis the negative
  // frequencies, which the blocks of the odd numbers hold, before the others. The two norms of the transforms come to
  // the same product.
  std::vector<torch::Tensor> parts;  // [modes.., a, b], as they lie in memory
  const auto axes = static_cast<std::int64_t>(modes_.size());
  std::vector<std::int64_t> order;
  for (std::int64_t axis = 0; axis < axes + 2; ++axis) order.push_back((axis + 2) % (axes + 2));
  for (const auto& weight : weights) parts.push_back(torch::view_as_complex(weight).permute(order));
  for (std::int64_t axis = 0; parts.size() > 1; ++axis) {
    std::vector<torch::Tensor> joined;
    for (std::size_t block = 0; block < parts.size(); block += 2)
      joined.push_back(torch::cat({parts[block + 1], parts[block]}, axis));
    parts = joined;
  }
  auto matrices = parts.front().flatten(0, axes - 1);
  if (is_2020_form_) matrices = matrices.transpose(1, 2);
  return transform_->synthesis(torch::bmm(transform_->analysis(x), matrices));
}

torch::Tensor ClassicSpectralConvolutionImpl::forward_by_fft(const torch::Tensor& x) {
  const std::size_t dimension = modes_.size();
  check_input(x, in_, dimension);
  const auto axes = spatial_axes(dimension);
  const auto sizes = spatial_sizes(x);
  const char* norm = is_2020_form_ ? "ortho" : "backward";
  const auto spectrum = torch::fft::rfftn(x, c10::nullopt, axes, norm);
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
    auto kernel = torch::view_as_complex(weights[block]);
    if (is_2020_form_) kernel = kernel.transpose(0, 1);
    corner(result).copy_(mixed_channels(corner(spectrum), kernel));
  }
  return torch::fft::irfftn(result, sizes, axes, norm);
}

}  // namespace eddyline::fno
