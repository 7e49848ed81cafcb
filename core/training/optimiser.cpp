#include "core/training/optimiser.hpp"

#include <cmath>
#include <numbers>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace eddyline {
namespace {

at::Tensor real_view(const at::Tensor& tensor) { return tensor.is_complex() ? at::view_as_real(tensor) : tensor; }

/// Copies `values` into tensors of the same names; lists every difference.
void copy_by_name(const NamedState& targets, const NamedState& values, const std::string& source) {
  std::vector<std::string> problems, given, expected;
  for (const auto& [name, value] : values) given.push_back(name);
  for (const auto& [name, target] : targets) expected.push_back(name);
  for (const auto& [name, target] : targets) {
    const auto found = values.find(name);
    if (found == values.end()) {
      const auto near = nearest_name(name, given);
      problems.push_back("missing '" + name + "'" + (near ? "; did you mean '" + printable(*near) + "'?" : ""));
    } else if (found->second.sizes() != target.sizes()) {
      std::ostringstream shapes;
      shapes << "'" << name << "' is " << found->second.sizes() << ", the model's is " << target.sizes();
      problems.push_back(shapes.str());
    }
  }
  for (const auto& [name, value] : values) {
    if (targets.contains(name)) continue;
    const auto near = nearest_name(name, expected);
    problems.push_back("unexpected '" + printable(name) + "'" + (near ? "; did you mean '" + *near + "'?" : ""));
  }
  if (!problems.empty()) {
    const std::size_t shown = 12, count = problems.size();
    if (count > shown) problems.resize(shown);
    throw DataError("the weights in '" + source + "' do not fit the model (" + std::to_string(count) +
                    " differences):\n  " + join(problems, "\n  ") + (count > shown ? "\n  ..." : ""));
  }
  const torch::NoGradGuard no_gradient;
  for (const auto& [name, target] : targets) {
    at::Tensor writable = target;
    writable.copy_(values.at(name));
  }
}

}  // namespace

double LearningRateSchedule::operator()(std::int64_t step) const {
  const std::int64_t position = step / stride;
  if (position < warmup) return peak * static_cast<double>(position + 1) / static_cast<double>(warmup);
  const double done = static_cast<double>(position - warmup) / static_cast<double>(std::max<std::int64_t>(length, 1));
  return last + 0.5 * (peak - last) * (1 + std::cos(std::numbers::pi * std::min(done, 1.0)));
}

double clip_gradients(const std::vector<torch::Tensor>& parameters, double limit) {
  std::vector<at::Tensor> gradients;
  for (const auto& parameter : parameters) {
    if (!parameter.grad().defined()) continue;
    if (parameter.grad().is_conj()) parameter.mutable_grad() = parameter.grad().resolve_conj();
    gradients.push_back(real_view(parameter.grad()));
  }
  if (gradients.empty()) return 0;
  const double norm = at::stack(at::_foreach_norm(gradients)).norm().item<double>();
  if (limit > 0 && norm > limit) at::_foreach_mul_(gradients, limit / norm);
  return norm;
}

AdamW::AdamW(torch::nn::Module& module, AdamWOptions options) : options_(options) {
  for (const auto& item : module.named_parameters()) {
    if (!item.value().requires_grad()) continue;
    const at::Tensor real = real_view(item.value().detach());
    slots_.push_back({item.key(), item.value(), at::zeros_like(real), at::zeros_like(real), at::zeros({}, at::kFloat),
                      options.decays_all || item.value().dim() >= 2});
  }
}

void AdamW::step(double learning_rate) {
  for (const bool decays : {true, false}) {
    std::vector<at::Tensor> weights, gradients, first, second, steps;
    for (const Slot& slot : slots_) {
      if (slot.decays != decays || !slot.parameter.grad().defined()) continue;
      if (options_.joins_parts && slot.parameter.is_complex()) {
        step_joined(slot, learning_rate);
        continue;
      }
      weights.push_back(real_view(slot.parameter.detach()));
      gradients.push_back(real_view(slot.parameter.grad()));
      first.push_back(slot.first_moment);
      second.push_back(slot.second_moment);
      steps.push_back(slot.steps);
    }
    if (weights.empty()) continue;
    at::_foreach_add_(steps, 1);
    at::_fused_adamw_(weights, gradients, first, second, {}, steps, learning_rate, options_.beta1, options_.beta2,
                      decays ? options_.weight_decay : 0, options_.epsilon, false, false);
  }
}

void AdamW::step_joined(const Slot& slot, double learning_rate) const {
  const torch::NoGradGuard no_gradient;
  at::Tensor weight = real_view(slot.parameter.detach()), first = slot.first_moment, second = slot.second_moment;
  at::Tensor steps = slot.steps;
  const at::Tensor gradient = real_view(slot.parameter.grad());
  const double n = steps.add_(1).item<double>();
  first.lerp_(gradient, 1 - options_.beta1);
  second.mul_(options_.beta2).add_(gradient.square().sum(-1, true), 1 - options_.beta2);
  const double first_bias = 1 - std::pow(options_.beta1, n), second_bias = 1 - std::pow(options_.beta2, n);
  if (slot.decays) weight.mul_(1 - learning_rate * options_.weight_decay);
  weight.addcdiv_(first, (second / second_bias).sqrt_().add_(options_.epsilon), -learning_rate / first_bias);
}

NamedState AdamW::state() const {
  NamedState state;
  for (const Slot& slot : slots_) {
    state[slot.name + ".first_moment"] = slot.first_moment;
    state[slot.name + ".second_moment"] = slot.second_moment;
    state[slot.name + ".steps"] = slot.steps;
  }
  return state;
}

void AdamW::restore(const NamedState& state, const std::string& source) { copy_by_name(this->state(), state, source); }

WeightAverage::WeightAverage(torch::nn::Module& module, double decay)
    : module_(module), decay_(decay), average_(copied(weights_of(module))) {}

void WeightAverage::update(std::int64_t step) {
  const torch::NoGradGuard no_gradient;
  const double n = static_cast<double>(step);
  const double decay = std::min(decay_, (1 + n) / (10 + n));
  for (auto& [name, value] : weights_of(module_)) {
    at::Tensor& average = average_.at(name);
    if (decay_ > 0 && value.is_floating_point())
      average.lerp_(value, 1 - decay);
    else
      average.copy_(value);
  }
}

void WeightAverage::restore(const NamedState& state, const std::string& source) {
  copy_by_name(average_, state, source);
}

WeightAverage::Applied::Applied(WeightAverage& average) : average_(average), own_(copied(weights_of(average.module_))) {
  load_weights(average.module_, average.average_, "the average");
}

WeightAverage::Applied::~Applied() { load_weights(average_.module_, own_, "the weights"); }

NamedState weights_of(const torch::nn::Module& module) {
  NamedState weights;
  for (const auto& item : module.named_parameters()) weights[item.key()] = real_view(item.value().detach());
  for (const auto& item : module.named_buffers()) weights[item.key()] = real_view(item.value().detach());
  return weights;
}

NamedState copied(const NamedState& state) {
  NamedState copy;
  for (const auto& [name, value] : state) copy[name] = value.detach().clone().contiguous();
  return copy;
}

void load_weights(torch::nn::Module& module, const NamedState& weights, const std::string& source) {
  copy_by_name(weights_of(module), weights, source);
}

}  // namespace eddyline
