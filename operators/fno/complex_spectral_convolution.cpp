#include "operators/fno/complex_spectral_convolution.hpp"

#include <cmath>
#include <sstream>

#include "core/base/error.hpp"

namespace eddyline::fno {

ComplexSpectralConvolutionImpl::ComplexSpectralConvolutionImpl(std::int64_t in, std::int64_t out,
                                                               const std::vector<std::int64_t>& modes, bool separable,
                                                               OddShift shift, const Factorisation& factorisation,
                                                               Rescaling compatibility)
    : in_(in), modes_(modes), separable_(separable), shift_(shift), compatibility_(compatibility) {
  if (separable && in != out) throw ConfigError("separable spectral weights need as many output as input channels");
  std::vector<std::int64_t> shape = separable ? std::vector<std::int64_t>{in} : std::vector<std::int64_t>{in, out};
  shape.insert(shape.end(), modes_.begin(), modes_.end());
  const double deviation = std::sqrt(2.0 / static_cast<double>(in + out));
  if (factorisation.kind == "dense") {
    shape.push_back(2);
    weight_ = register_parameter("weight", torch::randn(shape) * (deviation / std::sqrt(2.0)));
  } else {
    factorised_ = register_module("weight", FactorisedWeight(factorisation, shape, separable ? 1 : 2, deviation));
  }
  std::vector<std::int64_t> bias_shape(modes_.size() + 1, 1);
  bias_shape[0] = out;
  bias_ = register_parameter("bias", torch::randn(bias_shape) * deviation);
}

torch::Tensor ComplexSpectralConvolutionImpl::weighted(const torch::Tensor& spectrum, const ModeCut& cut) {
  if (factorised_) return factorised_(spectrum, cut);
  auto kernel = torch::view_as_complex(weight_.contiguous());
  for (std::size_t axis = 0; axis < cut.size(); ++axis)
    kernel = kernel.narrow((separable_ ? 1 : 2) + static_cast<std::int64_t>(axis), cut[axis].first, cut[axis].second);
  return separable_ ? spectrum * kernel : mixed_channels(spectrum, kernel);
}

torch::Tensor ComplexSpectralConvolutionImpl::forward(const torch::Tensor& x, const std::vector<std::int64_t>& sizes) {
  const std::size_t dimension = modes_.size();
  if (!x.is_complex() || x.dim() != static_cast<std::int64_t>(dimension) + 2 || x.size(1) != in_) {
    std::ostringstream text;
    text << "complex spectral convolution: expected complex numbers [batch, " << in_ << "] and " << dimension
         << " axes of space, got " << x.dtype() << " " << x.sizes();
    throw ShapeError(text.str());
  }
  const bool as_library = compatibility_ == Rescaling::as_neuraloperator;
  std::vector<std::int64_t> axes;
  for (std::size_t axis = 0; axis < dimension; ++axis) axes.push_back(static_cast<std::int64_t>(axis) + 2);
  std::vector<std::int64_t> shifted_back = axes;  // the library: not at all in 1D, all but the last axis else
  if (as_library) shifted_back.pop_back();
  auto spectrum = torch::fft::fftn(x, c10::nullopt, axes, "forward");
  if (!as_library || dimension > 1) spectrum = torch::fft::fftshift(spectrum, axes);
  auto full_shape = spectrum.sizes().vec();
  ModeCut cut;
  std::vector<std::int64_t> first(dimension);
  for (std::size_t axis = 0; axis < dimension; ++axis) {
    const auto size = x.size(axes[axis]), kept = std::min(modes_[axis], size);
    cut.emplace_back((modes_[axis] - kept) / 2, kept);
    first[axis] = as_library && axis + 1 == dimension ? 0 : size / 2 - kept / 2;
    spectrum = spectrum.narrow(axes[axis], first[axis], kept);
  }
  auto result = weighted(spectrum, cut);
  for (std::size_t axis = 0; axis < dimension; ++axis) {  // back into zeros
    auto before = result.sizes().vec(), behind = before;
    const auto place = axis + 2;
    before[place] = first[axis];
    behind[place] = full_shape[place] - first[axis] - cut[axis].second;
    result = torch::cat({torch::zeros(before, result.options()), result, torch::zeros(behind, result.options())},
                        axes[axis]);
  }
  if (!shifted_back.empty())
    result = shift_ == OddShift::fftshift ? torch::fft::fftshift(result, shifted_back)
                                          : torch::fft::ifftshift(result, shifted_back);
  if (!as_library)
    for (std::size_t axis = 0; axis < dimension; ++axis) result = resized_frequencies(result, axes[axis], sizes[axis]);
  return torch::fft::ifftn(result, sizes, axes, "forward") + bias_;
}

}  // namespace eddyline::fno
