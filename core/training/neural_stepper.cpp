#include "core/training/neural_stepper.hpp"

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/training/operator_with_heads.hpp"

namespace eddyline {

Conditioning conditioning_of(const Dataset& dataset, std::int64_t trajectory) {
  return {dataset.statics(trajectory), dataset.trajectory(trajectory).parameters};
}

Conditioning conditioning_of(const State& state) {
  Conditioning result;
  const auto statics = state.auxiliary.find("conditioning.statics");
  const auto parameters = state.auxiliary.find("conditioning.parameters");
  if (statics != state.auxiliary.end()) result.statics = statics->second;
  if (parameters != state.auxiliary.end()) {
    const at::Tensor values = parameters->second.to(at::kDouble).contiguous();
    result.parameters.assign(values.data_ptr<double>(), values.data_ptr<double>() + values.numel());
  }
  return result;
}

Conditioning conditioning_of(const Case& problem, const at::Tensor& fluid_fraction,
                             const std::vector<Parameter>& parameters, const std::vector<Channel>& static_channels) {
  Conditioning result;
  std::vector<std::string> known;
  for (const auto& [name, value] : problem.config().parameters) known.push_back(name);
  for (const auto& parameter : parameters) {
    const auto found = problem.config().parameters.find(parameter.name);
    if (found == problem.config().parameters.end())
      throw ConfigError("the model needs the parameter '" + printable(parameter.name) + "', case '" +
                        printable(problem.name()) + "' does not give it" + suggestion(parameter.name, known));
    result.parameters.push_back(found->second);
  }
  std::vector<at::Tensor> statics;
  for (const auto& channel : static_channels) {
    if (channel.name != "mask")
      throw ConfigError("the model needs the static channel '" + printable(channel.name) +
                        "', which a case does not give; predict from a dataset instead");
    statics.push_back((fluid_fraction > 0).to(at::kFloat));
  }
  if (!statics.empty()) result.statics = at::stack(statics);
  return result;
}

NeuralStepper::NeuralStepper(std::shared_ptr<const Forecaster> forecaster, std::vector<std::string> channels,
                             const Conditioning& conditioning)
    : forecaster_(std::move(forecaster)), channels_(std::move(channels)) {
  const OperatorSpec& spec = forecaster_->spec();
  const std::int64_t statics = conditioning.statics.defined() ? conditioning.statics.size(0) : 0;
  const auto parameters = static_cast<std::int64_t>(conditioning.parameters.size());
  if (statics != spec.static_channels || parameters != spec.parameters)
    throw ShapeError("the model takes " + std::to_string(spec.static_channels) + " static channels and " +
                     std::to_string(spec.parameters) + " parameters, got " + std::to_string(statics) + " and " +
                     std::to_string(parameters));
  if (conditioning.statics.defined()) statics_ = conditioning.statics.unsqueeze(0).to(at::kFloat);
  parameters_ = at::tensor(conditioning.parameters, at::kDouble).unsqueeze(0);
}

std::vector<State> NeuralStepper::advance(std::span<const State> past, double dt, int frames) const {
  const auto history = static_cast<std::size_t>(this->history());
  if (past.size() < history)
    throw DataError("the model needs " + std::to_string(history) + " past frames, got " + std::to_string(past.size()));
  std::vector<at::Tensor> cells;
  const bool is_double = state_type(forecaster_->model()) == at::kDouble;
  for (const State& state : past.last(history)) {
    const at::Tensor given = cell_tensor(state, channels_);
    cells.push_back(is_double ? given.to(at::kDouble) : given);
  }
  const State& now = past.back();
  ForecastInputs inputs;
  inputs.past = at::stack(cells).unsqueeze(0);
  auto shape = inputs.past.sizes().vec();
  shape.erase(shape.begin(), shape.begin() + 3);
  shape.insert(shape.begin(), {1, 0});
  inputs.statics = statics_.defined() ? statics_ : at::empty(shape, at::kFloat);
  inputs.parameters = parameters_;
  inputs.dt = at::full({1}, dt, at::kDouble);
  inputs.time = at::full({1}, now.time, at::kDouble);
  const at::Tensor predicted = forecaster_->forecast(inputs, frames)[0].to(inputs.past.scalar_type());
  std::vector<State> states;
  for (std::int64_t k = 0; k < frames; ++k)
    states.push_back(cell_state(now.problem, now.time + static_cast<double>(k + 1) * dt, channels_, predicted[k]));
  return states;
}

}  // namespace eddyline
