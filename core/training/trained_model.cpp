#include "core/training/trained_model.hpp"

#include <nlohmann/json.hpp>

#include "core/base/error.hpp"
#include "core/config/config_reader.hpp"
#include "core/training/operator_with_heads.hpp"
#include "core/training/optimiser.hpp"

namespace eddyline {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

struct OperatorChoiceConfig final : Config {
  PluginChoice choice;
  void fields(FieldVisitor& visit) override;
};

void OperatorChoiceConfig::fields(FieldVisitor& visit) {
  // Spelled out: g++ 12 takes the shorter form for a read of uninitialised memory here.
  visit.plugin(FieldInfo{"operator", rule::any(), "the learned map"}, choice, OperatorRegistry::instance());
}

Json to_json(const std::vector<Channel>& channels) {
  Json list = Json::array();
  for (const auto& channel : channels)
    list.push_back({{"name", channel.name}, {"unit", channel.unit}, {"kind", to_string(channel.kind)}});
  return list;
}

std::vector<Channel> channels_of(const Json& list) {
  std::vector<Channel> channels;
  for (const auto& item : list)
    channels.push_back({item.at("name").get<std::string>(), item.at("unit").get<std::string>(),
                        channel_kind(item.at("kind").get<std::string>())});
  return channels;
}

std::string words(const std::vector<std::int64_t>& shape) {
  std::string text;
  for (const std::int64_t length : shape) text += (text.empty() ? "" : " x ") + std::to_string(length);
  return text;
}

void check_names(const std::string& what, const std::vector<std::string>& model, const std::vector<std::string>& data) {
  if (model == data) return;
  const auto list = [](const std::vector<std::string>& names) { return names.empty() ? "none" : join(names, ", "); };
  throw DataError("the model was trained with the " + what + " " + printable(list(model)) + "; the data has " +
                  printable(list(data)));
}

}  // namespace

std::string ModelDescription::to_json() const {
  OperatorChoiceConfig config;
  config.choice = operator_choice;
  Json json;
  json["operator"] = resolved_yaml(config);
  json["spec"] = {{"dimension", spec.dimension},
                  {"history", spec.history},
                  {"bundle", spec.bundle},
                  {"channels", spec.channels},
                  {"static_channels", spec.static_channels},
                  {"parameters", spec.parameters},
                  {"lead_time", spec.lead_time},
                  {"wall_exponent", spec.wall_exponent},
                  {"output", spec.output == Output::frames ? "frames" : "increments"}};
  if (!heads.empty()) {
    HeadListConfig list;
    list.heads = heads;
    json["heads"] = resolved_yaml(list);
    if (problem) json["case"] = problem->to_yaml();
  }
  json["name"] = data.name;
  json["channels"] = eddyline::to_json(data.channels);
  json["static_channels"] = eddyline::to_json(data.static_channels);
  json["parameters"] = Json::array();
  for (const auto& parameter : data.parameters)
    json["parameters"].push_back({{"name", parameter.name}, {"unit", parameter.unit}});
  json["length_unit"] = data.length_unit;
  json["time_unit"] = data.time_unit;
  json["grid"] = Json::array();
  for (int axis = 0; axis < data.grid->dimension(); ++axis) json["grid"].push_back(data.grid->nodes(axis));
  return json.dump(2) + "\n";
}

ModelDescription ModelDescription::from_json(const std::string& text, const std::string& source) {
  ModelDescription result;
  try {
    const Json json = Json::parse(text);
    OperatorChoiceConfig config;
    read_config_text(json.at("operator").get<std::string>(), source, config);
    result.operator_choice = config.choice;
    const Json& spec = json.at("spec");
    spec.at("dimension").get_to(result.spec.dimension);
    spec.at("history").get_to(result.spec.history);
    spec.at("bundle").get_to(result.spec.bundle);
    spec.at("channels").get_to(result.spec.channels);
    spec.at("static_channels").get_to(result.spec.static_channels);
    spec.at("parameters").get_to(result.spec.parameters);
    spec.at("lead_time").get_to(result.spec.lead_time);
    result.spec.wall_exponent = spec.value("wall_exponent", 0.0);   // absent from older checkpoints
    const std::string output = spec.value("output", "increments");  // files of before the field mean these
    if (output != "increments" && output != "frames")
      throw DataError("'" + source + "': output '" + printable(output) + "' is neither increments nor frames");
    result.spec.output = output == "frames" ? Output::frames : Output::increments;
    if (json.contains("heads")) {
      HeadListConfig list;
      read_config_text(json.at("heads").get<std::string>(), source, list);
      result.heads = list.heads;
      if (json.contains("case")) result.problem = Case::from_yaml(json.at("case").get<std::string>(), source);
    }
    json.at("name").get_to(result.data.name);
    result.data.channels = channels_of(json.at("channels"));
    result.data.static_channels = channels_of(json.at("static_channels"));
    for (const auto& item : json.at("parameters"))
      result.data.parameters.push_back({item.at("name").get<std::string>(), item.at("unit").get<std::string>()});
    json.at("length_unit").get_to(result.data.length_unit);
    json.at("time_unit").get_to(result.data.time_unit);
    result.data.grid = std::make_shared<Grid>(json.at("grid").get<std::vector<std::vector<double>>>());
    result.spec.coordinates = cell_coordinates(*result.data.grid);
  } catch (const Json::exception& error) {
    throw DataError("'" + source + "' is damaged: " + error.what());
  }
  return result;
}

std::shared_ptr<Operator> make_operator(const ModelDescription& description,
                                        const std::shared_ptr<const Normaliser>& normaliser) {
  return make_operator(description.operator_choice, description.heads,
                       {description.spec, description.data, description.problem}, normaliser);
}

TrainedModel load_model(const fs::path& path, const std::string& which) {
  if (which != "best" && which != "last")
    throw ConfigError("a checkpoint is 'best' or 'last', not '" + printable(which) + "'");
  fs::path checkpoint = path;
  if (!fs::exists(path / "state.json")) {
    const fs::path folder = fs::is_directory(path / "checkpoints") ? path / "checkpoints" : path;
    const CheckpointStore store(folder);
    const auto found = which == "best" ? store.best() : store.newest();
    if (!found) throw IoError("there is no whole checkpoint in '" + path.string() + "'");
    checkpoint = *found;
  }
  const Checkpoint stored = read_checkpoint(checkpoint);
  TrainedModel result;
  result.checkpoint = checkpoint;
  result.state = stored.state;
  result.description = ModelDescription::from_json(stored.description, (checkpoint / "model.json").string());
  const auto tensors = [&](const std::string& name) {
    const auto found = stored.tensors.find(name);
    if (found == stored.tensors.end())
      throw DataError("checkpoint '" + checkpoint.string() + "' has no " + name + ".safetensors");
    return found->second;
  };
  const std::string source = (checkpoint / "normaliser.safetensors").string();
  result.normaliser = std::make_shared<Normaliser>(Normaliser::from_tensors(tensors("normaliser"), source));
  result.model = make_operator(result.description, result.normaliser);
  const std::string weights = stored.tensors.contains("average") ? "average" : "model";
  load_weights(*result.model, tensors(weights), (checkpoint / (weights + ".safetensors")).string());
  result.model->eval();
  const NormalisedOperator trained(result.model, result.description.spec, result.normaliser,
                                   mask_channel(result.description.data));
  if (result.description.spec.forecasts())
    result.forecaster = std::make_shared<Forecaster>(trained);
  else
    result.regressor = std::make_shared<Regressor>(trained);
  return result;
}

void check_compatible(const ModelDescription& model, const DatasetInfo& data, GridUse grid) {
  check_names("channels", channel_names(model.data.channels), channel_names(data.channels));
  check_names("static channels", channel_names(model.data.static_channels), channel_names(data.static_channels));
  std::vector<std::string> trained, given;
  for (const auto& parameter : model.data.parameters) trained.push_back(parameter.name);
  for (const auto& parameter : data.parameters) given.push_back(parameter.name);
  check_names("parameters", trained, given);
  for (std::size_t c = 0; c < data.channels.size(); ++c)
    if (model.data.channels[c].unit != data.channels[c].unit)
      throw DataError("channel '" + printable(data.channels[c].name) + "' is in " + printable(data.channels[c].unit) +
                      ", the model was trained in " + printable(model.data.channels[c].unit));
  const bool fits =
      data.grid && (grid == GridUse::any_resolution ? data.grid->dimension() == model.data.grid->dimension()
                                                    : data.grid->cell_shape() == model.data.grid->cell_shape());
  if (!fits)
    throw DataError("the model was trained on a grid of " + words(model.data.grid->cell_shape()) +
                    " cells, the data has " + (data.grid ? words(data.grid->cell_shape()) : std::string("no grid")));
}

}  // namespace eddyline
