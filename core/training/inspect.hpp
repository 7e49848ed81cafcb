#pragma once
// What is in a dataset, checkpoint, run, state or tensor file. The engine behind `eddyline inspect`.

#include <filesystem>
#include <string>
#include <vector>

namespace eddyline {

struct InspectReport {
  std::string kind;  // "dataset", "run", "checkpoint", "state", "tensors", "hdf5"
  std::vector<std::pair<std::string, std::string>> entries;  // name and value, in order
  std::vector<std::string> findings;                         // what `check` found wrong
  [[nodiscard]] std::string text() const;
  [[nodiscard]] std::string json() const;
};

/// @param check  also reads everything: checksums, values that are not finite, parameters that never vary, torn
/// checkpoints.
/// @throws IoError when the path is missing, DataError when it is of no kind that we know.
[[nodiscard]] InspectReport inspect(const std::filesystem::path& path, bool check);

}  // namespace eddyline
