#include "operators/heads/sides.hpp"

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/text.hpp"
#include "core/training/normalised_operator.hpp"

namespace eddyline::heads {
namespace {

const std::vector<std::string> words = {"periodic", "closed", "open"};

Side side_of(const std::string& word) {
  if (word == "periodic") return Side::periodic;
  return word == "open" || word == "inflow" || word == "outflow" || word == "prescribed" ? Side::open : Side::closed;
}

}  // namespace

Sides sides_of(const HeadContext& context, const std::map<std::string, std::string>& named) {
  const std::vector<std::string> patches = context.data.grid->patches();
  for (const auto& [patch, word] : named)
    if (std::find(patches.begin(), patches.end(), patch) == patches.end())
      throw ConfigError("boundaries: the grid has no side '" + printable(patch) + "'" + suggestion(patch, patches));
  std::vector<Side> sides;
  for (const auto& patch : patches) {
    const auto said = named.find(patch);
    if (said != named.end()) {
      sides.push_back(side_of(said->second));
      continue;
    }
    if (!context.problem)
      throw ConfigError("'" + printable(context.data.name) +
                        "' does not say what its boundaries are; write boundaries: {" + patch +
                        ": periodic, ...} beside the head, with " + join(patches, ", "));
    sides.push_back(side_of(context.problem->config().boundaries.at(patch).type));
  }
  Sides result;
  for (std::size_t axis = 0; axis + 1 < sides.size(); axis += 2) {
    if ((sides[axis] == Side::periodic) != (sides[axis + 1] == Side::periodic))
      throw ConfigError("boundaries: " + patches[axis] + " and " + patches[axis + 1] +
                        " face each other; both are periodic or none is");
    result.emplace_back(sides[axis], sides[axis + 1]);
  }
  return result;
}

void visit_boundaries(FieldVisitor& visit, std::map<std::string, std::string>& named) {
  visit("boundaries", named, rule::one_of(words),
        "sides (x_low, x_high, ...) as periodic, closed or open; what is not named follows from the dataset's case");
}

std::vector<std::int64_t> chosen_channels(const HeadContext& context, const std::vector<std::string>& names) {
  const auto& channels = context.data.channels;
  // Files may have forgotten which channel is a density; the equation knows.
  const auto is_density = [&](const Channel& channel) {
    if (!context.problem) return channel.kind == ChannelKind::density;
    const auto of_equation = context.problem->channels();
    return std::any_of(of_equation.begin(), of_equation.end(), [&](const Channel& one) {
      return one.name == channel.name && one.kind == ChannelKind::density;
    });
  };
  std::vector<std::int64_t> chosen;
  for (std::size_t c = 0; c < channels.size(); ++c) {
    const bool is_named = std::find(names.begin(), names.end(), channels[c].name) != names.end();
    if (names.empty() ? is_density(channels[c]) : is_named) chosen.push_back(static_cast<std::int64_t>(c));
  }
  const std::vector<std::string> known = channel_names(channels);
  for (const auto& name : names)
    if (std::find(known.begin(), known.end(), name) == known.end())
      throw ConfigError("channels: the data has no channel '" + printable(name) + "'" + suggestion(name, known));
  if (chosen.empty())
    throw ConfigError("no channel of the data is a density; name the channels: some of " +
                      printable(join(known, ", ")));
  return chosen;
}

at::Tensor volumes_of(const Grid& grid) { return at::tensor(grid.cell_volumes(), at::kDouble).view(grid.cell_shape()); }

void check_grid(const torch::Tensor& frames, const Grid& grid) {
  const auto shape = grid.cell_shape();
  if (frames.sizes().slice(frames.sizes().size() - shape.size()) != at::IntArrayRef(shape))
    throw ShapeError("a head was built for a grid of " + std::to_string(shape.size()) + " axes and " +
                     std::to_string(grid.cell_volumes().size()) + " cells, got frames " + shape_text(frames));
}

}  // namespace eddyline::heads
