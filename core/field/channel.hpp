#pragma once
// What the numbers of a field mean.

#include <string>
#include <vector>

namespace eddyline {

enum class ChannelKind { scalar, density, vector_x, vector_y, vector_z };

struct Channel {
  std::string name;  // "velocity_x"
  std::string unit;  // "m/s"; "1" when dimensionless
  ChannelKind kind = ChannelKind::scalar;
  [[nodiscard]] bool operator==(const Channel&) const = default;
};

/// A physical parameter of a case: "viscosity" in "m^2/s".
struct Parameter {
  std::string name, unit;
  [[nodiscard]] bool operator==(const Parameter&) const = default;
};

[[nodiscard]] std::vector<std::string> channel_names(const std::vector<Channel>& channels);
[[nodiscard]] std::string to_string(ChannelKind kind);
/// @throws DataError on an unknown word.
[[nodiscard]] ChannelKind channel_kind(const std::string& word);

/// Positions of the velocity's components (the first vector), x first; empty when not all `dimension` of them are
/// there.
[[nodiscard]] std::vector<std::int64_t> velocity_channels(const std::vector<Channel>& channels, int dimension);

}  // namespace eddyline
