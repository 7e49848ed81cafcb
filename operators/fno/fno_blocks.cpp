#include "operators/fno/fno_blocks.hpp"

#include <cmath>

#include "core/base/error.hpp"

namespace eddyline::fno {
namespace {

Factorisation factorisation_of(const FnoBlockConfig& config) {
  return {config.factorization == "none" ? "dense" : config.factorization, config.rank, config.ranks,
          config.implementation == "reconstructed"};
}

OddShift shift_of(const FnoBlockConfig& config) {
  return config.odd_shift == "fftshift" ? OddShift::fftshift : OddShift::ifftshift;
}

}  // namespace

std::int64_t round_half_even(double value) { return static_cast<std::int64_t>(std::nearbyint(value)); }

std::vector<std::int64_t> scaled_sizes(const torch::Tensor& x, const std::vector<double>& factors) {
  std::vector<std::int64_t> sizes;
  for (std::size_t axis = 0; axis < factors.size(); ++axis)
    sizes.push_back(round_half_even(static_cast<double>(x.size(static_cast<std::int64_t>(axis) + 2)) * factors[axis]));
  return sizes;
}

Rescaling rescaling_of(const FnoBlockConfig& config) {
  return config.compat == "neuraloperator" ? Rescaling::as_neuraloperator : Rescaling::by_frequency;
}

void FnoBlockConfig::fields(FieldVisitor& visit) {
  const auto skips = rule::one_of({"soft-gating", "linear", "identity", "none"});
  visit("activation", activation, rule::one_of({"gelu", "relu", "silu", "tanh"}),
        "between the layers and in the projection (fno: in the lifting too); the channel MLPs keep gelu");
  visit("norm", norm, rule::one_of({"none", "group_norm", "instance_norm", "batch_norm"}),
        "normalisation in the layers");
  visit("norm_groups", norm_groups, rule::at_least(1), "groups of group_norm");
  visit("use_channel_mlp", use_channel_mlp, rule::any(), "a pointwise MLP in every layer");
  visit("channel_mlp_expansion", channel_mlp_expansion, rule::positive(), "its hidden width over the width");
  visit("channel_mlp_skip", channel_mlp_skip, skips, "skip around it");
  visit("fno_skip", fno_skip, skips, "skip around the spectral convolution");
  visit("conv_bias_kernel", conv_bias_kernel, rule::at_least(1), "points of a linear fno_skip along each axis");
  visit("separable", separable, rule::any(), "one spectral weight a channel instead of a channel matrix");
  visit("preactivation", preactivation, rule::any(), "activation before instead of behind each layer");
  visit("stabilizer", stabilizer, rule::one_of({"none", "tanh"}), "bounds the input of the spectral convolution");
  visit("factorization", factorization, rule::one_of({"none", "tucker", "cp", "tt"}),
        "form of the spectral weights: none is dense, tucker is TFNO");
  visit("rank", rank, rule::positive(), "parameters of factorised weights as a part of the dense ones'");
  visit("ranks", ranks, rule::at_least(1), "their ranks instead: one an axis (tucker), one (cp), axes - 1 (tt)");
  visit("implementation", implementation, rule::one_of({"factorized", "reconstructed"}),
        "contract factor by factor, or rebuild the dense weight: equal but for rounding and cost");
  visit("odd_shift", odd_shift, rule::one_of({"ifftshift", "fftshift"}),
        "fftshift only for weights of neuraloperator 2.0.0");
  visit("compat", compat, rule::one_of({"none", "neuraloperator"}),
        "neuraloperator: rescale as that library does, only for weights that were trained with it");
}

FnoBlocksImpl::FnoBlocksImpl(const FnoBlockConfig& config, std::int64_t in, std::int64_t out,
                             const std::vector<std::int64_t>& modes, std::int64_t layers, bool is_open_ended)
    : activation_(config.complex_data ? "gelu" : config.activation),
      preactivation_(config.preactivation),
      has_tanh_(config.stabilizer == "tanh"),
      is_open_ended_(is_open_ended),
      rescaling_(rescaling_of(config)) {
  const auto axes = modes.size();
  const auto list = [&](const char* name) { return register_module(name, torch::nn::ModuleList()); };
  auto convolutions = list("convs");
  for (std::int64_t k = 0; k < layers; ++k) {
    if (config.complex_data) {
      complex_convolutions_.emplace_back(in, out, modes, config.separable, shift_of(config), factorisation_of(config),
                                         rescaling_);
      convolutions->push_back(complex_convolutions_.back());
    } else {
      convolutions_.emplace_back(in, out, modes, config.separable, shift_of(config), factorisation_of(config),
                                 rescaling_);
      convolutions_.back()->zeroes_ends = config.enforce_hermitian_symmetry;
      convolutions->push_back(convolutions_.back());
    }
  }
  const auto fill = [&](const char* name, auto& modules, std::int64_t count, const auto& make) {
    auto holder = list(name);
    for (std::int64_t k = 0; k < count; ++k) {
      modules.emplace_back(config.complex_data, make);
      holder->push_back(modules.back().module());
    }
  };
  if (config.fno_skip != "none")
    fill("fno_skips", fno_skips_, layers,
         [&] { return Skip(config.fno_skip, in, out, axes, config.conv_bias_kernel); });
  if (config.use_channel_mlp) {
    const auto hidden = round_half_even(static_cast<double>(out) * config.channel_mlp_expansion);
    if (hidden < 1)
      throw ConfigError("operator.channel_mlp_expansion " + std::to_string(config.channel_mlp_expansion) + " leaves " +
                        std::to_string(out) + " channels no hidden layer");
    fill("channel_mlp", mlps_, layers, [&] { return ChannelMlp(out, hidden, out); });
    if (config.channel_mlp_skip != "none")
      fill("channel_mlp_skips", mlp_skips_, layers, [&] { return Skip(config.channel_mlp_skip, in, out, axes); });
  }
  if (config.norm != "none")
    fill("norm", norms_, 2 * layers, [&] { return Norm(config.norm, out, config.norm_groups); });
}

torch::Tensor FnoBlocksImpl::convolved(const torch::Tensor& x, std::size_t layer,
                                       const std::vector<std::int64_t>& sizes) {
  if (!complex_convolutions_.empty()) return complex_convolutions_[layer](x, sizes);
  return convolutions_[layer]->forward_to(x, sizes);
}

torch::Tensor FnoBlocksImpl::forward(const torch::Tensor& input, std::int64_t layer_number,
                                     const std::vector<std::int64_t>& sizes) {
  const auto layer = static_cast<std::size_t>(layer_number);
  const bool activates = is_open_ended_ || layer + 1 < std::max(convolutions_.size(), complex_convolutions_.size());
  const auto active = [&](const torch::Tensor& y) {
    return on_parts(y, [&](const torch::Tensor& part) { return activated(part, activation_); });
  };
  const auto normed = [&](const torch::Tensor& y, std::size_t which) {
    return norms_.empty() ? y : norms_[2 * layer + which](y);
  };
  const auto skipped = [&](std::vector<PossiblyComplex<Skip>>& skips, const torch::Tensor& y) {
    return skips.empty() ? torch::Tensor() : resampled(skips[layer](y), sizes, rescaling_);
  };
  const auto plus = [](const torch::Tensor& y, const torch::Tensor& skip) { return skip.defined() ? y + skip : y; };
  auto x = preactivation_ ? normed(active(input), 0) : input;
  const auto skip = skipped(fno_skips_, x), mlp_skip = skipped(mlp_skips_, x);
  if (has_tanh_) x = on_parts(x, [](const torch::Tensor& part) { return torch::tanh(part); });
  auto y = convolved(x, layer, sizes);
  if (!preactivation_) y = normed(y, 0);
  x = plus(y, skip);
  if (activates) x = active(x);
  if (preactivation_) x = normed(x, 1);
  if (!mlps_.empty()) x = plus(mlps_[layer](x), mlp_skip);
  if (preactivation_) return x;
  x = normed(x, 1);
  return activates ? active(x) : x;
}

}  // namespace eddyline::fno
