#pragma once
// Weights of Python models: reading their files, fitting them to our parameters by the authors' names.

#include <filesystem>
#include <functional>
#include <string>

#include "core/training/importer.hpp"

namespace eddyline {

/// A state dict from a .safetensors file or a .pt archive of plain tensors (torch.save of a state dict, perhaps under
/// "state_dict", "model_state_dict" or "model"). A .pt file is read through LibTorch's restricted unpickler, which
/// executes nothing. @throws IoError; DataError when it holds anything but tensors, naming it, with advice to convert.
[[nodiscard]] NamedTensors read_state_dict(const std::filesystem::path& path);

/// Copies `weights` into `ours`, name by name; complex numbers into pairs [..., 2] and the other way round.
/// @param ignores  names of the file that have no counterpart here.
/// @throws DataError listing every missing, extra and misshapen name with the nearest one; nothing is copied then.
void copy_weights(const NamedTensors& ours, const NamedTensors& weights,
                  const std::function<bool(const std::string&)>& ignores, const std::string& source);

}  // namespace eddyline
