#include "operators/fno/spectrum_resize.hpp"

#include "core/base/error.hpp"

namespace eddyline::fno {
namespace {

torch::Tensor zeros_along(const torch::Tensor& like, std::int64_t axis, std::int64_t size) {
  auto shape = like.sizes().vec();
  shape[static_cast<std::size_t>(axis)] = size;
  return torch::zeros(shape, like.options());
}

std::vector<std::int64_t> space_axes(const torch::Tensor& x) {
  std::vector<std::int64_t> axes;
  for (std::int64_t axis = 2; axis < x.dim(); ++axis) axes.push_back(axis);
  return axes;
}

torch::Tensor interpolated(const torch::Tensor& x, const std::vector<std::int64_t>& sizes) {
  const auto axes = space_axes(x);
  if (x.is_complex()) {
    auto spectrum = torch::fft::fftn(x, c10::nullopt, axes, "forward");
    for (std::size_t k = 0; k < axes.size(); ++k) spectrum = resized_frequencies(spectrum, axes[k], sizes[k]);
    return torch::fft::ifftn(spectrum, c10::nullopt, axes, "forward");
  }
  auto spectrum = torch::fft::rfftn(x, c10::nullopt, axes, "forward");
  for (std::size_t k = 0; k + 1 < axes.size(); ++k) spectrum = resized_frequencies(spectrum, axes[k], sizes[k]);
  return torch::fft::irfftn(resized_half(spectrum, x.size(-1), sizes.back()), sizes, axes, "forward");
}

/// neuraloperator's 3D form: m/2 coefficients from the front, the rest of m from the back, m the smaller size.
torch::Tensor library_spectral(const torch::Tensor& x, const std::vector<std::int64_t>& sizes) {
  const auto axes = space_axes(x);
  auto spectrum = torch::fft::rfftn(x, c10::nullopt, axes, "forward");
  for (std::size_t k = 0; k + 1 < axes.size(); ++k) {
    const auto from = spectrum.size(axes[k]), kept = std::min(from, sizes[k]), front = kept / 2, back = kept - front;
    spectrum = torch::cat({spectrum.narrow(axes[k], 0, front), zeros_along(spectrum, axes[k], sizes[k] - kept),
                           spectrum.narrow(axes[k], from - back, back)},
                          axes[k]);
  }
  return torch::fft::irfftn(spectrum, sizes, axes, "forward");
}

}  // namespace

torch::Tensor resized_frequencies(const torch::Tensor& spectrum, std::int64_t axis, std::int64_t to) {
  const auto from = spectrum.size(axis);
  if (from == to) return spectrum;
  const auto kept = std::min(from, to), positive = (kept + 1) / 2, negative = kept / 2;
  const auto low = spectrum.narrow(axis, 0, positive);
  auto high = spectrum.narrow(axis, from - negative, negative);
  if (kept % 2 == 1) return torch::cat({low, zeros_along(spectrum, axis, to - kept), high}, axis);
  const auto rest = high.narrow(axis, 1, negative - 1);
  if (to > from) {
    const auto half = high.narrow(axis, 0, 1) * 0.5;
    return torch::cat({low, half, zeros_along(spectrum, axis, to - kept - 1), half, rest}, axis);
  }
  return torch::cat({low, high.narrow(axis, 0, 1) + spectrum.narrow(axis, positive, 1), rest}, axis);
}

torch::Tensor resized_half(const torch::Tensor& spectrum, std::int64_t from, std::int64_t to) {
  if (from == to) return spectrum;
  const auto axis = spectrum.dim() - 1;
  const auto smaller = std::min(from, to), kept = smaller / 2 + 1;
  auto result = spectrum.narrow(axis, 0, kept);
  if (smaller % 2 == 0)  // the real field's -Nyquist is the conjugate: in the half spectrum it shows as a factor of two
    result = torch::cat({result.narrow(axis, 0, kept - 1), result.narrow(axis, kept - 1, 1) * (to > from ? 0.5 : 2.0)},
                        axis);
  return torch::cat({result, zeros_along(spectrum, axis, to / 2 + 1 - kept)}, axis);
}

torch::Tensor resampled(const torch::Tensor& x, const std::vector<std::int64_t>& sizes, Rescaling how) {
  if (x.sizes().slice(2) == at::IntArrayRef(sizes)) return x;
  if (how == Rescaling::by_frequency) return interpolated(x, sizes);
  if (x.is_complex()) throw ConfigError("neuraloperator cannot rescale complex data; use compat: none");
  if (sizes.size() == 1) return torch::upsample_linear1d(x, sizes, true);
  if (sizes.size() == 2) return torch::upsample_bicubic2d(x, sizes, true);
  return library_spectral(x, sizes);
}

}  // namespace eddyline::fno
