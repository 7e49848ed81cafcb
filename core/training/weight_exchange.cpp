#include "core/training/weight_exchange.hpp"

#include <ATen/ATen.h>

#include <limits>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/config/config_reader.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/run_lock.hpp"
#include "core/io/safetensors.hpp"
#include "core/training/foreign_weights.hpp"
#include "core/training/optimiser.hpp"
#include "core/training/trained_model.hpp"

namespace eddyline {
namespace {

/// The importer that knows an operator.
std::unique_ptr<Importer> importer_of(Operator& model, const std::string& name) {
  const auto& registry = ImporterRegistry::instance();
  for (const auto& candidate : registry.names()) {
    auto importer = registry.create(candidate, EmptyConfig{});
    if (!importer->operator_state(model).empty()) return importer;
  }
  throw ConfigError("operator '" + printable(name) +
                    "' has no names of its authors to read or write; importers: " + join(registry.names(), ", "));
}

std::vector<Channel> channels_of(const std::vector<ImportedChannelConfig>& list) {
  std::vector<Channel> channels;
  for (const auto& item : list) channels.push_back({item.name, item.unit, channel_kind(item.kind)});
  return channels;
}

template <class List>
at::Tensor column(const List& list, double List::value_type::*member) {
  std::vector<double> values;
  for (const auto& item : list) values.push_back(item.*member);
  return at::tensor(values, at::kDouble);
}

Normaliser normaliser_of(const ImportConfig& config, const Grid& grid) {
  const auto channels = static_cast<std::int64_t>(config.channels.size());
  const double unknown = std::numeric_limits<double>::infinity();  // no range that a prediction could leave
  Normaliser result;
  result.dimension = grid.dimension();
  result.mean = column(config.channels, &ImportedChannelConfig::mean);
  result.deviation = column(config.channels, &ImportedChannelConfig::deviation);
  result.increment_deviation = result.deviation.expand({config.bundle, channels}).clone();
  result.parameter_mean = column(config.parameters, &ImportedParameterConfig::mean);
  result.parameter_scale = column(config.parameters, &ImportedParameterConfig::deviation);
  result.lead_time_scale = result.dt_low = result.dt_high = config.frame_interval;
  auto shape = grid.cell_shape();
  const std::vector<std::int64_t> ones(shape.size(), 1);
  shape.insert(shape.begin(), channels);
  std::vector<std::int64_t> column_shape = {channels};
  column_shape.insert(column_shape.end(), ones.begin(), ones.end());
  result.mean_field = result.mean.reshape(column_shape).expand(shape).clone();
  result.largest = at::full({channels}, unknown, at::kDouble);
  result.largest_energy = unknown;
  return result;
}

ModelDescription description_of(const ImportConfig& config) {
  if (config.channels.empty())
    throw ConfigError("channels: say which the model was trained on: --set 'channels=[{name: velocity_x, unit: m/s}]'");
  if (config.grid.empty())
    throw ConfigError(
        "grid: say on which the model is used, x first: --set 'grid=[{to: 1, cells: 64}, {to: 1, cells: 64}]'");
  std::vector<std::vector<double>> nodes;
  for (const auto& axis : config.grid) nodes.push_back(axis.node_coordinates());
  ModelDescription result;
  result.operator_choice = config.operator_choice;
  result.data.name = config.name;
  result.data.grid = std::make_shared<Grid>(nodes);
  result.data.channels = channels_of(config.channels);
  result.data.static_channels = channels_of(config.static_channels);
  for (const auto& parameter : config.parameters) result.data.parameters.push_back({parameter.name, parameter.unit});
  result.data.length_unit = config.length_unit;
  result.data.time_unit = config.time_unit;
  result.spec.dimension = result.data.grid->dimension();
  result.spec.history = config.history;
  result.spec.bundle = config.bundle;
  result.spec.channels = static_cast<std::int64_t>(config.channels.size());
  result.spec.static_channels = static_cast<std::int64_t>(config.static_channels.size());
  result.spec.parameters = static_cast<std::int64_t>(config.parameters.size());
  result.spec.lead_time = config.lead_time;
  result.spec.output = config.output == "increments" ? Output::increments : Output::frames;
  return result;
}

}  // namespace

void ImportedChannelConfig::fields(FieldVisitor& visit) {
  visit("name", name, rule::any().required(), "as in the dataset: velocity_x");
  visit("unit", unit, rule::any(), "");
  visit("kind", kind, rule::one_of({"scalar", "density", "vector_x", "vector_y", "vector_z"}), "");
  visit("mean", mean, rule::any(), "what the model's normaliser takes off");
  visit("deviation", deviation, rule::positive(), "and divides by");
}

void ImportedParameterConfig::fields(FieldVisitor& visit) {
  visit("name", name, rule::any().required(), "as in the dataset: viscosity");
  visit("unit", unit, rule::any(), "");
  visit("mean", mean, rule::any(), "what the model's normaliser takes off");
  visit("deviation", deviation, rule::positive(), "and divides by");
}

void ImportConfig::fields(FieldVisitor& visit) {
  visit("operator", operator_choice, OperatorRegistry::instance(),
        "the model, with the settings that it was made with");
  visit("history", history, rule::at_least(1), "past frames that go in");
  visit("bundle", bundle, rule::at_least(1), "frames that come out");
  visit("channels", channels, "that change in time, in the model's order");
  visit("static_channels", static_channels, "constant in time, behind the frames");
  visit("parameters", parameters, "one number a trajectory, broadcast, behind the static channels");
  visit("lead_time", lead_time, rule::any(), "the time to the next frame, over frame_interval, is the last channel");
  visit("output", output, rule::one_of({"frames", "increments"}), "what the model gives: the frames, or their change");
  visit("grid", grid, "axes, x first");
  visit("frame_interval", frame_interval, rule::positive(), "time between frames");
  visit("name", name, rule::any(), "of the data");
  visit("length_unit", length_unit, rule::any(), "");
  visit("time_unit", time_unit, rule::any(), "");
}

std::int64_t import_weights(const std::filesystem::path& weights, const ImportConfig& config,
                            const std::filesystem::path& run) {
  const ModelDescription description = description_of(config);
  const auto& choice = config.operator_choice;
  const auto model = OperatorRegistry::instance().create(choice.name, *choice.config, description.spec);
  const auto importer = importer_of(*model, choice.name);
  const NamedTensors ours = importer->operator_state(*model);
  copy_weights(
      ours, read_state_dict(weights), [&](const std::string& name) { return importer->ignores(name); },
      weights.string());
  create_folder(run);
  const RunLock lock(run);
  const CheckpointStore store(run / "checkpoints");
  if (!store.steps().empty())
    throw IoError("'" + run.string() + "' holds checkpoints already; choose another --output");
  Checkpoint checkpoint;
  checkpoint.state.complete = true;
  checkpoint.tensors["model"] = copied(weights_of(*model));
  checkpoint.tensors["normaliser"] = normaliser_of(config, *description.data.grid).to_tensors();
  checkpoint.description = description.to_json();
  store.publish(checkpoint);
  write_atomically(run / "import.yaml", resolved_yaml(config));
  return static_cast<std::int64_t>(ours.size());
}

std::int64_t export_weights(const std::filesystem::path& run, const std::string& which,
                            const std::filesystem::path& output) {
  const TrainedModel trained = load_model(run, which);
  if (!trained.description.heads.empty())
    throw ConfigError("'" + run.string() +
                      "' has heads behind its operator, which other programs do not know; its weights "
                      "alone would predict something else");
  const std::string& name = trained.description.operator_choice.name;
  const auto importer = importer_of(*trained.model, name);
  SafetensorsFile file;
  for (const auto& state : {importer->operator_state(*trained.model), importer->unused_state(*trained.model)})
    for (const auto& [key, values] : state) {
      const at::Tensor plain = values.detach().contiguous();
      file.tensors[key] = importer->is_complex(key) ? at::view_as_complex(plain) : plain;
    }
  file.metadata = {{"format", "pt"}, {"operator", name}, {"checkpoint", trained.checkpoint.filename().string()}};
  write_safetensors(output, file);
  return static_cast<std::int64_t>(file.tensors.size());
}

}  // namespace eddyline
