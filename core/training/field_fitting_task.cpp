#include "core/training/field_fitting_task.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/signals.hpp"

namespace eddyline {
namespace {

/// Centres of all cells, [cells, D], in the order of a flattened cell tensor (x fastest).
at::Tensor cell_centres(const Grid& grid) {
  std::vector<at::Tensor> lines;
  for (int axis = grid.dimension() - 1; axis >= 0; --axis) lines.push_back(at::tensor(grid.centers(axis), at::kDouble));
  auto planes = at::meshgrid(lines, "ij");
  std::reverse(planes.begin(), planes.end());
  for (auto& plane : planes) plane = plane.flatten();
  return at::stack(planes, 1);
}

}  // namespace

ObservationSource::ObservationSource(std::shared_ptr<const Observations> observations, EpochOptions epochs)
    : observations_(std::move(observations)), order_(observations_->size(), epochs) {}

std::int64_t ObservationSource::batches_per_epoch() const { return order_.batches_per_epoch(); }

std::optional<Batch> ObservationSource::next() {
  const auto numbers = order_.next();
  if (numbers.empty()) return std::nullopt;
  const Observations rows = selected(*observations_, {numbers.begin(), numbers.end()});
  Batch batch;
  batch.positions = rows.points.to(at::kFloat);
  batch.time = rows.times.to(at::kFloat);
  batch.mask = at::isnan(rows.values).logical_not().to(at::kFloat);
  batch.targets = at::nan_to_num(rows.values, 0.0).to(at::kFloat);
  batch.sample_ids = {"batch " + std::to_string(order_.cursor().at("batch") - 1) + " of " + rows.source};
  return batch;
}

std::map<std::string, std::int64_t> ObservationSource::cursor() const { return order_.cursor(); }

void ObservationSource::restore(const std::map<std::string, std::int64_t>& cursor) {
  order_.restore(cursor, "'" + observations_->source + "'");
}

FieldFittingTask::FieldFittingTask(std::shared_ptr<FieldModel> model, FieldModelSpec spec,
                                   std::shared_ptr<const Observations> train, std::shared_ptr<const Observations> valid,
                                   EpochOptions epochs)
    : model_(std::move(model)),
      spec_(std::move(spec)),
      train_(std::move(train)),
      valid_(std::move(valid)),
      epochs_(epochs) {}

std::unique_ptr<SampleSource> FieldFittingTask::source() const {
  return std::make_unique<ObservationSource>(train_, epochs_);
}

torch::Tensor FieldFittingTask::loss(const Batch& batch, std::int64_t) { return model_->loss(batch); }

std::map<std::string, double> FieldFittingTask::validate() {
  const bool was_training = model_->is_training();
  const at::Tensor observed = at::isnan(valid_->values).logical_not();
  const at::Tensor truth = at::nan_to_num(valid_->values, 0.0);
  const at::Tensor error = (sampled(*model_, valid_->points, valid_->times) - truth) * observed;
  model_->train(was_training);
  const auto relative = [&](std::int64_t first, std::int64_t count) {
    if (!observed.narrow(1, first, count).any().item<bool>()) return std::numeric_limits<double>::quiet_NaN();
    const double ratio = (error.narrow(1, first, count).norm() / truth.narrow(1, first, count).norm()).item<double>();
    return std::isfinite(ratio) ? ratio : std::numeric_limits<double>::infinity();
  };
  const double density = relative(0, 1), velocity = relative(1, spec_.dimension());
  const double selection = std::isnan(density) ? velocity : std::isnan(velocity) ? density : 0.5 * (density + velocity);
  return {{"nrmse_density", density}, {"nrmse_velocity", velocity}, {"selection", selection}};
}

void FieldFittingTask::predict(std::span<const State> past, std::int64_t steps,
                               const std::vector<std::shared_ptr<Sink>>& sinks) {
  if (past.empty() || !past.back().problem) throw DataError("sampling a field needs a state with a case, for its grid");
  std::vector<double> times;
  const double start = past.back().time;
  for (std::int64_t n = 1; n <= steps; ++n)
    times.push_back(start + (spec_.time_high - start) * static_cast<double>(n) / static_cast<double>(steps));
  sample_frames(*model_, spec_, past.back().problem, times, sinks);
}

at::Tensor sampled(FieldModel& model, const at::Tensor& points, const at::Tensor& times) {
  constexpr std::int64_t chunk = 16384;
  const torch::NoGradGuard no_gradient;
  model.eval();
  const auto dtype = model.parameters().front().scalar_type();
  std::vector<at::Tensor> parts;
  for (std::int64_t start = 0; start < points.size(0); start += chunk) {
    const auto count = std::min(chunk, points.size(0) - start);
    parts.push_back(
        model.values(points.narrow(0, start, count).to(dtype), times.narrow(0, start, count).unsqueeze(1).to(dtype))
            .to(at::kDouble));
  }
  return at::cat(parts);
}

void sample_frames(FieldModel& model, const FieldModelSpec& spec, const std::shared_ptr<const Case>& problem,
                   const std::vector<double>& times, const std::vector<std::shared_ptr<Sink>>& sinks) {
  const Grid& grid = problem->grid();
  if (grid.dimension() != spec.dimension())
    throw ShapeError("the grid has " + std::to_string(grid.dimension()) + " axes, the model " +
                     std::to_string(spec.dimension()));
  const at::Tensor points = cell_centres(grid);
  auto shape = grid.cell_shape();
  shape.insert(shape.begin(), static_cast<std::int64_t>(spec.channels.size()));
  std::int64_t index = 0;
  for (const double time : times) {
    stop_if_interrupted();
    const at::Tensor values = sampled(model, points, at::full({points.size(0)}, time, at::kDouble));
    if (!at::isfinite(values).all().item<bool>())
      throw NumericalError("the field at t = " + format_number(time, 5) +
                           " is not finite; the frames before are whole");
    const State state = cell_state(problem, time, channel_names(spec.channels), values.t().reshape(shape));
    const Frame frame{&state, index++, 0, 0};
    for (const auto& sink : sinks) sink->write(frame);
  }
}

}  // namespace eddyline
