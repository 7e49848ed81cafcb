#include "core/training/operator_with_heads.hpp"

#include "core/base/error.hpp"
#include "core/training/normalised_operator.hpp"

namespace eddyline {
namespace {

constexpr const char* network_name = "network";

/// [C] to [C, 1...] for `dimension` axes of space.
at::Tensor along_channels(const at::Tensor& values, int dimension, const at::Tensor& like) {
  std::vector<std::int64_t> shape(static_cast<std::size_t>(dimension) + 1, 1);
  shape[0] = values.numel();
  return values.to(like.options()).view(shape);
}

}  // namespace

OperatorWithHeads::OperatorWithHeads(std::shared_ptr<Operator> network, std::vector<std::unique_ptr<Head>> heads,
                                     const OperatorSpec& spec, std::shared_ptr<const Normaliser> normaliser)
    : network_(std::move(network)), heads_(std::move(heads)), spec_(spec), normaliser_(std::move(normaliser)) {
  register_module(network_name, network_);
}

at::ScalarType OperatorWithHeads::weight_type() const {
  const auto parameters = network_->parameters();
  return parameters.empty() ? at::kFloat : c10::toRealValueType(parameters.front().scalar_type());
}

torch::Tensor OperatorWithHeads::forward(const Batch& batch) {
  Batch seen = batch;
  seen.inputs = batch.inputs.to(weight_type());
  const std::int64_t outputs = heads_.front()->outputs();
  torch::Tensor given = network_->forward(seen).to(batch.inputs.scalar_type());
  if (given.dim() != batch.inputs.dim() || given.size(1) != spec_.bundle * outputs || given.size(2) != spec_.channels)
    throw ShapeError("the operator gave " + shape_text(given) + "; its heads take " +
                     std::to_string(spec_.bundle * outputs) + " frames of " + std::to_string(spec_.channels) +
                     " channels");
  HeadInputs inputs;
  inputs.mask = batch.mask;
  torch::Tensor last, scale;  // normalised
  if (spec_.forecasts()) {
    last = batch.inputs.narrow(1, batch.inputs.size(1) - 1, 1);
    scale = normaliser_->increment_scale(given);
    inputs.last = normaliser_->invert(last);
    inputs.increment = scale * along_channels(normaliser_->deviation, spec_.dimension, given);
  }
  std::size_t next = 0;
  torch::Tensor frames;
  if (outputs > 1) {
    // Each frame asks for several: [B, F * n, C, ...] is [B, F, n, C, ...].
    frames = heads_[next++]->apply(given.unflatten(1, {spec_.bundle, outputs}), inputs);
  } else {
    const bool are_frames = !spec_.forecasts() || network_->output() == Output::frames;
    frames = normaliser_->invert(are_frames ? given : last + given * scale);
  }
  for (; next < heads_.size(); ++next) frames = heads_[next]->apply(frames, inputs);
  const torch::Tensor normalised = normaliser_->apply(frames);
  return spec_.forecasts() ? (normalised - last) / scale : normalised;
}

std::map<std::string, InitialMoments> OperatorWithHeads::initialisation() const {
  std::map<std::string, InitialMoments> moments;
  for (const auto& [name, expected] : network_->initialisation())
    moments[std::string(network_name) + "." + name] = expected;
  return moments;
}

std::shared_ptr<Operator> make_operator(const PluginChoice& choice, const std::vector<HeadConfig>& heads,
                                        const HeadContext& context,
                                        const std::shared_ptr<const Normaliser>& normaliser) {
  OperatorSpec of_network = context.spec;
  std::vector<std::unique_ptr<Head>> made;
  for (std::size_t n = 0; n < heads.size(); ++n) {
    const std::string place = "heads." + std::to_string(n) + ": ";
    try {
      made.push_back(HeadRegistry::instance().create(heads[n].choice.name, *heads[n].choice.config, context));
    } catch (const ConfigError& error) {
      throw ConfigError(place + error.what());
    }
    if (made.back()->outputs() == 1) continue;
    if (n > 0) throw ConfigError(place + heads[n].choice.name + " shapes what the network gives; put it first");
    if (!context.spec.forecasts())
      throw ConfigError(place + heads[n].choice.name + " needs a past frame to start from; the task gives none");
    of_network.bundle *= made.back()->outputs();
  }
  std::shared_ptr<Operator> network = OperatorRegistry::instance().create(choice.name, *choice.config, of_network);
  if (made.empty()) return network;
  if (context.spec.wall_exponent > 0)
    throw ConfigError("heads: task.wall_exponent changes the fields behind the heads; use one of the two");
  if (made.front()->outputs() > 1 && network->output() != Output::increments)
    throw ConfigError("heads.0: operator '" + choice.name + "' gives frames, not increments; it has no fluxes to give");
  return std::make_shared<OperatorWithHeads>(std::move(network), std::move(made), context.spec, normaliser);
}

at::ScalarType state_type(const Operator& model) {
  return dynamic_cast<const OperatorWithHeads*>(&model) != nullptr ? at::kDouble : at::kFloat;
}

}  // namespace eddyline
