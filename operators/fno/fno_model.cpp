#include "operators/fno/fno_model.hpp"

#include <algorithm>
#include <sstream>

#include "core/base/error.hpp"

namespace eddyline::fno {
namespace {

std::int64_t scaled_width(double ratio, std::int64_t width, const char* key) {
  const auto hidden = static_cast<std::int64_t>(ratio * static_cast<double>(width));
  if (hidden < 1)
    throw ConfigError(std::string("operator.") + key + " leaves " + std::to_string(width) +
                      " channels no hidden layer");
  return hidden;
}

std::vector<std::vector<double>> layer_scaling(const std::vector<double>& given, std::size_t layers, std::size_t axes) {
  std::vector<std::vector<double>> scaling(layers, std::vector<double>(axes, 1));
  if (given.empty()) return scaling;
  if (given.size() != 1 && given.size() != layers && given.size() != layers * axes)
    throw ConfigError("operator.resolution_scaling_factor: " + std::to_string(given.size()) +
                      " numbers; give one, one a layer (" + std::to_string(layers) + ") or one a layer and axis (" +
                      std::to_string(layers * axes) + ")");
  for (std::size_t layer = 0; layer < layers; ++layer)
    for (std::size_t axis = 0; axis < axes; ++axis)
      scaling[layer][axis] = given[given.size() == 1 ? 0 : given.size() == layers ? layer : layer * axes + axis];
  return scaling;
}

}  // namespace

void FnoConfig::fields(FieldVisitor& visit) {
  visit("n_modes", n_modes, rule::at_least(1),
        "modes along each axis (y, x): n frequencies from -n/2, the last axis 0..n/2");
  visit("hidden_channels", hidden_channels, rule::at_least(1), "width");
  visit("n_layers", n_layers, rule::between(1, 1000), "Fourier layers");
  visit("lifting_channel_ratio", lifting_channel_ratio, rule::positive(), "hidden width of the lifting over the width");
  visit("projection_channel_ratio", projection_channel_ratio, rule::positive(),
        "hidden width of the projection over the width");
  visit("positional_embedding", positional_embedding, rule::one_of({"grid", "none"}),
        "coordinates as further input channels");
  visit("domain_padding", domain_padding, rule::between(0, 2),
        "zeros on both sides of each axis, as a part of its length");
  visit("resolution_scaling_factor", resolution_scaling_factor, rule::positive(),
        "points behind a layer over those before it: one number, one a layer, or one a layer and axis");
  FnoBlockConfig::fields(visit);
}

std::vector<double> for_every_axis(const std::vector<double>& values, std::size_t axes, const std::string& key) {
  if (values.empty()) return std::vector<double>(axes, 0);
  if (values.size() == 1) return std::vector<double>(axes, values[0]);
  if (values.size() != axes) throw ConfigError(key + ": give one number for every axis or one for all");
  return values;
}

DomainPadding::DomainPadding(const torch::Tensor& x, const std::vector<double>& parts) {
  for (const auto count : scaled_sizes(x, parts)) counts_.push_back(count);
}

torch::Tensor DomainPadding::padded(const torch::Tensor& x) const {
  std::vector<std::int64_t> sides;  // last axis first
  for (auto count = counts_.rbegin(); count != counts_.rend(); ++count) sides.insert(sides.end(), {*count, *count});
  const bool pads = std::any_of(counts_.begin(), counts_.end(), [](std::int64_t count) { return count > 0; });
  return pads ? torch::constant_pad_nd(x, sides) : x;
}

torch::Tensor DomainPadding::cropped(const torch::Tensor& x, const std::vector<double>& scaling) const {
  auto result = x;
  for (std::size_t axis = 0; axis < counts_.size(); ++axis) {
    const auto count = round_half_even(scaling[axis] * static_cast<double>(counts_[axis]));
    const auto place = static_cast<std::int64_t>(axis) + 2;
    if (count > 0) result = result.narrow(place, count, result.size(place) - 2 * count);
  }
  return result.contiguous();
}

FnoModelImpl::FnoModelImpl(const FnoConfig& config, std::int64_t in, std::int64_t out, int dimension)
    : in_(in),
      dimension_(dimension),
      has_grid_(config.positional_embedding == "grid"),
      is_complex_(config.complex_data),
      lifting_(config.complex_data,
               [&] {
                 return ChannelMlp(
                     in + (has_grid_ ? dimension : 0),
                     scaled_width(config.lifting_channel_ratio, config.hidden_channels, "lifting_channel_ratio"),
                     config.hidden_channels, config.activation);
               }),
      projection_(config.complex_data, [&] {
        return ChannelMlp(
            config.hidden_channels,
            scaled_width(config.projection_channel_ratio, config.hidden_channels, "projection_channel_ratio"), out,
            config.activation);
      }) {
  const auto axes = static_cast<std::size_t>(dimension);
  if (config.n_modes.size() != axes)
    throw ConfigError("operator.n_modes: " + std::to_string(config.n_modes.size()) + " numbers for " +
                      std::to_string(axes) + " axes of space");
  if (is_complex_ && has_grid_) throw ConfigError("complex data take no positional_embedding");
  padding_ = for_every_axis(config.domain_padding, axes, "operator.domain_padding");
  scaling_ = layer_scaling(config.resolution_scaling_factor, static_cast<std::size_t>(config.n_layers), axes);
  total_scaling_.assign(axes, 1);
  for (const auto& layer : scaling_)
    for (std::size_t axis = 0; axis < axes; ++axis) total_scaling_[axis] *= layer[axis];
  register_module("lifting", lifting_.module());
  register_module("projection", projection_.module());
  blocks_ = register_module("fno_blocks", FnoBlocks(config, config.hidden_channels, config.hidden_channels,
                                                    config.n_modes, config.n_layers, false));
}

torch::Tensor FnoModelImpl::forward(torch::Tensor x) {
  if (x.dim() != dimension_ + 2 || x.size(1) != in_ || x.is_complex() != is_complex_) {
    std::ostringstream text;
    text << "FNO: expected [batch, " << in_ << "] and " << dimension_ << " axes of "
         << (is_complex_ ? "complex" : "real") << " numbers, got " << x.dtype() << " " << x.sizes();
    throw ShapeError(text.str());
  }
  if (has_grid_) x = with_grid(x);
  x = lifting_(x);
  const DomainPadding padding(x, padding_);
  x = padding.padded(x);
  for (std::size_t layer = 0; layer < scaling_.size(); ++layer)
    x = blocks_(x, static_cast<std::int64_t>(layer), scaled_sizes(x, scaling_[layer]));
  return projection_(padding.cropped(x, total_scaling_));
}

}  // namespace eddyline::fno
