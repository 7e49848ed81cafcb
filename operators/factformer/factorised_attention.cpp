#include "operators/factformer/factorised_attention.hpp"

#include <cmath>

#include "core/training/register_at.hpp"

namespace eddyline::factformer {
namespace {

torch::nn::Linear linear(std::int64_t in, std::int64_t out, bool has_bias = false) {
  return torch::nn::Linear(torch::nn::LinearOptions(in, out).bias(has_bias));
}

/// (x - mean) / sqrt(variance + eps) over the given axes.
torch::Tensor standardised(const torch::Tensor& x, const std::vector<std::int64_t>& axes, bool unbiased, double eps) {
  const auto [variance, mean] = torch::var_mean(x, axes, unbiased, true);
  return (x - mean) * (variance + eps).rsqrt();
}

/// y[b, h, .., i, .., c] = sum_j K[b, h, i, j] v[b, h, .., j, .., c] with i, j on the given axis of space.
torch::Tensor contracted(const torch::Tensor& kernel, const torch::Tensor& v, std::int64_t axis) {
  const auto moved = v.movedim(axis + 2, 2);
  return torch::matmul(kernel, moved.flatten(3)).view(moved.sizes()).movedim(2, axis + 2);
}

/// All axes of space of a [B, n.., C] tensor but one.
std::vector<std::int64_t> other_axes(int dimension, int axis) {
  std::vector<std::int64_t> axes;
  for (int other = 0; other < dimension; ++other)
    if (other != axis) axes.push_back(other + 1);
  return axes;
}

}  // namespace

PooledAxisImpl::PooledAxisImpl(std::int64_t width, std::int64_t latent_width) {
  to_in_ = register_module("to_in", linear(width, width));
  norm_ = register_at(*this, "out_ffn.norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({width})));
  expand_ = register_at(*this, "out_ffn.fn.net.0", linear(width, 2 * width, true));
  contract_ = register_at(*this, "out_ffn.fn.net.3", linear(width, latent_width, true));
}

torch::Tensor PooledAxisImpl::forward(const torch::Tensor& mean) {
  const auto halves = expand_(norm_(to_in_(mean))).chunk(2, -1);
  return contract_(torch::gelu(halves[0]) * halves[1]);
}

AxialKernelImpl::AxialKernelImpl(std::int64_t latent_width, std::int64_t heads, std::int64_t kernel_width,
                                 double scaling, bool rotary)
    : heads_(heads), kernel_width_(kernel_width), scaling_(scaling) {
  to_q_ = register_module("to_q", linear(latent_width, heads * kernel_width));
  to_k_ = register_module("to_k", linear(latent_width, heads * kernel_width));
  // With this gain the kernels start near zero and the eps of the norm decides the size of the branch.
  for (auto& projection : {to_q_, to_k_}) torch::nn::init::xavier_uniform_(projection->weight, 0.02);
  if (!rotary) return;
  auto embedding = register_module("pos_emb", std::make_shared<torch::nn::Module>());
  const auto even = torch::arange(0, kernel_width, 2, torch::kFloat);
  inverse_frequencies_ =
      embedding->register_buffer("inv_freq", torch::pow(1e4, even / static_cast<double>(kernel_width)).reciprocal());
}

torch::Tensor AxialKernelImpl::forward(const torch::Tensor& pooled, const torch::Tensor& positions) {
  const auto by_head = [&](torch::nn::Linear& projection) {  // [B, n, h * D] to [B, h, n, D]
    return projection(pooled).unflatten(-1, {heads_, kernel_width_}).transpose(1, 2);
  };
  auto q = by_head(to_q_), k = by_head(to_k_);
  if (inverse_frequencies_.defined()) {
    // Rotary embedding; dimensions d and d + D/2 form a pair. The lowest frequency is 1/64, hence the factor. The
    // angles reach hundreds: they are made in double.
    const auto angles = torch::outer(positions.to(torch::kDouble) * 64, inverse_frequencies_.to(torch::kDouble));
    const auto cosine = angles.cos().to(pooled.dtype()), sine = angles.sin().to(pooled.dtype());
    const auto rotated = [&](const torch::Tensor& t) {
      const auto halves = t.chunk(2, -1);
      return torch::cat({halves[0] * cosine - halves[1] * sine, halves[1] * cosine + halves[0] * sine}, -1);
    };
    q = rotated(q);
    k = rotated(k);
  }
  const auto kernel = torch::matmul(q, k.transpose(-1, -2));
  return scaling_ == 1 ? kernel : kernel * scaling_;
}

FactorisedAttentionImpl::FactorisedAttentionImpl(const AttentionOptions& options) : options_(options) {
  const auto width = options.width, mixed_width = options.heads * options.head_width;
  const auto kernel_width = options.head_width * options.kernel_multiplier;
  in_norm_ = register_module("in_norm", torch::nn::LayerNorm(torch::nn::LayerNormOptions({width})));
  to_v_ = register_module("to_v", linear(width, mixed_width));
  to_in_ = register_module("to_in", linear(width, width));
  const double scaling =
      options.kernel_multiplier > 4 ? 1 / std::sqrt(static_cast<double>(kernel_width)) : options.scaling;
  for (int axis = 0; axis < options.dimension; ++axis) {
    const std::string letter(1, "xyz"[axis]);
    // The original's sequences start with a transposition on every axis but the first.
    pooled_.push_back(
        register_at(*this, "to_" + letter + (axis == 0 ? ".0" : ".1"), PooledAxis(width, options.latent_width)));
    kernels_.push_back(
        register_module("low_rank_kernel_" + letter,
                        AxialKernel(options.latent_width, options.heads, kernel_width, scaling, options.rotary)));
  }
  const auto joined = mixed_width * (options.mixing == "parallel" ? options.dimension : 1);
  const auto out = options.out_width;
  const std::int64_t first = options.norm == "channel_instance" ? 2 : 1;  // what stands before the layers there
  out_ = {register_at(*this, "to_out." + std::to_string(first), linear(joined, out)),
          register_at(*this, "to_out." + std::to_string(first + 2), linear(out, out))};
  if (options.second_mlp) {
    out_.push_back(register_at(*this, "to_out_1.0", linear(out, out)));
    out_.push_back(register_at(*this, "to_out_1.2", linear(out, out)));
  }
}

std::vector<torch::Tensor> FactorisedAttentionImpl::kernels_of_normed(const torch::Tensor& normed,
                                                                      const AxisPositions& positions) {
  std::vector<torch::Tensor> kernels;
  for (int axis = 0; axis < options_.dimension; ++axis) {
    // The original pools to_x.to_in(to_in(u)). Both are linear without bias and commute with the mean, so the mean
    // comes first: two products over all points less for every axis.
    const auto mean = options_.dimension == 1 ? normed : normed.mean(other_axes(options_.dimension, axis));
    const auto index = static_cast<std::size_t>(axis);
    kernels.push_back(kernels_[index](pooled_[index](to_in_(mean)), positions[index]));
  }
  return kernels;
}

std::vector<torch::Tensor> FactorisedAttentionImpl::kernels(const torch::Tensor& u, const AxisPositions& positions) {
  return kernels_of_normed(in_norm_(u), positions);
}

torch::Tensor FactorisedAttentionImpl::normalised(const torch::Tensor& mixed) const {
  const auto merged = [](const torch::Tensor& x) { return x.movedim(1, -2).flatten(-2); };  // to [B, n.., h * c]
  if (options_.norm == "instance_rowwise") {
    const auto rows = merged(mixed);
    return torch::layer_norm(rows, rows.sizes().slice(2), {}, {}, 1e-5);
  }
  const bool with_channels = options_.norm == "head_group";
  std::vector<std::int64_t> axes;
  for (std::int64_t axis = 2; axis < mixed.dim() - (with_channels ? 0 : 1); ++axis) axes.push_back(axis);
  return merged(standardised(mixed, axes, with_channels, with_channels ? 1e-8 : 1e-5));
}

torch::Tensor FactorisedAttentionImpl::forward(const torch::Tensor& u, const AxisPositions& positions) {
  const auto normed = in_norm_(u);
  const auto kernels = kernels_of_normed(normed, positions);
  // Values by head: [B, h, n.., c].
  const auto v = to_v_(normed).unflatten(-1, {options_.heads, options_.head_width}).movedim(-2, 1);
  torch::Tensor mixed = v;
  if (options_.mixing == "chained") {
    for (std::size_t axis = 0; axis < kernels.size(); ++axis)
      mixed = contracted(kernels[axis], mixed, static_cast<std::int64_t>(axis));
  } else {
    std::vector<torch::Tensor> parts;
    for (std::size_t axis = 0; axis < kernels.size(); ++axis)
      parts.push_back(contracted(kernels[axis], v, static_cast<std::int64_t>(axis)));
    mixed = torch::cat(parts, -1);
  }
  auto y = out_[1](torch::gelu(out_[0](normalised(mixed))));
  if (options_.second_mlp) y = out_[3](torch::gelu(out_[2](y)));
  return y;
}

}  // namespace eddyline::factformer
