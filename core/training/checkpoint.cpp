#include "core/training/checkpoint.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <nlohmann/json.hpp>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/numbers.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/content_hash.hpp"

namespace eddyline {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

constexpr int format_version = 1;
constexpr const char* prefix = "step-";
constexpr const char* manifest = "state.json";

// JSON has no infinity, hence numbers as text.
double number_of(const Json& value) {
  const auto number = parse_number(value.get<std::string>());
  if (!number) throw DataError("'" + value.get<std::string>() + "' is no number");
  return *number;
}

Json manifest_of(const TrainingState& state) {
  Json json;
  json["format"] = "eddyline checkpoint";
  json["version"] = format_version;
  json["step"] = state.step;
  json["epoch"] = state.epoch;
  json["cursor"] = state.cursor;
  json["loss_sum"] = format_number(state.loss_sum);
  json["gradient_sum"] = format_number(state.gradient_sum);
  json["epoch_steps"] = state.epoch_steps;
  json["best_step"] = state.best_step;
  json["best_selection"] = format_number(state.best_selection);
  json["complete"] = state.complete;
  return json;
}

TrainingState state_of(const Json& json) {
  TrainingState state;
  state.step = json.at("step").get<std::int64_t>();
  state.epoch = json.at("epoch").get<std::int64_t>();
  state.cursor = json.at("cursor").get<std::map<std::string, std::int64_t>>();
  state.loss_sum = number_of(json.at("loss_sum"));
  state.gradient_sum = number_of(json.at("gradient_sum"));
  state.epoch_steps = json.at("epoch_steps").get<std::int64_t>();
  state.best_step = json.at("best_step").get<std::int64_t>();
  state.best_selection = number_of(json.at("best_selection"));
  state.complete = json.at("complete").get<bool>();
  return state;
}

Json read_manifest(const fs::path& checkpoint) {
  const fs::path path = checkpoint / manifest;
  const std::string text = read_file(path);
  Json json;
  try {
    json = Json::parse(text);
    if (json.at("format") != "eddyline checkpoint") throw DataError("not a checkpoint");
    const int version = json.at("version").get<int>();
    if (version > format_version)
      throw DataError("format version " + std::to_string(version) + ", this program knows up to " +
                      std::to_string(format_version) + "; use a newer eddyline");
    static_cast<void>(state_of(json));
  } catch (const Json::exception& error) {
    throw DataError("'" + path.string() + "' is damaged: " + error.what());
  } catch (const DataError& error) {
    throw DataError("'" + path.string() + "': " + error.what());
  }
  return json;
}

void flush_folder(const fs::path& folder) {
  const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) throw_io_error(folder, "flush", errno);
  const bool failed = FailureInjection::strikes() || ::fsync(descriptor) != 0;
  const int reason = errno != 0 ? errno : ENOSPC;
  ::close(descriptor);
  if (failed) throw_io_error(folder, "flush", reason);
}

void remove_folder(const fs::path& folder) {
  std::error_code code;
  fs::remove_all(folder, code);
  if (code) log_warning("cannot remove the old checkpoint '" + folder.string() + "': " + code.message());
}

/// Puts `from` in the place of `to`, which may exist, in one step.
void rename_over(const fs::path& from, const fs::path& to) {
  if (FailureInjection::strikes()) throw_io_error(to, "rename to", ENOSPC);
  if (!fs::exists(to)) {
    if (::rename(from.c_str(), to.c_str()) != 0) throw_io_error(to, "rename to", errno);
    return;
  }
  if (::renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_EXCHANGE) == 0) {
    remove_folder(from);
    return;
  }
  // File systems without an exchange: for an instant only the checkpoint before exists.
  remove_folder(to);
  if (::rename(from.c_str(), to.c_str()) != 0) throw_io_error(to, "rename to", errno);
}

}  // namespace

fs::path CheckpointStore::path(std::int64_t step) const {
  std::string digits = std::to_string(step);
  if (digits.size() < 6) digits.insert(0, 6 - digits.size(), '0');
  return folder_ / (prefix + digits);
}

std::vector<std::int64_t> CheckpointStore::steps() const {
  std::vector<std::int64_t> steps;
  if (!fs::is_directory(folder_)) return steps;
  for (const auto& entry : fs::directory_iterator(folder_)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(prefix)) continue;
    const auto step = parse_integer(name.substr(std::string(prefix).size()));
    if (step && *step >= 0) steps.push_back(*step);
  }
  std::sort(steps.begin(), steps.end());
  return steps;
}

void CheckpointStore::publish(const Checkpoint& checkpoint) const {
  create_folder(folder_);
  for (const auto& entry : fs::directory_iterator(folder_))  // left by a run that was killed
    if (entry.path().filename().string().find(".partial") != std::string::npos) remove_folder(entry.path());
  const fs::path target = path(checkpoint.state.step);
  const fs::path partial = target.string() + ".partial-" + std::to_string(::getpid());
  try {
    create_folder(partial);
    Json json = manifest_of(checkpoint.state);
    const auto remember = [&](const std::string& name) {
      const std::string bytes = read_file(partial / name);
      json["files"][name] = {{"bytes", bytes.size()}, {"hash", content_hash(bytes)}};
    };
    for (const auto& [name, tensors] : checkpoint.tensors) {
      write_safetensors(partial / (name + ".safetensors"), {tensors, {}});
      remember(name + ".safetensors");
    }
    write_atomically(partial / "model.json", checkpoint.description);
    remember("model.json");
    write_atomically(partial / manifest, json.dump(2) + "\n");
    rename_over(partial, target);
    flush_folder(folder_);
  } catch (...) {
    remove_folder(partial);
    throw;
  }
  const auto known = steps();
  std::int64_t before = -1;
  for (const std::int64_t step : known)
    if (step < checkpoint.state.step) before = step;
  // Later ones are torn: the run would have continued from them.
  for (const std::int64_t step : known)
    if ((step < before && step != checkpoint.state.best_step) || step > checkpoint.state.step)
      remove_folder(path(step));
}

std::optional<fs::path> CheckpointStore::newest() const {
  auto known = steps();
  std::reverse(known.begin(), known.end());
  for (const std::int64_t step : known) {
    const auto damage = checkpoint_damage(path(step));
    if (!damage) return path(step);
    log_warning("checkpoint '" + path(step).string() + "' is passed over: " + *damage);
  }
  return std::nullopt;
}

std::optional<fs::path> CheckpointStore::best() const {
  const auto last = newest();
  if (!last) return std::nullopt;
  const fs::path best = path(read_training_state(*last).best_step);
  if (const auto damage = checkpoint_damage(best))
    throw DataError("the best checkpoint '" + best.string() + "' is damaged: " + *damage + "; use the last one");
  return best;
}

std::optional<std::string> checkpoint_damage(const fs::path& checkpoint) {
  try {
    const Json json = read_manifest(checkpoint);
    for (const auto& [name, entry] : json.at("files").items()) {
      const std::string bytes = read_file(checkpoint / name);
      if (bytes.size() != entry.at("bytes").get<std::size_t>())
        return name + " has " + std::to_string(bytes.size()) + " bytes instead of " + entry.at("bytes").dump();
      if (content_hash(bytes) != entry.at("hash").get<std::string>()) return name + " differs from its hash";
    }
  } catch (const Error& error) {
    return error.what();
  } catch (const Json::exception& error) {
    return error.what();
  }
  return std::nullopt;
}

TrainingState read_training_state(const fs::path& checkpoint) { return state_of(read_manifest(checkpoint)); }

Checkpoint read_checkpoint(const fs::path& checkpoint) {
  if (const auto damage = checkpoint_damage(checkpoint))
    throw DataError("checkpoint '" + checkpoint.string() + "' is damaged: " + *damage);
  Checkpoint result;
  result.state = read_training_state(checkpoint);
  const std::string extension = ".safetensors";
  const Json json = read_manifest(checkpoint);
  for (const auto& [name, entry] : json.at("files").items())
    if (name.ends_with(extension))
      result.tensors[name.substr(0, name.size() - extension.size())] = read_safetensors(checkpoint / name).tensors;
  result.description = read_file(checkpoint / "model.json");
  return result;
}

}  // namespace eddyline
