// The FNO family as trainable operators.

#include <cmath>
#include <optional>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/training/operator.hpp"
#include "operators/fno/fno_classic.hpp"
#include "operators/fno/fno_model.hpp"
#include "operators/fno/fno_scripts.hpp"
#include "operators/fno/uno_model.hpp"
#include "operators/kernels/dtype_check.hpp"

namespace eddyline::fno {
namespace {

/// [B, F*C, ...] to [B, F, C, ...].
torch::Tensor as_frames(const torch::Tensor& y, const OperatorSpec& spec) {
  return y.unflatten(1, {spec.bundle, spec.channels});
}

/// The specified start of pointwise layers (PyTorch's) and dense spectral weights (E|w|^2 = 2 / (C_in + C_out)).
/// A gate [1, channels, 1...] starts at ones; on a line it has the shape of a pointwise layer.
bool is_gate(const std::string& name, at::IntArrayRef shape) {
  return shape[0] == 1 && name.find("skips.") != std::string::npos;
}

std::map<std::string, InitialMoments> library_moments(const torch::nn::Module& module) {
  std::map<std::string, InitialMoments> moments;
  for (const auto& entry : module.named_parameters()) {
    const auto& shape = entry.value().sizes();
    if (!entry.key().ends_with(".weight")) continue;
    if (entry.key().find("convs.") != std::string::npos && shape.size() > 3)
      moments[entry.key()] = {0, std::sqrt(1.0 / static_cast<double>(shape[0] + shape[1]))};
    else if (shape.size() == 3 && shape[2] == 1 && !is_gate(entry.key(), shape))
      moments[entry.key()] = pytorch_moments(entry.value());
  }
  return moments;
}

void check_same_grid(const std::vector<double>& scaling, const char* key) {
  for (const double factor : scaling)
    if (factor != 1)
      throw ConfigError(std::string("operator.") + key + ": the layers together rescale an axis by " +
                        format_number(factor) + "; the next frame lies on the grid of the last one");
}

/// A mode that the grid of training does not have would keep its random weight for ever.
void check_modes(const FnoConfig& config, const OperatorSpec& spec) {
  if (spec.coordinates.size() != config.n_modes.size()) return;  // the grid is not known yet
  const auto padding = for_every_axis(config.domain_padding, config.n_modes.size(), "operator.domain_padding");
  for (std::size_t axis = 0; axis < config.n_modes.size(); ++axis) {
    const auto cells = static_cast<std::int64_t>(spec.coordinates[axis].size());
    const auto points = cells + 2 * round_half_even(padding[axis] * static_cast<double>(cells));
    if (config.n_modes[axis] <= points) continue;
    throw ConfigError("operator.n_modes: " + std::to_string(config.n_modes[axis]) + " modes along axis " +
                      std::to_string(axis) + " (of y, x), whose " + std::to_string(points) +
                      " points have no more than " + std::to_string(points));
  }
}

class FnoOperator final : public Operator {
 public:
  FnoOperator(const FnoConfig& config, const OperatorSpec& spec)
      : spec_(spec),
        is_translation_equivariant_(config.positional_embedding == "none" && config.domain_padding.empty() &&
                                    config.resolution_scaling_factor.empty() && config.conv_bias_kernel == 1 &&
                                    config.odd_shift == "ifftshift"),
        is_separable_(config.separable) {
    check_modes(config, spec);
    model_ = register_module(
        "model", FnoModel(config, stacked_channel_count(spec), spec.bundle * spec.channels, spec.dimension));
    check_same_grid(model_->total_scaling(), "resolution_scaling_factor");
    check_dtype_.emplace(*model_);
  }
  torch::Tensor forward(const Batch& batch) override {
    const auto x = stacked_channels(batch, spec_);
    (*check_dtype_)(batch.inputs);
    return as_frames(model_(x), spec_);
  }
  bool resolution_free() const override { return true; }
  std::map<std::string, InitialMoments> initialisation() const override {
    return is_separable_ ? std::map<std::string, InitialMoments>() : library_moments(*this);
  }
  std::vector<Symmetry> symmetries() const override {
    return is_translation_equivariant_ ? std::vector{Symmetry::translation} : std::vector<Symmetry>{};
  }

 private:
  OperatorSpec spec_;
  bool is_translation_equivariant_, is_separable_;
  FnoModel model_{nullptr};
  std::optional<DtypeCheck> check_dtype_;
};

class UnoOperator final : public Operator {
 public:
  UnoOperator(const UnoConfig& config, const OperatorSpec& spec) : spec_(spec) {
    model_ = register_module(
        "model", UnoModel(config, stacked_channel_count(spec), spec.bundle * spec.channels, spec.dimension));
    check_same_grid(model_->total_scaling(), "uno_scalings");
    check_dtype_.emplace(*model_);
  }
  torch::Tensor forward(const Batch& batch) override {
    const auto x = stacked_channels(batch, spec_);
    (*check_dtype_)(batch.inputs);
    return as_frames(model_(x), spec_);
  }
  bool resolution_free() const override { return true; }

 private:
  OperatorSpec spec_;
  UnoModel model_{nullptr};
  std::optional<DtypeCheck> check_dtype_;
};

class ClassicFnoOperator final : public Operator {
 public:
  ClassicFnoOperator(const ClassicFnoConfig& config, const OperatorSpec& spec) : spec_(spec) {
    const auto in = stacked_channel_count(spec), out = spec.bundle * spec.channels;
    if (config.modes.size() != static_cast<std::size_t>(spec.dimension))
      throw ConfigError("operator.modes: " + std::to_string(config.modes.size()) + " numbers for " +
                        std::to_string(spec.dimension) + " axes of space");
    if (config.form == "2020")
      form_2020_ = register_module("model", ClassicFno2020(config.modes, config.width, in + spec.dimension, out));
    else if (config.form == "2023")
      form_2023_ = register_module("model", ClassicFno2023(config.modes, config.width, in, out));
    else
      pdebench_ = register_module("model", ClassicFno(config, in, out, spec.dimension));
    check_dtype_.emplace(*this);
  }
  torch::Tensor forward(const Batch& batch) override {
    const auto stacked = stacked_channels(batch, spec_), x = stacked.movedim(1, -1);
    (*check_dtype_)(batch.inputs);
    const auto y = form_2020_   ? form_2020_(torch::cat({x, unit_grid(stacked)}, -1))
                   : form_2023_ ? form_2023_(x)
                                : pdebench_(x, unit_grid(stacked));
    return as_frames(y.movedim(-1, 1), spec_);
  }
  bool resolution_free() const override { return true; }

 private:
  OperatorSpec spec_;
  ClassicFno pdebench_{nullptr};
  ClassicFno2020 form_2020_{nullptr};
  ClassicFno2023 form_2023_{nullptr};
  std::optional<DtypeCheck> check_dtype_;
};

const OperatorRegistry::Registration<FnoOperator, FnoConfig> library_form{
    "fno", "Fourier neural operator, 1D to 3D, as in neuraloperator; factorised weights make it TFNO"};
const OperatorRegistry::Registration<UnoOperator, UnoConfig> u_shaped{
    "uno", "U-shaped Fourier neural operator, 1D to 3D, as in neuraloperator"};
const OperatorRegistry::Registration<ClassicFnoOperator, ClassicFnoConfig> classic_form{
    "fno_classic", "Fourier neural operator of the paper, as in PDEBench or the authors' scripts"};

}  // namespace
}  // namespace eddyline::fno
