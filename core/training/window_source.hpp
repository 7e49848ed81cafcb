#pragma once
// Batches of windows drawn from the trajectories of a dataset.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "core/training/dataset.hpp"
#include "core/training/epoch_order.hpp"
#include "core/training/normaliser.hpp"
#include "core/training/sample_source.hpp"

namespace eddyline {

struct WindowOptions {
  std::int64_t history = 1;  // K, input frames
  std::int64_t targets = 1;  // frames behind them
  EpochOptions epochs;
};

/// Every window of every trajectory once an epoch. Solids hold the normalised value of a physical zero.
class WindowSource final : public SampleSource {
 public:
  /// @throws DataError when no trajectory is long enough for a window.
  WindowSource(std::shared_ptr<const Dataset> dataset, std::shared_ptr<const Normaliser> normaliser,
               WindowOptions options);

  [[nodiscard]] std::optional<Batch> next() override;
  [[nodiscard]] std::int64_t batches_per_epoch() const override;
  [[nodiscard]] std::map<std::string, std::int64_t> cursor() const override;
  /// @throws DataError when the cursor does not fit this source.
  void restore(const std::map<std::string, std::int64_t>& cursor) override;
  [[nodiscard]] std::int64_t windows() const { return static_cast<std::int64_t>(windows_.size()); }

 private:
  struct Window {
    std::int64_t trajectory, first;
  };
  [[nodiscard]] Batch collate(std::span<const std::int64_t> numbers) const;

  std::shared_ptr<const Dataset> dataset_;
  std::shared_ptr<const Normaliser> normaliser_;
  WindowOptions options_;
  std::vector<TrajectoryInfo> trajectories_;
  std::vector<at::Tensor> statics_;  // of each trajectory
  std::vector<Window> windows_;
  std::unique_ptr<EpochOrder> order_;
};

}  // namespace eddyline
