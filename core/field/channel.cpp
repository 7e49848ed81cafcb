#include "core/field/channel.hpp"

#include <array>

#include "core/base/error.hpp"
#include "core/base/text.hpp"

namespace eddyline {
namespace {
const std::array<std::pair<ChannelKind, const char*>, 5> kind_words = {{{ChannelKind::scalar, "scalar"},
                                                                        {ChannelKind::density, "density"},
                                                                        {ChannelKind::vector_x, "vector_x"},
                                                                        {ChannelKind::vector_y, "vector_y"},
                                                                        {ChannelKind::vector_z, "vector_z"}}};
}

std::vector<std::string> channel_names(const std::vector<Channel>& channels) {
  std::vector<std::string> names;
  for (const auto& channel : channels) names.push_back(channel.name);
  return names;
}

std::string to_string(ChannelKind kind) {
  for (const auto& [value, word] : kind_words)
    if (value == kind) return word;
  return "scalar";
}

ChannelKind channel_kind(const std::string& word) {
  for (const auto& [value, name] : kind_words)
    if (word == name) return value;
  throw DataError("unknown channel kind '" + printable(word) + "'");
}

std::vector<std::int64_t> velocity_channels(const std::vector<Channel>& channels, int dimension) {
  std::vector<std::int64_t> found(static_cast<std::size_t>(dimension), -1);
  const auto first = static_cast<int>(ChannelKind::vector_x);
  for (std::size_t c = 0; c < channels.size(); ++c) {
    const int component = static_cast<int>(channels[c].kind) - first;
    // The first vector is the velocity.
    if (component >= 0 && component < dimension && found[static_cast<std::size_t>(component)] < 0)
      found[static_cast<std::size_t>(component)] = static_cast<std::int64_t>(c);
  }
  for (const std::int64_t index : found)
    if (index < 0) return {};
  return found;
}

}  // namespace eddyline
