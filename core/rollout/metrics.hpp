#pragma once
// A prediction against its reference, frame by frame. Nothing but numbers is kept, so that the length of a rollout does
// not matter.
//
// Sums run over fluid cells i with volumes w_i (areas in 2D), so that a stretched grid does not favour small cells:
//   <f> = sum_i w_i f_i / sum_i w_i          p: prediction, r: reference

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/field/case.hpp"
#include "core/field/derived.hpp"

namespace eddyline {

/// Rows of numbers, one a frame; the first columns are `frame` and `lead_time`.
struct MetricsTable {
  std::vector<std::string> columns;
  std::vector<std::vector<double>> rows;

  /// @throws DataError naming the nearest column.
  [[nodiscard]] std::vector<double> column(const std::string& name) const;
  /// Mean of a column over the frames. @throws DataError when the column is unknown.
  [[nodiscard]] double mean(const std::string& name) const;
  /// Lead time of the first frame whose value exceeds `limit` or is NaN; +infinity when none does.
  [[nodiscard]] double time_above(const std::string& name, double limit) const;

  /// Aligned columns with four digits, for people; `names` chooses columns (empty: all).
  [[nodiscard]] std::string text(const std::vector<std::string>& names = {}) const;
  /// Header and rows with full precision.
  [[nodiscard]] std::string csv() const;
  /// {"columns": [...], "rows": [[...]], "mean": {...}}; what is not finite is null.
  [[nodiscard]] std::string json() const;
};

/// Row-wise mean of tables of the same columns (trajectories of a split), over the frames that all of them have.
/// @throws DataError when columns differ or there is no table.
[[nodiscard]] MetricsTable mean_of(std::span<const MetricsTable> tables);

/// Streaming comparison. Columns behind `frame` and `lead_time`:
///   nrmse                     sqrt(sum_c <(p_c - r_c)^2> / sum_c <r_c^2>), all channels together
///   nmse                      nrmse^2: mean square error over mean square
///   nrmse_C, rmse_C           sqrt(<(p - r)^2> / <r^2>) and sqrt(<(p - r)^2>) of channel C
///   correlation_C             <(p - <p>)(r - <r>)> / sqrt(<(p - <p>)^2> <(r - <r>)^2>)
/// and with a velocity u:
///   nrmse_velocity            sqrt(<|u_p - u_r|^2> / <|u_r|^2>)
///   kinetic_energy_ratio      <|u_p|^2> / <|u_r|^2>
///   vorticity_correlation     correlation of the vorticity (2D only)
///   divergence_max, _rms, reference_divergence_max, _rms
///                             max |div u| and sqrt(<(div u)^2>) over cells whose neighbours are fluid; central
///                             differences at cell centres, so that even the reference of a staggered solver is not 0
///   spectrum_log_distance, spectrum_low_ratio, spectrum_middle_ratio, spectrum_high_ratio
///                             see SpectrumError; solid cells count as velocity 0
/// 0/0 is 0 for errors and NaN for ratios and correlations; a prediction that is not finite gives NaN.
class RolloutMetrics {
 public:
  /// @param fluid  bool, cell shape; undefined means everywhere.
  /// @throws ShapeError when the mask does not fit, DataError when no cell is fluid.
  RolloutMetrics(const Grid& grid, const at::Tensor& fluid, std::vector<Channel> channels, PeriodicAxes periodic = {});
  RolloutMetrics(const Case& problem, const std::vector<Channel>& channels);

  /// @param prediction, reference  [C, (D,) (H,) W] in the order of the channels. @return the new row.
  /// @throws ShapeError.
  const std::vector<double>& add(std::int64_t frame, double lead_time, const at::Tensor& prediction,
                                 const at::Tensor& reference);
  [[nodiscard]] const MetricsTable& table() const { return table_; }

 private:
  [[nodiscard]] double mean(const at::Tensor& values) const;
  [[nodiscard]] double correlation(const at::Tensor& a, const at::Tensor& b, const at::Tensor& weight) const;
  void add_velocity_metrics(std::vector<double>& row, const at::Tensor& prediction, const at::Tensor& reference) const;

  Grid grid_;
  std::vector<Channel> channels_;
  PeriodicAxes periodic_;
  at::Tensor fluid_, weight_, interior_weight_;  // weights: double, cell shape, sum 1, zero in solids
  std::vector<std::int64_t> velocity_;           // channel indices of x, y, z; empty without a whole velocity
  MetricsTable table_;
};

}  // namespace eddyline
