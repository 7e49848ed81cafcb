#include "core/training/field_fitting.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/memory.hpp"
#include "core/base/numbers.hpp"
#include "core/base/random.hpp"
#include "core/base/version.hpp"
#include "core/config/config_reader.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/run_lock.hpp"
#include "core/parallel/device.hpp"
#include "core/parallel/threads.hpp"
#include "core/rollout/picture_sink.hpp"
#include "core/rollout/rollout_file_sink.hpp"
#include "core/rollout/vtk_sink.hpp"
#include "core/training/field_fitting_task.hpp"
#include "core/training/optimiser.hpp"
#include "core/training/same_config.hpp"

namespace eddyline {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct FieldChoiceConfig final : Config {
  PluginChoice choice;
  void fields(FieldVisitor& visit) override;
};

void FieldChoiceConfig::fields(FieldVisitor& visit) {
  visit.plugin(FieldInfo{"field_model", rule::any(), "the model"}, choice, FieldModelRegistry::instance());
}

std::vector<Channel> field_channels(int dimension, const ObservationConfig& data) {
  std::vector<Channel> channels = {{"density", data.density_unit, ChannelKind::density}};
  const bool plain = data.length_unit == "1" && data.time_unit == "1";
  const std::string unit = plain ? "1" : data.length_unit + "/" + data.time_unit;
  const ChannelKind kinds[] = {ChannelKind::vector_x, ChannelKind::vector_y, ChannelKind::vector_z};
  for (int axis = 0; axis < dimension; ++axis)
    channels.push_back({std::string("velocity_") + "xyz"[axis], unit, kinds[axis]});
  return channels;
}

/// Root mean square of what was observed; 1 when nothing was or all of it is zero.
double scale_of(const at::Tensor& values) {
  const at::Tensor seen = values.masked_select(at::isnan(values).logical_not());
  const double scale = seen.numel() > 0 ? seen.square().mean().sqrt().item<double>() : 0;
  return scale > 0 ? scale : 1;
}

FieldModelSpec spec_of(const ObservationConfig& data, const Observations& train) {
  FieldModelSpec spec;
  const int dimension = train.dimension();
  spec.channels = field_channels(dimension, data);
  spec.low = data.low;
  spec.high = data.high;
  if (spec.low.empty())
    for (int axis = 0; axis < dimension; ++axis) {
      const double low = train.points.select(1, axis).min().item<double>();
      const double high = train.points.select(1, axis).max().item<double>();
      const double margin = data.margin * std::max(high - low, 1e-12);
      spec.low.push_back(low - margin);
      spec.high.push_back(high + margin);
    }
  if (spec.dimension() != dimension)
    throw ConfigError("data.low has " + std::to_string(spec.dimension()) + " numbers, the observations have " +
                      std::to_string(dimension) + " axes");
  spec.time_low = train.times.min().item<double>();
  spec.time_high = train.times.max().item<double>();
  spec.scales = {scale_of(train.values.select(1, 0))};
  const double speed = scale_of(train.values.narrow(1, 1, dimension));
  spec.scales.insert(spec.scales.end(), static_cast<std::size_t>(dimension), speed);
  return spec;
}

/// @throws DataError naming the first observation that lies outside the open box.
void check_inside(const Observations& observations, const FieldModelSpec& spec) {
  if (observations.dimension() != spec.dimension())
    throw ShapeError("'" + observations.source + "' has " + std::to_string(observations.dimension()) +
                     " axes of space, the model " + std::to_string(spec.dimension()));
  for (int axis = 0; axis < spec.dimension(); ++axis) {
    const auto k = static_cast<std::size_t>(axis);
    const at::Tensor x = observations.points.select(1, axis);
    const at::Tensor outside = at::nonzero((x <= spec.low[k]).logical_or(x >= spec.high[k]));
    if (outside.size(0) == 0) continue;
    const auto row = outside[0][0].item<std::int64_t>();
    throw DataError("'" + observations.source + "': " + std::to_string(outside.size(0)) +
                    " observation(s) do not lie inside the box; the first has " + "xyz"[axis] + " = " +
                    format_number(x[row].item<double>()) + ", the box reaches from " + format_number(spec.low[k]) +
                    " to " + format_number(spec.high[k]) + "; widen data.low and data.high");
  }
}

struct Parts {
  std::shared_ptr<const Observations> train, valid;
  std::unique_ptr<FieldFittingTask> task;
  std::string description;
  int threads = 1;
};

std::string description_of(const FieldFittingConfig& config, const FieldModelSpec& spec) {
  FieldChoiceConfig choice;
  choice.choice = config.field_model;
  Json json;
  json["field_model"] = resolved_yaml(choice);
  json["low"] = spec.low;
  json["high"] = spec.high;
  json["time"] = {spec.time_low, spec.time_high};
  json["scales"] = spec.scales;
  json["channels"] = Json::array();
  for (const auto& channel : spec.channels)
    json["channels"].push_back({{"name", channel.name}, {"unit", channel.unit}, {"kind", to_string(channel.kind)}});
  json["length_unit"] = config.data.length_unit;
  json["time_unit"] = config.data.time_unit;
  return json.dump(2) + "\n";
}

Parts make_parts(const FieldFittingConfig& config) {
  Parts parts;
  parts.threads = use_threads(static_cast<int>(config.training.threads));
  const auto seed = static_cast<std::uint64_t>(config.seed);
  const Observations all = read_observations(config.data.path);
  ObservationSplit split;
  if (config.data.valid.empty())
    split = split_observations(all, config.data.valid_fraction, seed);
  else
    split = {all, read_observations(config.data.valid)};
  const FieldModelSpec spec = spec_of(config.data, split.train);
  check_inside(split.train, spec);
  check_inside(split.valid, spec);
  parts.train = std::make_shared<Observations>(std::move(split.train));
  parts.valid = std::make_shared<Observations>(std::move(split.valid));
  torch::manual_seed(derived_seed(seed, "training/weights"));
  std::shared_ptr<FieldModel> model =
      FieldModelRegistry::instance().create(config.field_model.name, *config.field_model.config, spec);
  parts.description = description_of(config, spec);
  parts.task = std::make_unique<FieldFittingTask>(std::move(model), spec, parts.train, parts.valid,
                                                  epoch_options(config.training, seed));
  return parts;
}

Json provenance_of(const FieldFittingConfig& config, const Parts& parts) {
  return {
      {"program", std::string("eddyline ") + version()},
      {"revision", source_revision()},
      {"machine", machine_description()},
      {"threads", parts.threads},
      {"seed", config.seed},
      {"data", {{"path", config.data.path}, {"train", parts.train->fingerprint}, {"valid", parts.valid->fingerprint}}}};
}

void check_same_data(const fs::path& path, const Json& now) {
  try {
    const Json before = Json::parse(read_file(path));
    for (const char* split : {"train", "valid"})
      if (before.at("data").at(split) != now.at("data").at(split))
        throw DataError("the observations (" + std::string(split) + ") differ from those that '" +
                        path.parent_path().string() + "' was trained on; choose another run directory");
  } catch (const Json::exception& error) {
    throw DataError("'" + path.string() + "' is damaged: " + error.what());
  }
}

fs::path checkpoint_of(const fs::path& run, const std::string& which) {
  if (which != "best" && which != "last")
    throw ConfigError("a checkpoint is 'best' or 'last', not '" + printable(which) + "'");
  if (fs::exists(run / "state.json")) return run;
  const CheckpointStore store(run / "checkpoints");
  const auto found = which == "best" ? store.best() : store.newest();
  if (!found) throw IoError("there is no whole checkpoint in '" + run.string() + "'");
  return *found;
}

/// The box as a case, so that grids, writers and pictures know it.
std::shared_ptr<const Case> case_of(const TrainedField& field, std::int64_t cells) {
  CaseConfig config;
  config.name = "field";
  config.equation = "continuity";
  config.length_unit = field.length_unit;
  config.time_unit = field.time_unit;
  double longest = 0;
  for (std::size_t axis = 0; axis < field.spec.low.size(); ++axis)
    longest = std::max(longest, field.spec.high[axis] - field.spec.low[axis]);
  for (std::size_t axis = 0; axis < field.spec.low.size(); ++axis) {
    AxisConfig line;
    line.from = field.spec.low[axis];
    line.to = field.spec.high[axis];
    line.cells = std::max<std::int64_t>(1, std::llround(static_cast<double>(cells) * (line.to - line.from) / longest));
    config.grid.push_back(line);
    for (const char* side : {"_low", "_high"}) config.boundaries[std::string(1, "xyz"[axis]) + side].type = "free_slip";
  }
  return std::make_shared<Case>(std::move(config));
}

}  // namespace

void ObservationConfig::fields(FieldVisitor& visit) {
  visit("path", path, rule::any().required(), "CSV or HDF5 file with the columns x[,y[,z]],t,rho[,u[,v[,w]]]");
  visit("valid", valid, rule::any(), "file of observations for validation; empty: a random part of `path`");
  visit("valid_fraction", valid_fraction, rule::between(0, 1), "that part");
  visit("low", low, rule::any().unit("length"), "lower corner of the open box that holds the whole field");
  visit("high", high, rule::any().unit("length"), "upper corner; both empty: the observations' range and a margin");
  visit("margin", margin, rule::positive(), "on each side, as a part of the range");
  visit("length_unit", length_unit, rule::any(), "unit of x, y, z; 1 when dimensionless");
  visit("time_unit", time_unit, rule::any(), "unit of t");
  visit("density_unit", density_unit, rule::any(), "unit of rho");
}

void ObservationConfig::check(ConfigProblems& problems) const {
  if (low.size() != high.size()) {
    problems.add("high", "has " + std::to_string(high.size()) + " numbers, low " + std::to_string(low.size()));
    return;
  }
  for (std::size_t axis = 0; axis < low.size(); ++axis)
    if (!(low[axis] < high[axis])) problems.add("high", "must be above low on every axis");
}

void FieldFittingConfig::fields(FieldVisitor& visit) {
  visit("run", run, rule::any(), "run directory; a checkpoint in it is taken up");
  visit("data", data, "scattered observations");
  visit("field_model", field_model, FieldModelRegistry::instance(), "a function of continuous space and time");
  visit("training", training, "optimisation");
  visit("seed", seed, rule::non_negative(), "of weights, split and order");
}

bool is_field_config(const fs::path& config) {
  const YamlNode root = read_yaml(config);
  const YamlNode* section = root.find("train");
  return (section != nullptr ? *section : root).find("field_model") != nullptr;
}

bool is_field_run(const fs::path& run) {
  if (!fs::exists(run / "state.json") && !fs::is_directory(run / "checkpoints")) return false;
  return Json::parse(read_checkpoint(checkpoint_of(run, "last")).description, nullptr, false).contains("field_model");
}

TrainingResult train_field(const FieldFittingConfig& config) {
  check_device(config.training.device);
  const fs::path run = config.run;
  create_folder(run);
  const RunLock lock(run);
  const bool resumes = CheckpointStore(run / "checkpoints").newest().has_value();
  if (resumes)
    check_same_config(run / "config.yaml", config,
                      {"run", "data.path", "data.valid", "training.epochs", "training.max_minutes",
                       "training.checkpoint_minutes", "training.threads", "training.device"});
  const Parts parts = make_parts(config);
  const Json provenance = provenance_of(config, parts);
  if (resumes)
    check_same_data(run / "provenance.json", provenance);
  else
    write_atomically(run / "provenance.json", provenance.dump(2) + "\n");
  write_atomically(run / "config.yaml", resolved_yaml(config));
  Trainer trainer(config.training, *parts.task, run,
                  [&](Checkpoint& checkpoint) { checkpoint.description = parts.description; });
  return trainer.run();
}

std::string field_training_plan(const FieldFittingConfig& config) {
  const Parts parts = make_parts(config);
  const TrainingPlan plan = plan_training(config.training, *parts.task);
  const double steps = static_cast<double>(plan.batches_per_epoch * config.training.epochs);
  return join(
      {"field model  " + config.field_model.name + ", " + std::to_string(plan.parameters) + " parameters",
       "data         " + std::to_string(parts.train->size()) + " training and " + std::to_string(parts.valid->size()) +
           " validation observations",
       "steps        " + std::to_string(plan.batches_per_epoch) + " an epoch, " + format_number(steps) + " in all",
       "time         " + format_duration(plan.seconds_per_step) + " a step with " + std::to_string(parts.threads) +
           " threads, about " + format_duration(plan.seconds_per_step * steps) + " without validation",
       "memory       " + format_bytes(plan.bytes) + " after two steps",
       "disk         " + format_bytes(plan.checkpoint_bytes) + " of checkpoints in " + config.run},
      "\n");
}

TrainedField load_field(const fs::path& run, const std::string& which) {
  const fs::path path = checkpoint_of(run, which);
  const Checkpoint stored = read_checkpoint(path);
  TrainedField field;
  FieldChoiceConfig choice;
  try {
    const Json json = Json::parse(stored.description);
    read_config_text(json.at("field_model").get<std::string>(), (path / "model.json").string(), choice);
    json.at("low").get_to(field.spec.low);
    json.at("high").get_to(field.spec.high);
    field.spec.time_low = json.at("time").at(0).get<double>();
    field.spec.time_high = json.at("time").at(1).get<double>();
    json.at("scales").get_to(field.spec.scales);
    for (const auto& item : json.at("channels"))
      field.spec.channels.push_back({item.at("name").get<std::string>(), item.at("unit").get<std::string>(),
                                     channel_kind(item.at("kind").get<std::string>())});
    json.at("length_unit").get_to(field.length_unit);
    json.at("time_unit").get_to(field.time_unit);
  } catch (const Json::exception& error) {
    throw DataError("'" + (path / "model.json").string() + "' is damaged or describes no field model: " + error.what());
  }
  field.name = choice.choice.name;
  field.model = FieldModelRegistry::instance().create(choice.choice.name, *choice.choice.config, field.spec);
  const std::string weights = stored.tensors.contains("average") ? "average" : "model";
  if (!stored.tensors.contains(weights))
    throw DataError("checkpoint '" + path.string() + "' has no " + weights + ".safetensors");
  load_weights(*field.model, stored.tensors.at(weights), (path / (weights + ".safetensors")).string());
  field.model->eval();
  return field;
}

namespace {

struct Sampling {
  TrainedField field;
  std::shared_ptr<const Case> problem;
  std::vector<double> times;
};

Sampling sampling_of(const FieldPredictionOptions& options) {
  if (options.cells < 1) throw ConfigError("--cells " + std::to_string(options.cells) + ": at least 1");
  if (options.frames < 0) throw ConfigError("--steps " + std::to_string(options.frames) + ": at least 0");
  Sampling sampling{load_field(options.run, options.checkpoint), nullptr, {}};
  sampling.problem = case_of(sampling.field, options.cells);
  const FieldModelSpec& spec = sampling.field.spec;
  const std::int64_t frames = options.frames > 0 ? options.frames : 21;
  for (std::int64_t n = 0; n < frames; ++n)
    sampling.times.push_back(spec.time_low + (spec.time_high - spec.time_low) * static_cast<double>(n) /
                                                 static_cast<double>(std::max<std::int64_t>(frames - 1, 1)));
  return sampling;
}

}  // namespace

std::string field_prediction_plan(const FieldPredictionOptions& options) {
  const Sampling sampling = sampling_of(options);
  const FieldModelSpec& spec = sampling.field.spec;
  const auto dimension = static_cast<std::int64_t>(spec.low.size());
  constexpr std::int64_t points = 4096;
  const at::Tensor middle = 0.5 * (at::tensor(spec.low, at::kDouble) + at::tensor(spec.high, at::kDouble));
  const at::Tensor places = middle.expand({points, dimension}).contiguous();
  const auto began = std::chrono::steady_clock::now();
  static_cast<void>(sampled(*sampling.field.model, places, at::full({points}, spec.time_low, at::kDouble)));
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
  double cells = 1;
  for (const auto length : sampling.problem->grid().cell_shape()) cells *= static_cast<double>(length);
  const auto frames = static_cast<double>(sampling.times.size());
  return join({"field model  " + sampling.field.name,
               "frames       " + format_number(frames) + " of " + format_number(cells) + " cells",
               "time         about " + format_duration(seconds * frames * cells / points) +
                   " for the model, measured on " + std::to_string(points) + " points; files and pictures come on top",
               "memory       " + format_bytes(peak_memory_bytes()),
               "disk         at most " + format_bytes(8 * frames * cells * static_cast<double>(spec.channels.size())) +
                   " beside pictures, in " + options.output.string()},
              "\n") +
         "\n";
}

std::int64_t predict_field(const FieldPredictionOptions& options) {
  const auto [field, problem, times] = sampling_of(options);
  const auto frames = static_cast<std::int64_t>(times.size());
  create_folder(options.output);
  std::vector<std::shared_ptr<Sink>> sinks;
  if (options.vtk) sinks.push_back(std::make_shared<VtkSink>(options.output, "field"));
  if (options.hdf5) sinks.push_back(std::make_shared<RolloutFileSink>(options.output / "field.h5", frames));
  if (options.pictures && problem->grid().dimension() > 1) {
    PictureSinkOptions pictures;
    pictures.every = options.pictures_every;
    pictures.quantity = "density";
    sinks.push_back(std::make_shared<PictureSink>(options.output / "pictures", "field", pictures));
  }
  for (const auto& sink : sinks) sink->open(problem, field.spec.channels);
  try {
    sample_frames(*field.model, field.spec, problem, times, sinks);
  } catch (const Interrupted&) {
    for (const auto& sink : sinks) sink->close(RunStatus::interrupted);
    throw;
  } catch (...) {
    for (const auto& sink : sinks) sink->close(RunStatus::failed);
    throw;
  }
  for (const auto& sink : sinks) sink->close(RunStatus::complete);
  return frames;
}

}  // namespace eddyline
