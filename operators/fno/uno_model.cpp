#include "operators/fno/uno_model.hpp"

#include <sstream>

#include "core/base/error.hpp"

namespace eddyline::fno {
namespace {

void check_length(const char* key, std::size_t given, std::size_t layers, std::size_t axes) {
  if (given != layers * axes)
    throw ConfigError(std::string("operator.") + key + ": " + std::to_string(given) + " numbers; " +
                      std::to_string(layers) + " layers (operator.uno_out_channels) on " + std::to_string(axes) +
                      " axes need " + std::to_string(layers * axes));
}

std::map<std::size_t, std::size_t> skip_sources(const std::vector<std::int64_t>& pairs, std::size_t layers) {
  std::map<std::size_t, std::size_t> sources;
  if (pairs.empty())
    for (std::size_t k = 0; k < layers / 2; ++k) sources[layers - 1 - k] = k;
  if (pairs.size() % 2 != 0) throw ConfigError("operator.horizontal_skips_map: give pairs: layer, earlier layer, ...");
  for (std::size_t k = 0; k < pairs.size(); k += 2) {
    if (pairs[k + 1] < 0 || pairs[k] <= pairs[k + 1] || pairs[k] >= static_cast<std::int64_t>(layers))
      throw ConfigError("operator.horizontal_skips_map: layer " + std::to_string(pairs[k]) +
                        " cannot take the result of layer " + std::to_string(pairs[k + 1]));
    sources[static_cast<std::size_t>(pairs[k])] = static_cast<std::size_t>(pairs[k + 1]);
  }
  return sources;
}

}  // namespace

void UnoConfig::fields(FieldVisitor& visit) {
  visit("hidden_channels", hidden_channels, rule::at_least(1), "width behind the lifting");
  visit("lifting_channels", lifting_channels, rule::at_least(1), "hidden width of the lifting");
  visit("projection_channels", projection_channels, rule::at_least(1), "hidden width of the projection");
  visit("uno_out_channels", uno_out_channels, rule::at_least(1), "width behind each layer; its length is the depth");
  visit("uno_n_modes", uno_n_modes, rule::at_least(1), "modes, layer by layer along each axis (y, x)");
  visit("uno_scalings", uno_scalings, rule::positive(), "points behind a layer over those before it, layer by layer");
  visit("horizontal_skips_map", horizontal_skips_map, rule::non_negative(),
        "pairs: layer, earlier layer whose result it takes; none given: last from first, and so on inwards");
  visit("horizontal_skip", horizontal_skip, rule::one_of({"linear", "soft-gating", "identity"}),
        "what such a result passes through");
  visit("positional_embedding", positional_embedding, rule::one_of({"grid", "none"}),
        "coordinates as further input channels");
  visit("domain_padding", domain_padding, rule::between(0, 2),
        "zeros on both sides of each axis, as a part of its length");
  FnoBlockConfig::fields(visit);
}

UnoModelImpl::UnoModelImpl(const UnoConfig& config, std::int64_t in, std::int64_t out, int dimension)
    : in_(in),
      dimension_(dimension),
      has_grid_(config.positional_embedding == "grid"),
      rescaling_(rescaling_of(config)) {
  const auto axes = static_cast<std::size_t>(dimension), layers = config.uno_out_channels.size();
  if (layers == 0) throw ConfigError("operator.uno_out_channels: give at least one layer");
  check_length("uno_n_modes", config.uno_n_modes.size(), layers, axes);
  check_length("uno_scalings", config.uno_scalings.size(), layers, axes);
  padding_ = for_every_axis(config.domain_padding, axes, "operator.domain_padding");
  source_ = skip_sources(config.horizontal_skips_map, layers);
  total_scaling_.assign(axes, 1);
  lifting_ = register_module(
      "lifting", ChannelMlp(in + (has_grid_ ? dimension : 0), config.lifting_channels, config.hidden_channels));
  auto blocks = register_module("fno_blocks", torch::nn::ModuleList());
  auto skips = register_module("horizontal_skips", std::make_shared<torch::nn::Module>());
  std::int64_t width = config.hidden_channels;
  for (std::size_t layer = 0; layer < layers; ++layer) {
    std::vector<double> scaling;
    std::vector<std::int64_t> modes;
    for (std::size_t axis = 0; axis < axes; ++axis) {
      scaling.push_back(config.uno_scalings[layer * axes + axis]);
      modes.push_back(config.uno_n_modes[layer * axes + axis]);
      total_scaling_[axis] *= scaling.back();
    }
    scaling_.push_back(scaling);
    if (source_.contains(layer)) width += config.uno_out_channels[source_.at(layer)];
    const auto next = config.uno_out_channels[layer];
    const bool has_gelu = config.compat == "none" && layer + 1 < layers;
    blocks_.emplace_back(config, width, next, modes, 1, has_gelu);
    blocks->push_back(blocks_.back());
    width = next;
    for (const auto& [user, source] : source_) {
      if (source != layer || horizontal_skips_.contains(layer)) continue;
      Skip skip(config.horizontal_skip, next, next, axes);
      skips->register_module(std::to_string(layer), skip);
      horizontal_skips_.emplace(layer, skip);
    }
  }
  projection_ = register_module("projection", ChannelMlp(width, config.projection_channels, out, config.activation));
}

torch::Tensor UnoModelImpl::forward(torch::Tensor x) {
  if (x.dim() != dimension_ + 2 || x.size(1) != in_) {
    std::ostringstream text;
    text << "UNO: expected [batch, " << in_ << "] and " << dimension_ << " axes of space, got " << x.sizes();
    throw ShapeError(text.str());
  }
  if (has_grid_) x = with_grid(x);
  x = lifting_(x);
  const DomainPadding padding(x, padding_);
  x = padding.padded(x);
  const auto end = scaled_sizes(x, total_scaling_);
  std::map<std::size_t, torch::Tensor> results;
  for (std::size_t layer = 0; layer < blocks_.size(); ++layer) {
    if (const auto source = source_.find(layer); source != source_.end())
      x = torch::cat({x, resampled(results.at(source->second), x.sizes().slice(2).vec(), rescaling_)}, 1);
    x = blocks_[layer](x, 0, layer + 1 == blocks_.size() ? end : scaled_sizes(x, scaling_[layer]));
    if (const auto skip = horizontal_skips_.find(layer); skip != horizontal_skips_.end())
      results[layer] = skip->second(x);
  }
  return projection_(padding.cropped(x, total_scaling_));
}

}  // namespace eddyline::fno
