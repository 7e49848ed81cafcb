#include "core/training/wake_evaluation.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/field/derived.hpp"
#include "core/rollout/metrics.hpp"
#include "core/rollout/oscillation.hpp"
#include "core/rollout/solver.hpp"

namespace eddyline {
namespace {

struct Forces {
  std::vector<double> drag, lift;
};

/// Coefficients of every frame, by the solver's diagnostics.
Forces forces_of(const Solver& solver, const Case& problem, const std::vector<Channel>& channels,
                 const at::Tensor& frames) {
  const auto names = channel_names(channels), wanted = channel_names(problem.channels());
  std::vector<std::int64_t> order;
  for (const auto& name : wanted) order.push_back(std::find(names.begin(), names.end(), name) - names.begin());
  const at::Tensor ordered = frames.index_select(1, at::tensor(order, at::kLong)).to(at::kDouble);
  Forces forces;
  for (std::int64_t frame = 0; frame < ordered.size(0); ++frame)
    for (const auto& [name, value] : solver.diagnostics(solver.from_cells(ordered[frame], 0))) {
      if (name == "drag_coefficient") forces.drag.push_back(value);
      if (name == "lift_coefficient") forces.lift.push_back(value);
    }
  return forces;
}

double mean_of(const std::vector<double>& values) {
  double sum = 0;
  for (const double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

bool has_all(const std::vector<std::string>& names, const std::vector<std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  });
}

/// Columns of the table and the file, in one place.
struct Column {
  const char* name;
  double (*value)(const WakeResult&);
};
const std::vector<Column> columns = {
    {"fluctuation", [](const WakeResult& w) { return w.fluctuation; }},
    {"correlation_25", [](const WakeResult& w) { return w.correlation.at(24); }},
    {"correlation_50",
     [](const WakeResult& w) { return w.correlation.at(std::min<std::size_t>(49, w.correlation.size() - 1)); }},
    {"correlation_last", [](const WakeResult& w) { return w.correlation.back(); }},
    {"strouhal", [](const WakeResult& w) { return w.strouhal.prediction; }},
    {"reference_strouhal", [](const WakeResult& w) { return w.strouhal.reference; }},
    {"mean_drag", [](const WakeResult& w) { return w.mean_drag.prediction; }},
    {"reference_mean_drag", [](const WakeResult& w) { return w.mean_drag.reference; }},
    {"drag_amplitude", [](const WakeResult& w) { return w.drag_amplitude.prediction; }},
    {"reference_drag_amplitude", [](const WakeResult& w) { return w.drag_amplitude.reference; }},
    {"lift_amplitude", [](const WakeResult& w) { return w.lift_amplitude.prediction; }},
    {"reference_lift_amplitude", [](const WakeResult& w) { return w.lift_amplitude.reference; }},
};

std::string padded(std::string text, std::size_t width) {
  return std::string(width > text.size() ? width - text.size() : 0, ' ') + text;
}

}  // namespace

std::vector<double> fluctuation_correlation(const at::Tensor& prediction, const at::Tensor& reference,
                                            const at::Tensor& weight) {
  const at::Tensor truth = reference.to(at::kDouble), mean = truth.mean(0, true);
  const at::Tensor p = (prediction.to(at::kDouble) - mean).flatten(1), r = (truth - mean).flatten(1);
  const at::Tensor w = weight.to(at::kDouble).unsqueeze(0).expand(truth.sizes().slice(1)).flatten();
  const at::Tensor both = (p * r * w).sum(1), scale = ((p * p * w).sum(1) * (r * r * w).sum(1)).sqrt();
  const at::Tensor values = (both / scale).contiguous();
  return {values.data_ptr<double>(), values.data_ptr<double>() + values.numel()};
}

std::optional<WakeResult> evaluate_wake(const std::string& trajectory, const std::shared_ptr<const Case>& problem,
                                        const std::vector<Channel>& channels, const at::Tensor& prediction,
                                        const at::Tensor& reference, double dt, const std::string& solver) {
  constexpr std::int64_t fewest_frames = 32;
  if (problem == nullptr || problem->config().obstacles.empty() || reference.size(0) < fewest_frames) return {};
  const auto velocity = velocity_channels(channels, problem->grid().dimension());
  if (velocity.empty() || !has_all(channel_names(channels), channel_names(problem->channels()))) return {};
  if (!SolverRegistry::instance().contains(solver) || !prediction.isfinite().all().item<bool>()) return {};
  const auto reference_solver =
      SolverRegistry::instance().create(solver, *SolverRegistry::instance().make_config(solver), problem);

  const double speed = problem->config().velocity_scale;
  const at::Tensor index = at::tensor(velocity, at::kLong);
  const at::Tensor p = prediction.index_select(1, index), r = reference.index_select(1, index).to(at::kDouble);
  const at::Tensor volumes =
      at::tensor(problem->grid().cell_volumes(), at::kDouble).reshape(problem->grid().cell_shape());
  const at::Tensor weight = volumes * fluid_mask(*problem);
  const at::Tensor square = ((r - r.mean(0, true)).square().sum(1).mean(0) * weight).sum() / weight.sum();

  WakeResult result;
  result.trajectory = trajectory;
  result.fluctuation = std::sqrt(square.item<double>()) / speed;
  result.correlation = fluctuation_correlation(p, r, weight);
  const Forces ours = forces_of(*reference_solver, *problem, channels, prediction),
               theirs = forces_of(*reference_solver, *problem, channels, reference);
  const Oscillation shed = strongest_oscillation(ours.lift, dt),
                    reference_shed = strongest_oscillation(theirs.lift, dt);
  const double scale = problem->time_scale();
  result.strouhal = {shed.frequency * scale, reference_shed.frequency * scale};
  result.mean_drag = {mean_of(ours.drag), mean_of(theirs.drag)};
  result.lift_amplitude = {shed.amplitude, reference_shed.amplitude};
  result.drag_amplitude = {amplitude_at(ours.drag, dt, 2 * shed.frequency),
                           amplitude_at(theirs.drag, dt, 2 * reference_shed.frequency)};
  return result;
}

std::string wake_text(const std::vector<WakeResult>& wakes) {
  if (wakes.empty()) return "";
  std::string text =
      "\nwake (velocity fluctuation over U; its correlation at 25 and 50 steps; prediction / reference):\n";
  const std::vector<std::string> titles = {"fluctuation", "corr. 25",  "corr. 50", "Strouhal",  "ratio", "drag",
                                           "ratio",       "drag amp.", "ratio",    "lift amp.", "ratio"};
  text += padded("", 12);
  for (const auto& title : titles) text += padded(title, 12);
  text += "\n";
  double shedding = 0, correlation_25 = 0, correlation_50 = 0, strouhal = 0, drag = 0, drag_amplitude = 0, lift = 0;
  for (const auto& wake : wakes) {
    const double at_25 = columns[1].value(wake), at_50 = columns[2].value(wake);
    text += wake.trajectory + std::string(wake.trajectory.size() < 12 ? 12 - wake.trajectory.size() : 1, ' ');
    for (const double value :
         {wake.fluctuation, at_25, at_50, wake.strouhal.prediction, wake.strouhal.ratio(), wake.mean_drag.prediction,
          wake.mean_drag.ratio(), wake.drag_amplitude.prediction, wake.drag_amplitude.ratio(),
          wake.lift_amplitude.prediction, wake.lift_amplitude.ratio()})
      text += padded(format_number(value, 3), 12);
    text += "\n";
    if (wake.fluctuation < least_fluctuation) continue;
    shedding += 1;
    correlation_25 += at_25;
    correlation_50 += at_50;
    strouhal += std::abs(wake.strouhal.ratio() - 1);
    drag += std::abs(wake.mean_drag.ratio() - 1);
    drag_amplitude += std::abs(wake.drag_amplitude.ratio() - 1);
    lift += std::abs(wake.lift_amplitude.ratio() - 1);
  }
  const auto mean = [&](double sum) { return format_number(sum / shedding, 3); };
  if (shedding == 0) return text + "no trajectory sheds\n";
  return text + "mean over the " + format_number(shedding) + " that shed (fluctuation above " +
         format_number(least_fluctuation) + "): correlation " + mean(correlation_25) + " at 25, " +
         mean(correlation_50) + " at 50 steps; |ratio - 1| of Strouhal number " + mean(strouhal) + ", mean drag " +
         mean(drag) + ", drag amplitude " + mean(drag_amplitude) + ", lift amplitude " + mean(lift) + "\n";
}

std::string wake_csv(const std::vector<WakeResult>& wakes) {
  std::string text = "trajectory";
  for (const auto& column : columns) text += std::string(",") + column.name;
  text += "\n";
  for (const auto& wake : wakes) {
    text += wake.trajectory;
    for (const auto& column : columns) text += "," + format_number(column.value(wake));
    text += "\n";
  }
  return text;
}

}  // namespace eddyline
