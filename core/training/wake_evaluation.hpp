#pragma once
// What the wake behind a body does in a rollout and in its reference: fluctuations, shedding, forces.

#include <ATen/core/Tensor.h>

#include <optional>
#include <string>
#include <vector>

#include "core/field/case.hpp"

namespace eddyline {

/// Prediction and reference of one scalar.
struct PredictedScalar {
  double prediction = 0, reference = 0;
  [[nodiscard]] double ratio() const { return prediction / reference; }
};

/// Of one trajectory. Forces are the wall integrals of the reference solver's own diagnostics on the data's grid, of
/// both sides alike; frequencies are those of the lift coefficient.
struct WakeResult {
  std::string trajectory;
  double fluctuation = 0;           // root mean square of the reference's velocity about its time mean, over U
  std::vector<double> correlation;  // a value a frame, see fluctuation_correlation
  PredictedScalar strouhal;         // f D / U
  PredictedScalar mean_drag, drag_amplitude, lift_amplitude;  // coefficients; drag at twice the shedding frequency
};

/// Correlation, frame by frame, of the velocity fluctuation: both sides minus the time mean of the *reference*, so that
/// a wrong mean flow counts as an error. [T]: sum p'.r' / sqrt(sum p'^2 sum r'^2) over components and fluid cells, each
/// weighted with its volume.
/// @param prediction, reference [T, D, ...]. @param weight [...]; 0 in solids.
[[nodiscard]] std::vector<double> fluctuation_correlation(const at::Tensor& prediction, const at::Tensor& reference,
                                                          const at::Tensor& weight);

/// Nothing where there is no wake to look at: no body, no velocity and pressure among the channels, fewer than 32
/// frames, or no solver of that name.
/// @param problem  on the data's grid. @param prediction, reference [T, C, ...]. @param dt  time between frames.
[[nodiscard]] std::optional<WakeResult> evaluate_wake(const std::string& trajectory,
                                                      const std::shared_ptr<const Case>& problem,
                                                      const std::vector<Channel>& channels,
                                                      const at::Tensor& prediction, const at::Tensor& reference,
                                                      double dt, const std::string& solver);

/// Smallest fluctuation that counts as a wake, over U; steady flows have no shedding to predict.
constexpr double least_fluctuation = 0.02;

/// A table of the trajectories and the means over those that shed.
[[nodiscard]] std::string wake_text(const std::vector<WakeResult>& wakes);
/// Header and a row a trajectory, full precision.
[[nodiscard]] std::string wake_csv(const std::vector<WakeResult>& wakes);

}  // namespace eddyline
