#include "operators/ifactformer/ifactformer_model.hpp"

#include "core/training/register_at.hpp"

namespace eddyline::ifactformer {

IFactFormerModelImpl::IFactFormerModelImpl(const IFactFormerOptions& options) {
  const auto width = options.encoder.attention.width;
  if (options.frames > 0)
    time_lifting_ = register_module("to_in", factformer::TimeLifting(options.in_channels, options.frames, width));
  else
    linear_lifting_ = register_module("to_in", torch::nn::Linear(options.in_channels, width));
  encoder_ = register_module("encoder", factformer::Encoder(options.encoder));
  head_in_ = register_at(*this, "simple_to_out.1",
                         torch::nn::Conv1d(torch::nn::Conv1dOptions(width, width / 2, 1).bias(false)));
  head_out_ = register_at(*this, "simple_to_out.3",
                          torch::nn::Conv1d(torch::nn::Conv1dOptions(width / 2, options.out_channels, 1)));
}

torch::Tensor IFactFormerModelImpl::forward(const torch::Tensor& x, const factformer::AxisPositions& positions,
                                            std::vector<torch::Tensor>* increments) {
  const auto u = encoder_(time_lifting_ ? time_lifting_(x) : linear_lifting_(x), positions, increments);
  const auto points = u.flatten(1, -2).transpose(1, 2).contiguous();
  return head_out_(torch::gelu(head_in_(points)))
      .unflatten(2, u.sizes().slice(1, static_cast<std::size_t>(u.dim()) - 2));
}

}  // namespace eddyline::ifactformer
