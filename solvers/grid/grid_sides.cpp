#include "solvers/grid/grid_sides.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <regex>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"

namespace eddyline {
namespace {

const std::vector<std::string> variables = {"x", "y", "z", "t"};

}  // namespace

GridSides::GridSides(const Case& problem, const RowPhysics& physics, const BlockShape& shape)
    : shape_(shape), physics_(physics) {
  const Grid& grid = problem.grid();
  const auto channels = channel_names(problem.channels());
  for (int axis = 0; axis < shape.dimension; ++axis) {
    low_[static_cast<std::size_t>(axis)] = grid.low(axis);
    width_[static_cast<std::size_t>(axis)] = (grid.high(axis) - grid.low(axis)) / static_cast<double>(grid.cells(axis));
    for (const bool is_high : {false, true}) {
      Side& side = sides_[static_cast<std::size_t>(2 * axis + (is_high ? 1 : 0))];
      const std::string patch = std::string(1, "xyz"[axis]) + (is_high ? "_high" : "_low");
      const BoundaryConfig& config = problem.config().boundaries.at(patch);
      side.name = "boundaries." + patch;
      if (!config.velocity.empty())
        throw ConfigError(side.name +
                          ".velocity: the finite-volume solver takes whole states; give `values` a formula "
                          "for each of " +
                          join(channels, ", "));
      const bool takes_state = config.type == "inflow" || config.type == "prescribed";
      if (!takes_state && !config.values.empty())
        throw ConfigError(side.name + ": only inflow and prescribed take formulas, this side is " + config.type);
      if (config.type == "periodic") side.kind = Kind::periodic;
      if (config.type == "free_slip") side.kind = Kind::wall;
      if (config.type == "no_slip" || config.type == "moving_wall")
        throw ConfigError(side.name +
                          ".type: the equations of the finite-volume solver have no wall friction; use "
                          "free_slip instead of " +
                          config.type);
      if (!takes_state) continue;
      side.kind = Kind::prescribed;
      for (const auto& [channel, text] : config.values)
        if (channel != "where" && std::find(channels.begin(), channels.end(), channel) == channels.end())
          throw ConfigError(side.name + ".values: no channel is called '" + printable(channel) + "'" +
                            suggestion(channel, channels));
      for (const auto& channel : channels) {
        const auto found = config.values.find(channel);
        if (found == config.values.end()) throw ConfigError(side.name + ".values: '" + channel + "' is missing");
        side.values.emplace_back(found->second, variables);
      }
      if (config.values.contains("where")) side.where.emplace(config.values.at("where"), variables);
      for (const auto& [channel, text] : config.values)
        side.depends_on_time = side.depends_on_time || std::regex_search(text, std::regex("\\bt\\b"));
    }
  }
}

double GridSides::center(int axis, int index) const {
  const auto a = static_cast<std::size_t>(axis);
  return axis < shape_.dimension ? low_[a] + (index + 0.5) * width_[a] : 0;
}

template <class Visit>
void GridSides::for_ghosts(int axis, Visit&& visit) const {
  const int first = axis == 0 ? 1 : 0, second = axis == 2 ? 1 : 2;
  const int first_ghosts = first < axis ? shape_.ghosts_along(first) : 0,
            second_ghosts = second < axis ? shape_.ghosts_along(second) : 0;
  for (int layer = 1; layer <= shape_.ghosts; ++layer)
    for (int b = -second_ghosts; b < shape_.cells[static_cast<std::size_t>(second)] + second_ghosts; ++b)
      for (int a = -first_ghosts; a < shape_.cells[static_cast<std::size_t>(first)] + first_ghosts; ++a)
        visit(layer, a, b);
}

void GridSides::evaluate(int index, double time, std::vector<double>& out) const {
  const Side& side = sides_[static_cast<std::size_t>(index)];
  const int axis = index / 2, components = physics_.layout().conserved_count;
  const bool is_high = index % 2 == 1;
  out.clear();
  for_ghosts(axis, [&](int layer, int a, int b) {
    const int across = is_high ? shape_.cells[static_cast<std::size_t>(axis)] - 1 + layer : -layer;
    const int i = axis == 0 ? across : a, j = axis == 1 ? across : (axis == 0 ? a : b), k = axis == 2 ? across : b;
    const std::array<double, 4> at = {center(0, i), center(1, j), center(2, k), time};
    std::array<double, max_components> primitive{}, conserved{};
    if (side.where && (*side.where)(at) == 0) {
      conserved.fill(std::numeric_limits<double>::quiet_NaN());
    } else {
      MutableRows primitive_rows{}, conserved_rows{};
      for (std::size_t c = 0; c < side.values.size(); ++c) primitive[c] = side.values[c](at);
      for (std::size_t c = 0; c < max_components; ++c) {
        primitive_rows[c] = &primitive[c];
        conserved_rows[c] = &conserved[c];
      }
      physics_.to_conserved(read_only(primitive_rows), conserved_rows, 1);
      const double level = 0;
      if (!physics_.to_primitive(read_only(conserved_rows), &level, primitive_rows, 1))
        throw ConfigError(side.name + ".values: the state at (" + format_number(at[0], 6) + ", " +
                          format_number(at[1], 6) + ", " + format_number(at[2], 6) + "), t = " +
                          format_number(time, 6) + " is not physical; density, depth and pressure must be positive");
    }
    out.insert(out.end(), conserved.begin(), conserved.begin() + components);
  });
}

int GridSides::source_of(Kind kind, bool is_high, int layer, int cells) {
  // A grid narrower than its ghost layers wraps around more than once.
  if (kind == Kind::periodic) return (((is_high ? cells - 1 + layer : -layer) % cells) + cells) % cells;
  const int inwards = kind == Kind::wall ? std::min(layer, cells) - 1 : 0;
  return is_high ? cells - 1 - inwards : inwards;
}

void GridSides::copy_side(PaddedField& field, int components, int index, int normal_component) const {
  const Side& side = sides_[static_cast<std::size_t>(index)];
  const int axis = index / 2, cells = shape_.cells[static_cast<std::size_t>(axis)];
  const bool is_high = index % 2 == 1;
  const int y_ghosts = axis > 1 ? shape_.ghosts_along(1) : 0;
  for (int c = 0; c < components; ++c) {
    const double sign = side.kind == Kind::wall && c == normal_component ? -1 : 1;
    for (int layer = 1; layer <= shape_.ghosts; ++layer) {
      const int ghost = is_high ? cells - 1 + layer : -layer, source = source_of(side.kind, is_high, layer, cells);
      if (axis == 0) {
        for (int k = 0; k < shape_.cells[2]; ++k)
          for (int j = 0; j < shape_.cells[1]; ++j) {
            double* row = field.row(c, j, k);
            row[ghost] = sign * row[source];
          }
        continue;
      }
      for (int b = -y_ghosts; b < shape_.cells[axis == 1 ? 2 : 1] + y_ghosts; ++b) {
        const double* from = (axis == 1 ? field.row(c, source, b) : field.row(c, b, source)) - shape_.ghosts;
        double* to = (axis == 1 ? field.row(c, ghost, b) : field.row(c, b, ghost)) - shape_.ghosts;
        std::transform(from, from + shape_.cells[0] + 2 * shape_.ghosts, to,
                       [sign](double value) { return sign * value; });
      }
    }
  }
}

void GridSides::prescribe_side(PaddedField& field, int components, int index, int normal_component,
                               const std::vector<double>& prescribed) const {
  const int axis = index / 2, cells = shape_.cells[static_cast<std::size_t>(axis)];
  const bool is_high = index % 2 == 1;
  const auto at = [&](int component, int across, int a, int b) -> double& {
    if (axis == 0) return field.row(component, a, b)[across];
    return axis == 1 ? field.row(component, across, b)[a] : field.row(component, b, across)[a];
  };
  const double* value = prescribed.data();
  for_ghosts(axis, [&](int layer, int a, int b) {
    const int ghost = is_high ? cells - 1 + layer : -layer, mirror = source_of(Kind::wall, is_high, layer, cells);
    const bool is_wall = std::isnan(*value);
    for (int c = 0; c < components; ++c, ++value) {
      const double inside = at(c, mirror, a, b);
      at(c, ghost, a, b) = is_wall ? (c == normal_component ? -inside : inside) : *value;
    }
  });
}

void GridSides::fill(PaddedField& state, double time, Work& work) const {
  const RowPhysics::Layout& layout = physics_.layout();
  for (int index = 0; index < 2 * shape_.dimension; ++index) {
    const auto s = static_cast<std::size_t>(index);
    const Side& side = sides_[s];
    if (side.kind == Kind::prescribed && (work.values[s].empty() || (side.depends_on_time && work.time[s] != time))) {
      evaluate(index, time, work.values[s]);
      work.time[s] = time;
    }
    const int normal_component = layout.first_vector < 0 ? -1 : layout.first_vector + index / 2;
    if (side.kind == Kind::prescribed) {
      prescribe_side(state, layout.conserved_count, index, normal_component, work.values[s]);
    } else {
      copy_side(state, layout.conserved_count, index, normal_component);
    }
  }
}

void GridSides::fill_scalar(PaddedField& field) const {
  for (int index = 0; index < 2 * shape_.dimension; ++index) copy_side(field, 1, index, -1);
}

}  // namespace eddyline
