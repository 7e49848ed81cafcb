#pragma once
// The safetensors format: 8 bytes of header length, a JSON header, the raw tensors. Strict in both directions: a header
// that lies is refused before anything is allocated.

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <map>
#include <string>

namespace eddyline {

struct SafetensorsFile {
  std::map<std::string, at::Tensor> tensors;
  std::map<std::string, std::string> metadata;
};

/// float16/32/64, bfloat16, (u)int8, int16/32/64, bool, complex64. @throws IoError, DataError naming file and tensor.
[[nodiscard]] SafetensorsFile read_safetensors(const std::filesystem::path& path);
/// Written atomically; the same content gives the same bytes.
void write_safetensors(const std::filesystem::path& path, const SafetensorsFile& file);

}  // namespace eddyline
