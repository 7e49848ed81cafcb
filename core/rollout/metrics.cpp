#include "core/rollout/metrics.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/error.hpp"
#include "core/io/safe_name.hpp"
#include "core/rollout/spectrum.hpp"

namespace eddyline {
namespace {

/// sqrt(a / b) where no error over nothing is no error.
double relative(double error, double scale) { return error == 0 ? 0 : std::sqrt(error / scale); }

at::Tensor normalised(const at::Tensor& weight) { return weight / weight.sum(); }

/// Largest |value| where the weight is positive; NaN as soon as one of those is.
double largest(const at::Tensor& values, const at::Tensor& weight) {
  const at::Tensor chosen = values.abs().masked_select(weight > 0);
  return chosen.numel() > 0 ? chosen.max().item<double>() : std::numeric_limits<double>::quiet_NaN();
}

/// Solids may hold anything, NaN too; there they must not matter.
at::Tensor weighted_sum(const at::Tensor& values, const at::Tensor& weight) {
  return at::where(weight > 0, values * weight, at::zeros({}, at::kDouble)).sum();
}

/// Channel names come from files; commas and control characters would break the tables.
std::string column_name(const std::string& channel) {
  std::string name = safe_array_name(channel);
  std::replace(name.begin(), name.end(), ',', '_');
  return name;
}

}  // namespace

RolloutMetrics::RolloutMetrics(const Grid& grid, const at::Tensor& fluid, std::vector<Channel> channels,
                               PeriodicAxes periodic)
    : grid_(grid), channels_(std::move(channels)), periodic_(std::move(periodic)) {
  const auto shape = grid_.cell_shape();
  fluid_ = fluid.defined() ? fluid.to(at::kCPU, at::kBool) : at::ones(shape, at::kBool);
  if (fluid_.sizes() != at::IntArrayRef(shape)) throw ShapeError("the fluid mask does not have the grid's cells");
  if (!fluid_.any().item<bool>()) throw DataError("no cell of the grid is fluid: there is nothing to compare");
  const at::Tensor volumes = at::tensor(grid_.cell_volumes(), at::kDouble).reshape(shape);
  weight_ = normalised(volumes * fluid_);
  interior_weight_ = normalised(volumes * interior_of(fluid_));
  velocity_ = velocity_channels(channels_, grid_.dimension());

  auto& columns = table_.columns;
  columns = {"frame", "lead_time", "nrmse", "nmse"};
  for (const std::string kind : {"nrmse_", "rmse_", "correlation_"})
    for (const Channel& channel : channels_) columns.push_back(kind + column_name(channel.name));
  if (velocity_.empty()) return;
  columns.insert(columns.end(), {"nrmse_velocity", "kinetic_energy_ratio"});
  if (grid_.dimension() == 2) columns.emplace_back("vorticity_correlation");
  columns.insert(columns.end(),
                 {"divergence_max", "divergence_rms", "reference_divergence_max", "reference_divergence_rms",
                  "spectrum_log_distance", "spectrum_low_ratio", "spectrum_middle_ratio", "spectrum_high_ratio"});
}

RolloutMetrics::RolloutMetrics(const Case& problem, const std::vector<Channel>& channels)
    : RolloutMetrics(problem.grid(), fluid_mask(problem), channels, periodic_axes(problem)) {}

double RolloutMetrics::mean(const at::Tensor& values) const { return weighted_sum(values, weight_).item<double>(); }

double RolloutMetrics::correlation(const at::Tensor& a, const at::Tensor& b, const at::Tensor& weight) const {
  const at::Tensor x = a - weighted_sum(a, weight), y = b - weighted_sum(b, weight);
  const double both = weighted_sum(x * y, weight).item<double>();
  return both / std::sqrt(weighted_sum(x * x, weight).item<double>() * weighted_sum(y * y, weight).item<double>());
}

const std::vector<double>& RolloutMetrics::add(std::int64_t frame, double lead_time, const at::Tensor& prediction,
                                               const at::Tensor& reference) {
  auto shape = grid_.cell_shape();
  shape.insert(shape.begin(), static_cast<std::int64_t>(channels_.size()));
  if (prediction.sizes() != at::IntArrayRef(shape) || reference.sizes() != at::IntArrayRef(shape))
    throw ShapeError("frame " + std::to_string(frame) + ": prediction and reference must both have " +
                     std::to_string(channels_.size()) + " channels on the grid's cells");
  const at::Tensor p = prediction.detach().to(at::kCPU, at::kDouble), r = reference.detach().to(at::kCPU, at::kDouble);
  std::vector<double> errors, squares, correlations;
  double error_sum = 0, square_sum = 0;
  for (std::int64_t c = 0; c < p.size(0); ++c) {
    errors.push_back(mean((p[c] - r[c]).square()));
    squares.push_back(mean(r[c].square()));
    correlations.push_back(correlation(p[c], r[c], weight_));
    error_sum += errors.back();
    square_sum += squares.back();
  }
  const double all = relative(error_sum, square_sum);
  std::vector<double> row = {static_cast<double>(frame), lead_time, all, all * all};
  for (std::size_t c = 0; c < errors.size(); ++c) row.push_back(relative(errors[c], squares[c]));
  for (const double error : errors) row.push_back(std::sqrt(error));
  row.insert(row.end(), correlations.begin(), correlations.end());
  if (!velocity_.empty()) {
    const at::Tensor index = at::tensor(velocity_, at::kLong);
    add_velocity_metrics(row, p.index_select(0, index), r.index_select(0, index));
  }
  table_.rows.push_back(std::move(row));
  return table_.rows.back();
}

void RolloutMetrics::add_velocity_metrics(std::vector<double>& row, const at::Tensor& prediction,
                                          const at::Tensor& reference) const {
  const double scale = mean(reference.square().sum(0));
  row.push_back(relative(mean((prediction - reference).square().sum(0)), scale));
  row.push_back(mean(prediction.square().sum(0)) / scale);
  if (grid_.dimension() == 2)
    row.push_back(
        correlation(vorticity(prediction, grid_, periodic_), vorticity(reference, grid_, periodic_), interior_weight_));
  for (const at::Tensor& velocity : {prediction, reference}) {
    const at::Tensor source = divergence(velocity, grid_, periodic_);
    row.push_back(largest(source, interior_weight_));
    row.push_back(std::sqrt(weighted_sum(source.square(), interior_weight_).item<double>()));
  }
  const at::Tensor nothing = at::zeros({}, at::kDouble);
  const SpectrumError error = compare_spectra(energy_spectrum(at::where(fluid_, prediction, nothing), grid_, periodic_),
                                              energy_spectrum(at::where(fluid_, reference, nothing), grid_, periodic_));
  row.insert(row.end(), {error.log_distance, error.low_ratio, error.middle_ratio, error.high_ratio});
}

}  // namespace eddyline
