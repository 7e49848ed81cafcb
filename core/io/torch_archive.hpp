#pragma once
// Tensors from the `.pt` files that Python's torch.save writes: a zip archive with a pickle and one record a storage.

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace eddyline {

/// Whether the file starts like a zip archive that holds a pickle of torch.save; false for whatever cannot be read.
[[nodiscard]] bool is_torch_archive(const std::filesystem::path& path);

struct TorchArchive {
  std::map<std::string, at::Tensor> tensors;  // by name
  std::vector<std::string> others;            // names of what is no tensor
};

/// The dictionary that the file holds: a plain one or a state dict. Nothing but tensors, containers, numbers and text
/// is unpickled: a pickle that names any other class or function is refused and nothing of it is executed. Every tensor
/// lies inside the bytes that the file has.
/// @param sections  a dictionary under one of these names is taken instead of the whole.
/// @throws IoError; DataError when the file is damaged, holds something else, or a tensor reaches beyond its storage.
[[nodiscard]] TorchArchive read_torch_archive(const std::filesystem::path& path,
                                              const std::vector<std::string>& sections = {});

}  // namespace eddyline
