#include "benchmarks/operators/fno_textbook.hpp"

namespace eddyline::benchmarks {
namespace {

using torch::indexing::Ellipsis;
using torch::indexing::None;
using torch::indexing::Slice;
using torch::indexing::TensorIndex;

std::vector<std::int64_t> spatial_axes(const torch::Tensor& x) {
  std::vector<std::int64_t> axes;
  for (std::int64_t axis = 2; axis < x.dim(); ++axis) axes.push_back(axis);
  return axes;
}

/// sum_i x[b, i, modes] w[i, o, modes].
torch::Tensor mixed(const torch::Tensor& x, const torch::Tensor& weight) {
  const std::string modes = std::string("xyz").substr(0, static_cast<std::size_t>(x.dim() - 2));
  return torch::einsum("bi" + modes + ",io" + modes + "->bo" + modes, {x, weight});
}

torch::Tensor complex_parameter(const torch::Tensor& pairs) { return torch::view_as_complex(pairs); }

}  // namespace

FnoTextbook::FnoTextbook(const Operator& ours, const OperatorSpec& spec, std::vector<std::int64_t> n_modes,
                         std::int64_t layers, bool is_tucker)
    : TextbookOperator(ours), spec_(spec), n_modes_(std::move(n_modes)), layers_(layers), is_tucker_(is_tucker) {}

torch::Tensor FnoTextbook::weighted(const torch::Tensor& spectrum, const std::string& name) const {
  if (!is_tucker_) return mixed(spectrum, complex_parameter(parameter(name)));
  const auto factor = [&](int number) {
    return complex_parameter(parameter(name + ".factors.factor_" + std::to_string(number)));
  };
  const auto core =
      torch::einsum("rsuv,xu,yv->rsxy", {complex_parameter(parameter(name + ".core")), factor(2), factor(3)});
  const auto inner = mixed(torch::einsum("bixy,ir->brxy", {spectrum, factor(0)}), core);
  return torch::einsum("bsxy,os->boxy", {inner, factor(1)});
}

torch::Tensor FnoTextbook::pointwise(const torch::Tensor& x, const std::string& name, bool has_bias) const {
  const auto& weight = parameter(name + ".weight");
  auto shape = x.sizes().vec();
  shape[1] = weight.size(0);
  return torch::conv1d(x.flatten(2), weight, has_bias ? parameter(name + ".bias") : torch::Tensor()).view(shape);
}

torch::Tensor FnoTextbook::channel_mlp(const torch::Tensor& x, const std::string& name) const {
  return pointwise(torch::gelu(pointwise(x, name + ".fcs.0")), name + ".fcs.1");
}

torch::Tensor FnoTextbook::spectral_convolution(const torch::Tensor& x, const std::string& name) const {
  const auto axes = spatial_axes(x);
  const std::vector<std::int64_t> leading(axes.begin(), axes.end() - 1), sizes = x.sizes().slice(2).vec();
  auto spectrum = torch::fft::rfftn(x, c10::nullopt, axes, "forward");
  if (!leading.empty()) spectrum = torch::fft::fftshift(spectrum, leading);
  std::vector<TensorIndex> kept = {Slice(), Slice()};
  for (std::size_t axis = 0; axis < axes.size(); ++axis) {
    const bool last = axis + 1 == axes.size();
    const auto count = last ? n_modes_[axis] / 2 + 1 : n_modes_[axis];
    const auto start = last ? 0 : sizes[axis] / 2 - count / 2;
    kept.emplace_back(Slice(start, start + count));
  }
  auto result = torch::zeros(spectrum.sizes(), spectrum.options());
  result.index_put_(kept, weighted(spectrum.index(kept), name + ".weight"));
  if (!leading.empty()) result = torch::fft::ifftshift(result, leading);
  return torch::fft::irfftn(result, sizes, axes, "forward") + parameter(name + ".bias");
}

torch::Tensor FnoTextbook::forward(const Batch& batch) {
  auto x = stacked_channels(batch, spec_);
  std::vector<torch::Tensor> lines;
  for (const std::int64_t axis : spatial_axes(x))
    lines.push_back(torch::linspace(0, 1, x.size(axis) + 1, x.options()).narrow(0, 0, x.size(axis)));
  auto grid_shape = x.sizes().vec();
  grid_shape[1] = static_cast<std::int64_t>(lines.size());
  x = torch::cat({x, torch::stack(torch::meshgrid(lines, "ij")).unsqueeze(0).expand(grid_shape)}, 1);
  x = channel_mlp(x, "model.lifting");
  for (std::int64_t layer = 0; layer < layers_; ++layer) {
    const std::string number = std::string(".").append(std::to_string(layer)), blocks = "model.fno_blocks.";
    const auto skip = pointwise(x, blocks + "fno_skips" + number + ".conv", false);
    const auto mlp_skip = x * parameter(blocks + "channel_mlp_skips" + number + ".weight");
    x = spectral_convolution(x, blocks + "convs" + number) + skip;
    if (layer + 1 < layers_) x = torch::gelu(x);
    x = channel_mlp(x, blocks + "channel_mlp" + number) + mlp_skip;
    if (layer + 1 < layers_) x = torch::gelu(x);
  }
  return channel_mlp(x, "model.projection").unflatten(1, {spec_.bundle, spec_.channels});
}

ClassicFnoTextbook::ClassicFnoTextbook(const Operator& ours, const OperatorSpec& spec, std::vector<std::int64_t> modes)
    : TextbookOperator(ours), spec_(spec), modes_(std::move(modes)) {}

torch::Tensor ClassicFnoTextbook::spectral_convolution(const torch::Tensor& x, const std::string& name) const {
  const auto spectrum = torch::fft::rfft2(x);
  auto result = torch::zeros(spectrum.sizes(), spectrum.options());
  const Slice low(None, modes_[0]), high(-modes_[0], None), last(None, modes_[1]);
  result.index_put_({Ellipsis, low, last},
                    mixed(spectrum.index({Ellipsis, low, last}), complex_parameter(parameter(name + ".weights1"))));
  result.index_put_({Ellipsis, high, last},
                    mixed(spectrum.index({Ellipsis, high, last}), complex_parameter(parameter(name + ".weights2"))));
  return torch::fft::irfft2(result, x.sizes().slice(2));
}

torch::Tensor ClassicFnoTextbook::forward(const Batch& batch) {
  constexpr int layers = 4, padding = 2;
  const auto linear = [&](const torch::Tensor& x, const std::string& name) {
    return torch::nn::functional::linear(x, parameter(name + ".weight"), parameter(name + ".bias"));
  };
  auto x = stacked_channels(batch, spec_).permute({0, 2, 3, 1});
  const auto rows = x.size(1), columns = x.size(2);
  const auto grid = torch::stack(
      torch::meshgrid({torch::linspace(0, 1, rows, x.options()), torch::linspace(0, 1, columns, x.options())}, "ij"),
      -1);
  x = torch::cat({x, grid.unsqueeze(0).expand({x.size(0), rows, columns, 2})}, -1);
  x = linear(x, "model.fc0").permute({0, 3, 1, 2});
  x = torch::constant_pad_nd(x, {0, padding, 0, padding});
  for (int layer = 0; layer < layers; ++layer) {
    const std::string number = std::to_string(layer);
    x = spectral_convolution(x, "model.conv" + number) +
        torch::conv2d(x, parameter("model.w" + number + ".weight"), parameter("model.w" + number + ".bias"));
    if (layer + 1 < layers) x = torch::gelu(x);
  }
  x = x.index({Ellipsis, Slice(None, -padding), Slice(None, -padding)}).permute({0, 2, 3, 1});
  x = linear(torch::gelu(linear(x, "model.fc1")), "model.fc2");
  return x.permute({0, 3, 1, 2}).unflatten(1, {spec_.bundle, spec_.channels});
}

}  // namespace eddyline::benchmarks
