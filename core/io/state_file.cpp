#include "core/io/state_file.hpp"

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/io/safetensors.hpp"

namespace eddyline {
namespace {
constexpr std::string_view field_prefix = "field.", auxiliary_prefix = "auxiliary.";
}

void save_state(const std::filesystem::path& path, const State& state) {
  SafetensorsFile file;
  for (const auto& [name, field] : state.fields) {
    if (field.location != Location::cell)
      throw DataError("only cell fields can be saved, '" + name + "' sits elsewhere; keep it as an auxiliary block");
    file.tensors[std::string(field_prefix) + name] = field.values.contiguous();
  }
  for (const auto& [name, values] : state.auxiliary)
    file.tensors[std::string(auxiliary_prefix) + name] = values.contiguous();
  file.metadata["eddyline"] = "state";
  file.metadata["time"] = format_number(state.time);
  if (state.problem != nullptr) file.metadata["case"] = state.problem->to_yaml();
  write_safetensors(path, file);
}

State load_state(const std::filesystem::path& path) {
  const SafetensorsFile file = read_safetensors(path);
  const auto time = file.metadata.contains("time") ? parse_number(file.metadata.at("time")) : std::nullopt;
  if (!time) throw DataError("'" + path.string() + "' holds no state: its metadata has no time");
  State state;
  state.time = *time;
  if (file.metadata.contains("case")) state.problem = Case::from_yaml(file.metadata.at("case"), path.string());
  for (const auto& [name, values] : file.tensors) {
    if (name.starts_with(field_prefix)) {
      state.fields[name.substr(field_prefix.size())] = {Location::cell, values};
    } else if (name.starts_with(auxiliary_prefix)) {
      state.auxiliary[name.substr(auxiliary_prefix.size())] = values;
    }
  }
  return state;
}

}  // namespace eddyline
