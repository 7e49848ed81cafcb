#pragma once
// One state, exact to the bit: restart files of a solver, initial states of a prediction.

#include <filesystem>

#include "core/field/state.hpp"

namespace eddyline {

/// Safetensors with `field.<name>` and `auxiliary.<name>`, the time and the case in the metadata; written atomically.
void save_state(const std::filesystem::path& path, const State& state);
/// @throws IoError when the file is missing, DataError when it is damaged or holds no state.
[[nodiscard]] State load_state(const std::filesystem::path& path);

}  // namespace eddyline
