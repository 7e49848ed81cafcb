#include "operators/factformer/factorised_encoder.hpp"

#include <numbers>

#include "core/training/register_at.hpp"

namespace eddyline::factformer {

FourierFeaturesImpl::FourierFeaturesImpl(int dimension, std::int64_t width, double scale) {
  matrix_ = register_buffer("_B", torch::randn({dimension, width / 2}) * scale);
}

torch::Tensor FourierFeaturesImpl::forward(const AxisPositions& positions, torch::Dtype dtype) {
  const torch::NoGradGuard no_gradient;
  // exp(i (a + b)) = exp(i a) exp(i b): sines and cosines of each axis alone, products at the points. The phases reach
  // hundreds, so they are made in double.
  torch::Tensor phasor;
  for (std::size_t axis = 0; axis < positions.size(); ++axis) {
    const auto phase = torch::outer(positions[axis].to(torch::kDouble) * (2 * std::numbers::pi),
                                    matrix_[static_cast<std::int64_t>(axis)].to(torch::kDouble));
    std::vector<std::int64_t> shape(positions.size() + 2, 1);
    shape[axis + 1] = phase.size(0);
    shape.back() = phase.size(1);
    const auto factor = torch::polar(torch::ones_like(phase), phase).view(shape);
    phasor = phasor.defined() ? phasor * factor : factor;
  }
  return torch::cat({torch::imag(phasor), torch::real(phasor)}, -1).to(dtype);
}

TimeLiftingImpl::TimeLiftingImpl(std::int64_t channels, std::int64_t frames, std::int64_t width) {
  lift_ = register_module("0", torch::nn::Conv2d(torch::nn::Conv2dOptions(channels, width / 2, 1).groups(channels)));
  join_ = register_module("2", torch::nn::Conv2d(torch::nn::Conv2dOptions(width / 2, width, {frames, 1}).bias(false)));
}

torch::Tensor TimeLiftingImpl::forward(const torch::Tensor& x) {
  const auto lifted = join_(torch::gelu(lift_(x.flatten(3)))).squeeze(2);  // [B, width, points]
  return lifted.transpose(1, 2).unflatten(1, x.sizes().slice(3));
}

EncoderImpl::EncoderImpl(const EncoderOptions& options) : repeats_(options.repeats) {
  const auto width = options.attention.width;
  for (std::int64_t layer = 0; layer < options.depth; ++layer) {
    const std::string name = "layers." + std::to_string(layer);
    features_.push_back(
        register_at(*this, name + ".0.0", FourierFeatures(options.attention.dimension, width, options.fourier_scale)));
    embeddings_.push_back(register_at(*this, name + ".0.1", torch::nn::Linear(width, width)));
    blocks_.push_back(register_at(*this, name + ".1", FactorisedAttention(options.attention)));
  }
}

torch::Tensor EncoderImpl::forward(torch::Tensor u, const AxisPositions& positions,
                                   std::vector<torch::Tensor>* increments) {
  for (std::size_t layer = 0; layer < blocks_.size(); ++layer) {
    u = u + embeddings_[layer](features_[layer](positions, u.scalar_type()));
    for (std::int64_t application = 0; application < repeats_; ++application) {
      const auto change = blocks_[layer](u, positions);
      if (increments != nullptr) increments->push_back(change);
      u = torch::add(u, change, 1.0 / static_cast<double>(repeats_));
    }
  }
  return u;
}

}  // namespace eddyline::factformer
