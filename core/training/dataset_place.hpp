#pragma once
// How a command line names one trajectory of a dataset, or a frame of it.

#include <cstdint>
#include <optional>
#include <string>

namespace eddyline {

/// DATASET[#SPLIT/NUMBER[@FRAME]]: "data/cylinder#test/0@12".
struct DatasetPlace {
  std::string dataset;
  std::optional<std::string> split;
  std::int64_t trajectory = 0;
  std::optional<std::int64_t> frame;
};

/// @param option  what the message calls the text: "--input".
/// @throws ConfigError saying what was expected.
[[nodiscard]] DatasetPlace parse_dataset_place(const std::string& text, const std::string& option);

}  // namespace eddyline
