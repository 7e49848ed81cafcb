#include "core/training/window_source.hpp"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/base/error.hpp"

namespace eddyline {

WindowSource::WindowSource(std::shared_ptr<const Dataset> dataset, std::shared_ptr<const Normaliser> normaliser,
                           WindowOptions options)
    : dataset_(std::move(dataset)), normaliser_(std::move(normaliser)), options_(options) {
  const std::int64_t length = options_.history + options_.targets;
  std::int64_t longest = 0;
  for (std::int64_t index = 0; index < dataset_->size(); ++index) {
    trajectories_.push_back(dataset_->trajectory(index));
    statics_.push_back(dataset_->statics(index));
    longest = std::max(longest, trajectories_.back().frames());
    for (std::int64_t first = 0; first + length <= trajectories_.back().frames(); ++first)
      windows_.push_back({index, first});
  }
  if (windows_.empty())
    throw DataError("no trajectory of '" + dataset_->info().name + "' is long enough: a window has " +
                    std::to_string(options_.history) + " input and " + std::to_string(options_.targets) +
                    " target frames, the longest trajectory has " + std::to_string(longest) +
                    " frames; use a smaller task.bundle or task.history, or task.pushforward: 0");
  order_ = std::make_unique<EpochOrder>(windows(), options_.epochs);
}

std::int64_t WindowSource::batches_per_epoch() const { return order_->batches_per_epoch(); }

std::optional<Batch> WindowSource::next() {
  const auto numbers = order_->next();
  if (numbers.empty()) return std::nullopt;
  return collate(numbers);
}

Batch WindowSource::collate(std::span<const std::int64_t> numbers) const {
  const std::int64_t mask_index = mask_channel(dataset_->info());
  std::vector<at::Tensor> frames, statics, masks;
  std::vector<double> parameters, times, lead_times;
  Batch batch;
  for (const std::int64_t number : numbers) {
    const Window& window = windows_[static_cast<std::size_t>(number)];
    const auto& trajectory = trajectories_[static_cast<std::size_t>(window.trajectory)];
    at::Tensor physical = dataset_->frames(window.trajectory, window.first, options_.history + options_.targets);
    statics.push_back(statics_[static_cast<std::size_t>(window.trajectory)]);
    const at::Tensor mask = fluid_cells(statics.back(), mask_index);
    if (mask.defined()) {
      physical = physical * mask;
      masks.push_back(mask);
    }
    frames.push_back(physical);
    parameters.insert(parameters.end(), trajectory.parameters.begin(), trajectory.parameters.end());
    times.push_back(trajectory.times[static_cast<std::size_t>(window.first + options_.history - 1)]);
    lead_times.push_back(trajectory.dt() / normaliser_->lead_time_scale);
    batch.sample_ids.push_back(trajectory.id + "@" + std::to_string(window.first));
  }
  const at::Tensor normalised = normaliser_->apply(at::stack(frames));
  batch.inputs = normalised.narrow(1, 0, options_.history).contiguous();
  batch.targets = normalised.narrow(1, options_.history, options_.targets).contiguous();
  batch.statics = at::stack(statics);
  if (!masks.empty()) batch.mask = at::stack(masks);
  batch.parameters = normaliser_->parameters(
      at::tensor(parameters, at::kDouble)
          .reshape({static_cast<std::int64_t>(numbers.size()), normaliser_->parameter_mean.numel()}));
  batch.time = at::tensor(times, at::kDouble).to(at::kFloat);
  batch.lead_time = at::tensor(lead_times, at::kDouble).to(at::kFloat);
  return batch;
}

std::map<std::string, std::int64_t> WindowSource::cursor() const { return order_->cursor(); }

void WindowSource::restore(const std::map<std::string, std::int64_t>& cursor) {
  order_->restore(cursor, "'" + dataset_->info().name + "'");
}

}  // namespace eddyline
