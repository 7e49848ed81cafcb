#pragma once
// What a run shows of itself while it trains: an event file for TensorBoard and a page for a browser.

#include <memory>

#include "core/config/config.hpp"
#include "core/io/tensorboard_writer.hpp"
#include "core/training/normalised_operator.hpp"
#include "core/training/training_observer.hpp"

namespace eddyline {

struct MonitorConfig final : Config {
  bool events = true, report = true;
  void fields(FieldVisitor& visit) override;
};

/// Event file: the numbers of every epoch ("training/loss", "validation/selection"), and with every validation a
/// picture "validation/frames". Report: RUN/report.html, rewritten atomically with every validation.
class RunMonitor final : public TrainingObserver {
 public:
  /// @param valid  split whose first trajectories are rolled out for pictures and report.
  RunMonitor(const MonitorConfig& config, std::filesystem::path run, NormalisedOperator trained,
             std::shared_ptr<const Dataset> valid);
  void begun() override;
  void restored(const TrainingState& state) override;
  void epoch(const EpochRecord& record) override;

 private:
  void open_events(std::int64_t keep_below);
  MonitorConfig config_;
  std::filesystem::path run_;
  NormalisedOperator trained_;
  std::shared_ptr<const Dataset> valid_;
  std::unique_ptr<TensorboardWriter> events_;
};

}  // namespace eddyline
