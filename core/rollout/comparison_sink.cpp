#include "core/rollout/comparison_sink.hpp"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/safe_name.hpp"

namespace eddyline {
namespace {

constexpr std::size_t most_snapshots = 16, summary_columns = 4;

std::string with_unit(const std::string& text, const std::string& unit) {
  return unit == "1" ? text : text + " [" + unit + "]";
}

std::string spaced(std::string name) {
  std::replace(name.begin(), name.end(), '_', ' ');
  return name;
}

}  // namespace

ComparisonScales comparison_scales(const std::vector<at::Tensor>& reference, const std::vector<at::Tensor>& prediction,
                                   const at::Tensor& fluid, const std::string& label, ColourMap colours) {
  std::vector<at::Tensor> both = reference, difference;
  both.insert(both.end(), prediction.begin(), prediction.end());
  for (std::size_t i = 0; i < reference.size(); ++i) difference.push_back(prediction[i] - reference[i]);
  constexpr double kept = 0.995;
  return {shared_scale(both, fluid, colours, label, colours == ColourMap::diverging ? kept : 1),
          shared_scale(difference, fluid, ColourMap::diverging, label, kept)};
}

std::vector<PanelRow> comparison_rows(const std::vector<at::Tensor>& reference,
                                      const std::vector<at::Tensor>& prediction, const ComparisonScales& scales) {
  std::vector<at::Tensor> difference;
  for (std::size_t i = 0; i < reference.size(); ++i) difference.push_back(prediction[i] - reference[i]);
  return {{"reference", reference, scales.field},
          {"prediction", prediction, scales.field},
          {"difference", difference, scales.difference}};
}

Canvas comparison_picture(const Case& problem, const std::string& title, const std::string& label, ColourMap colours,
                          const std::vector<double>& times, const std::vector<at::Tensor>& reference,
                          const std::vector<at::Tensor>& prediction) {
  if (times.empty() || times.size() != reference.size() || times.size() != prediction.size())
    throw ShapeError("a comparison needs as many references and predictions as times, at least one; got " +
                     std::to_string(reference.size()) + ", " + std::to_string(prediction.size()) + " and " +
                     std::to_string(times.size()));
  const CaseConfig& config = problem.config();
  const Grid grid = picture_grid(problem.grid());
  at::Tensor fluid = fluid_mask(problem);
  if (fluid.dim() == 3) fluid = fluid[fluid.size(0) / 2];
  FieldPicture picture;
  picture.title = printable(title);
  picture.grid = &grid;
  picture.bodies = config.obstacles;
  picture.length_unit = config.length_unit;
  for (const double time : times)
    picture.columns.push_back("t = " + tick_text(time) + (config.time_unit == "1" ? "" : " " + config.time_unit));
  picture.rows =
      comparison_rows(reference, prediction, comparison_scales(reference, prediction, fluid, label, colours));
  return draw_fields(picture);
}

LinePlot error_plot(const MetricsTable& table, const Case& problem, const std::string& title,
                    const std::vector<std::string>& columns) {
  LinePlot plot;
  plot.title = printable(title);
  plot.x_label = with_unit("lead time", problem.config().time_unit);
  plot.y_label = "error relative to the reference";
  plot.log_y = true;
  const auto times = table.column("lead_time");
  for (const std::string& name : columns)
    if (std::find(table.columns.begin(), table.columns.end(), name) != table.columns.end())
      plot.curves.push_back({spaced(name), times, table.column(name)});
  return plot;
}

ComparisonSink::ComparisonSink(std::filesystem::path folder, const std::string& name, ReferenceStates reference,
                               ComparisonOptions options)
    : folder_(std::move(folder)),
      name_(safe_file_name(name)),
      reference_(std::move(reference)),
      options_(std::move(options)) {}

void ComparisonSink::open(const std::shared_ptr<const Case>& problem, const std::vector<Channel>& channels) {
  problem_ = problem;
  channels_ = channels;
  snapshots_.clear();
  stride_ = 1;
  seen_ = 0;
  if (options_.quantity.empty()) options_.quantity = default_quantity(channels);
  create_folder(folder_);
  metrics_ = std::make_unique<RolloutMetrics>(*problem, channels);
  csv_ = std::make_unique<CsvWriter>(folder_ / (name_ + "_errors.csv"), metrics_->table().columns);
  if (!options_.vtk) return;
  vtk_ = std::make_unique<VtkSink>(folder_, name_, options_.vtk_options);
  vtk_->open(problem, channels);
}

void ComparisonSink::write(const Frame& frame) {
  if (frame.member != 0) return;
  const auto reference = reference_(frame);
  const auto names = channel_names(channels_);
  auto arrays = vtk_arrays(*frame.state, channels_, "prediction_");
  if (reference) {
    const at::Tensor prediction = cell_tensor(*frame.state, names);
    const at::Tensor truth = cell_tensor(*reference, names);
    csv_->add(metrics_->add(frame.index, frame.state->time - options_.start_time, prediction, truth));
    const State difference =
        cell_state(problem_, frame.state->time, names, prediction.to(at::kDouble) - truth.to(at::kDouble));
    for (auto& more :
         {vtk_arrays(*reference, channels_, "reference_"), vtk_arrays(difference, channels_, "difference_")})
      arrays.insert(arrays.end(), more.begin(), more.end());
    if (problem_->grid().dimension() > 1) keep(frame, *reference);
  }
  if (vtk_) vtk_->write_arrays(frame, std::move(arrays));
}

// Without a list of frames: every stride-th one is kept, and whenever there are too many, every other one goes and the
// stride doubles; so memory stays bounded and the kept ones stay evenly spread.
void ComparisonSink::keep(const Frame& frame, const State& reference) {
  const bool listed = !options_.frames.empty();
  const bool wanted =
      listed ? std::find(options_.frames.begin(), options_.frames.end(), frame.index) != options_.frames.end()
             : seen_ % stride_ == 0;
  ++seen_;
  if (!wanted) return;
  const auto plane = [&](const State& state) {
    return picture_plane(state, channels_, *problem_, options_.quantity).to(at::kCPU, at::kFloat);
  };
  snapshots_.push_back({frame.index, frame.state->time, plane(reference), plane(*frame.state)});
  if (listed || snapshots_.size() <= most_snapshots) return;
  std::vector<Snapshot> thinned;
  for (std::size_t i = 0; i < snapshots_.size(); i += 2) thinned.push_back(std::move(snapshots_[i]));
  snapshots_ = std::move(thinned);
  stride_ *= 2;
}

void ComparisonSink::close(RunStatus status) {
  if (vtk_) vtk_->close(status);
  if (!metrics_ || metrics_->table().rows.empty()) return;
  write_atomically(folder_ / (name_ + "_errors.json"), metrics_->table().json());
  draw_or_warn([this] { draw_errors(); });
  if (!snapshots_.empty()) draw_or_warn([this] { draw_summary(); });
}

void ComparisonSink::draw_errors() const {
  std::vector<std::string> columns = {"nrmse_velocity"};
  for (const Channel& channel : channels_) columns.push_back("nrmse_" + channel.name);
  write_plot(folder_ / (name_ + "_errors"),
             error_plot(metrics_->table(), *problem_, problem_->name() + ": error over lead time", columns));
}

void ComparisonSink::draw_summary() const {
  const std::size_t count = options_.frames.empty() ? std::min(summary_columns, snapshots_.size()) : snapshots_.size();
  std::vector<double> times;
  std::vector<at::Tensor> reference, prediction;
  for (std::size_t k = 0; k < count; ++k) {
    const Snapshot& snapshot = snapshots_[count > 1 ? k * (snapshots_.size() - 1) / (count - 1) : 0];
    times.push_back(snapshot.time);
    reference.push_back(snapshot.reference);
    prediction.push_back(snapshot.prediction);
  }
  write_png(folder_ / (name_ + "_summary.png"),
            comparison_picture(*problem_, problem_->name(), quantity_label(options_.quantity, channels_, *problem_),
                               quantity_colours(options_.quantity, channels_), times, reference, prediction));
}

}  // namespace eddyline
