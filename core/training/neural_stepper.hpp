#pragma once
// A trained operator as a Stepper: rollout, metrics and writers drive it like a solver.

#include <memory>
#include <string>
#include <vector>

#include "core/rollout/stepper.hpp"
#include "core/training/forecaster.hpp"

namespace eddyline {

/// What an operator knows about a trajectory besides its frames.
struct Conditioning {
  at::Tensor statics;              // [S, ...] in the order of training (fluid mask); undefined when S is 0
  std::vector<double> parameters;  // physical, in the order of training
};

[[nodiscard]] Conditioning conditioning_of(const Dataset& dataset, std::int64_t trajectory);
/// From `auxiliary["conditioning.statics"]` [S, ...] and `auxiliary["conditioning.parameters"]` [P] of a state; what is
/// missing is empty.
[[nodiscard]] Conditioning conditioning_of(const State& state);
/// The parameters of a case by name, its mask from a solver's fluid fraction.
/// @param fluid_fraction  [...], 0 in solids. @throws ConfigError when the model needs a parameter or static channel
/// that a case does not give.
[[nodiscard]] Conditioning conditioning_of(const Case& problem, const at::Tensor& fluid_fraction,
                                           const std::vector<Parameter>& parameters,
                                           const std::vector<Channel>& static_channels);

/// Evaluates in float32 and gives cell fields of the dtype it got, double with heads behind the operator. Not for
/// several threads at once.
class NeuralStepper final : public Stepper {
 public:
  /// @param channels  cell fields that the operator was trained on, in its order.
  /// @throws ShapeError when the conditioning does not fit the model.
  NeuralStepper(std::shared_ptr<const Forecaster> forecaster, std::vector<std::string> channels,
                const Conditioning& conditioning);
  /// @throws ConfigError when dt lies outside the trained range; ShapeError when a channel is missing or the grid does
  /// not fit the mask.
  [[nodiscard]] std::vector<State> advance(std::span<const State> past, double dt, int frames) const override;
  [[nodiscard]] int history() const override { return static_cast<int>(forecaster_->spec().history); }
  [[nodiscard]] int bundle() const override { return static_cast<int>(forecaster_->spec().bundle); }

 private:
  std::shared_ptr<const Forecaster> forecaster_;
  std::vector<std::string> channels_;
  at::Tensor statics_, parameters_;  // [1, S, ...], [1, P]
};

}  // namespace eddyline
