#include "core/training/field_prediction.hpp"

#include <ATen/ATen.h>

#include <chrono>

#include "core/base/error.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/picture_fields.hpp"
#include "core/io/safe_name.hpp"
#include "core/io/vtk_writer.hpp"
#include "core/training/relative_norm.hpp"

namespace eddyline {
namespace {

std::string with_unit(const Channel& channel) {
  return printable(channel.name) + (channel.unit == "1" ? "" : " [" + printable(channel.unit) + "]");
}

std::vector<VtkArray> arrays_of(const DatasetInfo& info, const at::Tensor& statics, const at::Tensor& reference,
                                const at::Tensor& prediction) {
  std::vector<VtkArray> arrays;
  for (std::size_t s = 0; s < info.static_channels.size(); ++s)
    arrays.push_back({info.static_channels[s].name, info.static_channels[s].unit, {statics[static_cast<int>(s)]}});
  for (std::size_t c = 0; c < info.channels.size(); ++c) {
    const auto channel = static_cast<std::int64_t>(c);
    const std::pair<const char*, at::Tensor> fields[] = {{"reference_", reference[channel]},
                                                         {"prediction_", prediction[channel]},
                                                         {"difference_", prediction[channel] - reference[channel]}};
    for (const auto& [prefix, field] : fields)
      arrays.push_back({prefix + info.channels[c].name, info.channels[c].unit, {field}});
  }
  return arrays;
}

/// One row a static channel, and three rows a channel of which the first two share their scale.
Canvas picture_of(const DatasetInfo& info, const std::string& title, const at::Tensor& statics,
                  const at::Tensor& reference, const at::Tensor& prediction) {
  FieldPicture picture;
  picture.title = title;
  picture.grid = info.grid.get();
  picture.length_unit = info.length_unit;
  picture.smooth = false;
  const auto row = [&](const std::string& label, const at::Tensor& field, const ColourScale& scale) {
    picture.rows.push_back({label, {field}, scale});
  };
  for (std::size_t s = 0; s < info.static_channels.size(); ++s) {
    const at::Tensor field = statics[static_cast<int>(s)];
    row(printable(info.static_channels[s].name), field,
        shared_scale({field}, {}, ColourMap::sequential, with_unit(info.static_channels[s])));
  }
  for (std::size_t c = 0; c < info.channels.size(); ++c) {
    const auto channel = static_cast<std::int64_t>(c);
    const at::Tensor truth = reference[channel], guess = prediction[channel], difference = guess - truth;
    const std::string label = with_unit(info.channels[c]);
    const ColourScale scale = shared_scale({truth, guess}, {}, ColourMap::sequential, label);
    row("reference", truth, scale);
    row("prediction", guess, scale);
    row("difference", difference, shared_scale({difference}, {}, ColourMap::diverging, label));
  }
  return draw_fields(picture);
}

}  // namespace

PredictionResult predict_field(const TrainedModel& model, const Dataset& dataset, const PredictionOptions& options) {
  const DatasetInfo& info = dataset.info();
  check_compatible(model.description, info,
                   model.model->resolution_free() ? GridUse::any_resolution : GridUse::trained_shape);
  if (options.first_frame != 0 || options.steps > 1)
    throw ConfigError(
        "this model predicts one field from static channels and parameters; leave out the frame and --steps");
  const TrajectoryInfo sample = dataset.trajectory(options.trajectory);
  const at::Tensor statics = dataset.statics(options.trajectory);
  const at::Tensor reference = dataset.frames(options.trajectory, 0, 1)[0];
  const at::Tensor parameters = at::tensor(sample.parameters, at::kDouble).unsqueeze(0);
  PredictionResult result;
  const auto began = std::chrono::steady_clock::now();
  const at::Tensor prediction = model.regressor->predict({statics.unsqueeze(0), parameters})[0];
  if (!at::isfinite(prediction).all().item<bool>())
    throw NumericalError("the prediction for " + sample.id + " is not finite");

  create_folder(options.output);
  const std::string name = safe_file_name(sample.id);
  if (options.vtk) {
    const VtkGridFrame frame{info.grid.get(), 0, info.length_unit, info.time_unit,
                             arrays_of(info, statics, reference, prediction)};
    write_vtk(options.output / (name + vtk_extension(*info.grid)), frame);
  }
  if (options.pictures && info.grid->dimension() == 2)
    write_png(options.output / (name + ".png"),
              picture_of(info, printable(info.name) + ", " + sample.id, statics, reference, prediction));
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  result.frames = 1;
  const auto error = [](const at::Tensor& values) { return values.to(at::kDouble).mean().item<double>(); };
  const at::Tensor guess = prediction.unsqueeze(0), truth = reference.unsqueeze(0);
  result.errors = {{"relative_l2"}, {{error(relative_l2(guess, truth))}}};
  if (info.grid->is_uniform() && mask_channel(info) < 0) {
    result.errors.columns.push_back("relative_h1");
    result.errors.rows[0].push_back(error(relative_h1(guess, truth, uniform_spacing(*info.grid))));
  }
  return result;
}

}  // namespace eddyline
