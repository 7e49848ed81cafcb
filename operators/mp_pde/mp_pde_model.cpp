#include "operators/mp_pde/mp_pde_model.hpp"

#include <algorithm>
#include <sstream>

#include "core/base/error.hpp"
#include "core/training/register_at.hpp"

namespace eddyline::mp_pde {
namespace {

constexpr std::int64_t decoder_channels = 8;

}  // namespace

DecoderSizes decoder_sizes(std::int64_t width, std::int64_t frames) {
  if (width == 128 && frames == 20) return {15, 4, 10};
  if (width == 128 && frames == 25) return {16, 3, 14};
  if (width == 128 && frames == 50) return {12, 2, 10};
  const std::int64_t second = std::max<std::int64_t>(2, frames / 2), windows = frames + second - 1;
  const std::int64_t stride = width / windows;
  if (stride < 1)
    throw ConfigError("operator.width: " + std::to_string(width) +
                      " hidden channels are too few for the convolutional " + "decoder of " + std::to_string(frames) +
                      " frames; take at least " + std::to_string(windows) + " or decoder: linear");
  return {width - (windows - 1) * stride, stride, second};
}

MpPdeModelImpl::MpPdeModelImpl(const MpPdeOptions& options) : options_(options) {
  const auto width = options.width;
  embed_in_ = register_at(*this, "embedding_mlp.0",
                          torch::nn::Linear(options.fields + options.dimension + options.variables, width));
  embed_out_ = register_at(*this, "embedding_mlp.2", torch::nn::Linear(width, width));
  for (std::int64_t layer = 0; layer < options.layers; ++layer)
    layers_.push_back(register_at(*this, "gnn_layers." + std::to_string(layer),
                                  MessagePassing(width, options.fields, options.dimension, options.variables)));
  if (options.decoder == "linear") {
    linear_decoder_ = register_at(*this, "output_mlp.0", torch::nn::Linear(width, options.frames * options.channels));
    return;
  }
  const DecoderSizes sizes = decoder_sizes(width, options.frames);
  decode_in_ = register_at(
      *this, "output_mlp.0",
      torch::nn::Conv1d(torch::nn::Conv1dOptions(1, decoder_channels, sizes.first_kernel).stride(sizes.stride)));
  decode_out_ =
      register_at(*this, "output_mlp.2",
                  torch::nn::Conv1d(torch::nn::Conv1dOptions(decoder_channels, options.channels, sizes.second_kernel)));
}

void MpPdeModelImpl::check(const NodeInputs& inputs, const NodeGraph& graph) const {
  const auto nodes = graph.node_offsets.back();
  const auto fits = [&](const torch::Tensor& tensor, std::int64_t width) {
    return tensor.dim() == 2 && tensor.size(0) == nodes && tensor.size(1) == width;
  };
  if (nodes > 0 && graph.edges.in_degree.size(0) == nodes && fits(inputs.fields, options_.fields) &&
      fits(inputs.positions, options_.dimension) && fits(inputs.variables, options_.variables))
    return;
  std::ostringstream text;
  text << "MP-PDE: expected fields [N, " << options_.fields << "], positions [N, " << options_.dimension
       << "] and variables [N, " << options_.variables << "] with N > 0, got " << inputs.fields.sizes() << ", "
       << inputs.positions.sizes() << " and " << inputs.variables.sizes() << " for a graph of "
       << graph.edges.in_degree.size(0) << " nodes in " << graph.node_offsets.size() - 1 << " samples";
  throw ShapeError(text.str());
}

torch::Tensor MpPdeModelImpl::forward(const NodeInputs& inputs, const NodeGraph& graph, HiddenStates* hidden) {
  check(inputs, graph);
  auto h = torch::cat({inputs.fields, inputs.positions, inputs.variables}, 1);
  h = torch::silu(embed_out_(torch::silu(embed_in_(h))));
  if (hidden != nullptr) hidden->embedding = h;
  for (std::size_t layer = 0; layer < layers_.size(); ++layer) {
    h = layers_[layer](h, inputs, graph);
    if (hidden != nullptr && layer == 0) hidden->first_layer = h;
  }
  if (hidden != nullptr) hidden->last_layer = h;
  if (linear_decoder_) return linear_decoder_(h).unflatten(1, {options_.frames, options_.channels});
  return decode_out_(torch::silu(decode_in_(h.unsqueeze(1)))).transpose(1, 2);
}

}  // namespace eddyline::mp_pde
