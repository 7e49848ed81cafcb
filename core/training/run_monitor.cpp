#include "core/training/run_monitor.hpp"

#include "core/io/atomic_file.hpp"
#include "core/training/parameter_count.hpp"
#include "core/training/run_report.hpp"

namespace eddyline {

void MonitorConfig::fields(FieldVisitor& visit) {
  visit("events", events, rule::any(), "write an event file for TensorBoard into the run directory");
  visit("report", report, rule::any(), "write report.html into the run directory with every validation");
}

RunMonitor::RunMonitor(const MonitorConfig& config, std::filesystem::path run, NormalisedOperator trained,
                       std::shared_ptr<const Dataset> valid)
    : config_(config), run_(std::move(run)), trained_(std::move(trained)), valid_(std::move(valid)) {}

void RunMonitor::open_events(std::int64_t keep_below) {
  if (!config_.events) return;
  events_.reset();
  events_ = std::make_unique<TensorboardWriter>(event_file(run_), keep_below);
}

void RunMonitor::begun() { open_events(0); }

void RunMonitor::restored(const TrainingState& state) {
  // The record of an epoch has its last step: within an epoch, one of this step is of an epoch that will end again.
  open_events(state.epoch_steps == 0 ? state.step + 1 : state.step);
}

void RunMonitor::epoch(const EpochRecord& record) {
  if (events_) {
    std::vector<std::pair<std::string, double>> values = {{"training/loss", record.loss},
                                                          {"training/learning_rate", record.learning_rate},
                                                          {"training/gradient_norm", record.gradient_norm}};
    for (const auto& [name, value] : record.metrics) values.emplace_back("validation/" + name, value);
    events_->add_scalars(record.step, values);
  }
  if (record.metrics.empty() || (!events_ && !config_.report)) return;
  const ReportRollouts rollouts = report_rollouts(trained_, *valid_);
  if (events_ && !rollouts.shown.empty())
    events_->add_picture(record.step, "validation/frames", rollout_picture(rollouts, valid_->info()));
  if (config_.report)
    write_atomically(run_ / "report.html",
                     run_report(run_, rollouts, valid_->info(), parameter_count(trained_.model())));
}

}  // namespace eddyline
