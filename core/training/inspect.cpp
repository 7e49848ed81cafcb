#include "core/training/inspect.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"
#include "core/io/hdf5.hpp"
#include "core/io/safetensors.hpp"
#include "core/training/dataset.hpp"
#include "core/training/field_fitting.hpp"
#include "core/training/parameter_count.hpp"
#include "core/training/trained_model.hpp"

namespace eddyline {
namespace {

namespace fs = std::filesystem;

template <class Sizes>
std::string shape_text(const Sizes& sizes) {
  std::vector<std::string> parts;
  for (const auto size : sizes) parts.push_back(std::to_string(size));
  return "[" + join(parts, ", ") + "]";
}

std::string channel_text(const std::vector<Channel>& channels) {
  std::vector<std::string> parts;
  for (const auto& channel : channels) parts.push_back(printable(channel.name) + " [" + printable(channel.unit) + "]");
  return parts.empty() ? "none" : join(parts, ", ");
}

std::string range_text(double low, double high) { return format_number(low, 4) + " .. " + format_number(high, 4); }

void check_split(const Dataset& data, const std::string& split, InspectReport& report) {
  for (std::int64_t i = 0; i < data.size(); ++i) {
    try {
      static_cast<void>(data.frames(i, 0, data.trajectory(i).frames()));
      static_cast<void>(data.statics(i));
      if (data.trajectory(i).frames() > 1) static_cast<void>(data.trajectory(i).dt());
      static_cast<void>(data.problem(i));
    } catch (const Error& error) {
      report.findings.push_back(split + ", trajectory " + std::to_string(i) + ": " + error.what());
    }
  }
}

void inspect_dataset(const fs::path& path, bool check, InspectReport& report) {
  report.kind = "dataset";
  const std::vector<std::string> splits =
      fs::is_directory(path) ? splits_of_dataset(path.string()) : std::vector<std::string>{"file"};
  std::shared_ptr<const Grid> grid;
  for (const std::string& split : splits) {
    std::shared_ptr<const Dataset> data;
    try {
      data = open_dataset(path.string(), split);
    } catch (const IoError&) {
      continue;  // the dataset has no such split
    }
    const DatasetInfo& info = data->info();
    if (report.entries.empty()) {
      grid = info.grid;
      report.entries = {
          {"name", printable(info.name)},
          {"grid", shape_text(info.grid->cell_shape()) + (info.grid->is_uniform() ? " uniform" : " stretched")},
          {"channels", channel_text(info.channels)},
          {"static channels", channel_text(info.static_channels)}};
      for (int axis = 0; axis < info.grid->dimension(); ++axis)
        report.entries.emplace_back(
            std::string(1, "xyz"[axis]),
            range_text(info.grid->low(axis), info.grid->high(axis)) + " " + printable(info.length_unit));
    }
    const TrajectoryInfo first = data->trajectory(0);
    report.entries.emplace_back(
        split, std::to_string(data->size()) +
                   (first.frames() == 1 ? " samples"
                                        : " trajectories of " + std::to_string(first.frames()) + " frames, dt " +
                                              format_number(first.dt(), 4) + " " + printable(info.time_unit)) +
                   (*info.grid == *grid ? "" : ", grid " + shape_text(info.grid->cell_shape())));
    for (std::size_t p = 0; p < info.parameters.size(); ++p) {
      double low = first.parameters[p], high = low;
      for (std::int64_t i = 1; i < data->size(); ++i) {
        const double value = data->trajectory(i).parameters[p];
        low = std::min(low, value);
        high = std::max(high, value);
      }
      const std::string name = printable(info.parameters[p].name);
      report.entries.emplace_back(split + " " + name, range_text(low, high) + " " + printable(info.parameters[p].unit));
      if (check && data->size() > 1 && low == high)
        report.findings.push_back(split + ": parameter " + name + " never varies");
    }
    if (check) check_split(*data, split, report);
  }
}

void inspect_field(const fs::path& path, InspectReport& report) {
  report.kind = "field model";
  const TrainedField field = load_field(path);
  report.entries = {
      {"field model", field.name},
      {"parameters", std::to_string(parameter_count(*field.model))},
      {"trained time", range_text(field.spec.time_low, field.spec.time_high) + " " + printable(field.time_unit)},
      {"channels", channel_text(field.spec.channels)}};
  for (std::size_t axis = 0; axis < field.spec.low.size(); ++axis)
    report.entries.emplace_back(std::string(1, "xyz"[axis]), range_text(field.spec.low[axis], field.spec.high[axis]) +
                                                                 " " + printable(field.length_unit));
}

/// Torn checkpoints of a run.
void find_damage(const fs::path& path, InspectReport& report) {
  const fs::path folder = fs::is_directory(path / "checkpoints") ? path / "checkpoints" : path;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_directory() && entry.path().filename().string().starts_with("step-"))
      if (const auto damage = checkpoint_damage(entry.path()))
        report.findings.push_back(entry.path().string() + ": " + *damage);
}

void inspect_model(const fs::path& path, bool check, InspectReport& report) {
  if (is_field_run(path)) {
    inspect_field(path, report);
    if (check) find_damage(path, report);
    return;
  }
  report.kind = "model";
  const TrainedModel model = load_model(path);
  const ModelDescription& about = model.description;
  report.entries = {{"checkpoint", model.checkpoint.string()},
                    {"operator", about.operator_choice.name},
                    {"parameters", std::to_string(parameter_count(*model.model))},
                    {"step", std::to_string(model.state.step)},
                    {"epoch", std::to_string(model.state.epoch)},
                    {"best selection", format_number(model.state.best_selection, 4) + " at step " +
                                           std::to_string(model.state.best_step)},
                    {"channels", channel_text(about.data.channels)},
                    {"static channels", channel_text(about.data.static_channels)}};
  if (model.forecaster) {
    report.entries.emplace_back("history", std::to_string(about.spec.history) + " frames in");
    report.entries.emplace_back("bundle", std::to_string(about.spec.bundle) + " frames out");
    report.entries.emplace_back(
        "trained dt", range_text(model.normaliser->dt_low, model.normaliser->dt_high) + " " + about.data.time_unit);
  }
  for (const auto& parameter : about.data.parameters)
    report.entries.emplace_back("parameter", parameter.name + " [" + parameter.unit + "]");
  if (check) find_damage(path, report);
}

void inspect_tensors(const fs::path& path, InspectReport& report) {
  const SafetensorsFile file = read_safetensors(path);
  report.kind = file.metadata.contains("eddyline") ? printable(file.metadata.at("eddyline")) : "tensors";
  for (const auto& [name, value] : file.metadata)
    if (name != "case") report.entries.emplace_back("metadata " + printable(name), printable(value));
  for (const auto& [name, tensor] : file.tensors) {
    std::ostringstream type;
    type << tensor.scalar_type();
    report.entries.emplace_back(printable(name), type.str() + " " + shape_text(tensor.sizes()));
    if (tensor.is_floating_point() && !at::isfinite(tensor).all().item<bool>())
      report.findings.push_back(printable(name) + " holds values that are not finite");
  }
}

void walk_hdf5(const hdf5::File& file, const std::string& group, int depth, InspectReport& report) {
  // Groups may hold each other: without an end to the list, a small file keeps us busy for ever.
  constexpr std::size_t most_entries = 10'000;
  for (const auto& name : file.links(group)) {
    if (report.entries.size() >= most_entries) return;
    const std::string path = group == "/" ? name : group + "/" + name;
    if (!file.is_group(path)) {
      report.entries.emplace_back(printable(path), shape_text(file.info(path).shape));
    } else if (depth < 16) {
      walk_hdf5(file, path, depth + 1, report);
    }
  }
}

bool is_model(const fs::path& path) {
  return fs::exists(path / "checkpoints") || fs::exists(path / "model.safetensors") || fs::exists(path / "model.json");
}

}  // namespace

std::string InspectReport::text() const {
  std::size_t width = 4;
  for (const auto& [name, value] : entries) width = std::max(width, name.size());
  std::string out = "kind" + std::string(width - 4 + 2, ' ') + kind + "\n";
  for (const auto& [name, value] : entries) out += name + std::string(width - name.size() + 2, ' ') + value + "\n";
  for (const auto& finding : findings) out += "FOUND: " + finding + "\n";
  return out;
}

std::string InspectReport::json() const {
  nlohmann::ordered_json out = {{"kind", kind}};
  for (const auto& [name, value] : entries) out["entries"].push_back({{"name", name}, {"value", value}});
  out["findings"] = findings;
  return out.dump(2) + "\n";
}

InspectReport inspect(const fs::path& path, bool check) {
  if (!fs::exists(path)) throw IoError("there is no '" + path.string() + "'");
  InspectReport report;
  if (fs::is_directory(path) && is_model(path)) {
    inspect_model(path, check, report);
  } else if (path.extension() == ".safetensors") {
    inspect_tensors(path, report);
  } else {
    const bool is_file = fs::is_regular_file(path);
    if (is_file && path.extension() != ".hdf5" && path.extension() != ".h5")
      throw DataError("'" + path.string() +
                      "' is of no kind that can be inspected: datasets (.hdf5, .h5), runs, checkpoints, .safetensors");
    try {
      inspect_dataset(path, check, report);
    } catch (const DataError&) {
      if (!is_file) throw;
      const auto file = hdf5::File::open(path);  // reports damage; another layout is listed as it is
      report = {"hdf5", {}, {}};
      walk_hdf5(file, "/", 0, report);
    }
  }
  return report;
}

}  // namespace eddyline
