#include "solvers/grid/grid_sides.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"

namespace eddyline {
namespace {

/// Part of the difference to the wanted pressure by which the wave that runs in at an outflow corrects it, times the
/// domain's length over the cell width: Poinsot & Lele, J. Comput. Phys. 101 (1992) 104, sigma = 0.25 of their eq. 40.
constexpr double pressure_relaxation = 0.25;

std::string at_place(const std::array<double, 3>& place) {
  return "(" + format_number(place[0], 6) + ", " + format_number(place[1], 6) + ", " + format_number(place[2], 6) + ")";
}

template <class Element>
MutableRows<Element> rows_in(std::vector<Element>& values, int first, int count, int components = max_components) {
  MutableRows<Element> rows{};
  for (int c = 0; c < components; ++c)
    rows[static_cast<std::size_t>(c)] = values.data() + static_cast<std::ptrdiff_t>(first + c) * count;
  return rows;
}

}  // namespace

template <class Element>
typename GridSides<Element>::Side GridSides<Element>::read_side(const Case& problem, const StateLayout& layout,
                                                                const std::string& patch, int axis) {
  const auto channels = channel_names(problem.channels());
  const BoundaryConfig& config = problem.config().boundaries.at(patch);
  Side side;
  side.name = "boundaries." + patch;
  const bool is_wall = config.type == "no_slip" || config.type == "moving_wall";
  if (is_wall && !layout.has_friction)
    throw ConfigError(side.name + ".type: " + problem.equation().name() +
                      " has no wall friction; use free_slip instead of " + config.type);
  if (!config.velocity.empty() && config.type != "moving_wall")
    throw ConfigError(side.name +
                      ".velocity: the finite-volume solver takes whole states; give `values` a formula for each of " +
                      join(channels, ", "));
  if (config.profile != "uniform")
    throw ConfigError(side.name + ".profile: the finite-volume solver takes profiles as formulas in `values`");
  if (config.type == "periodic") side.kind = Kind::periodic;
  if (config.type == "free_slip") side.kind = Kind::free_slip;
  if (is_wall) side.kind = Kind::no_slip;
  if (config.type == "inflow" || config.type == "prescribed") side.kind = Kind::prescribed;
  if (config.type == "far_field") side.kind = Kind::far_field;
  if (config.type == "outflow" && !config.values.empty()) side.kind = Kind::pressure;
  if ((side.kind == Kind::far_field || side.kind == Kind::pressure) && !layout.has_open_sides)
    throw ConfigError(side.name + ": " + problem.equation().name() +
                      " has no characteristic sides; use outflow without values, or prescribed");
  if (config.type == "moving_wall") {
    if (config.velocity.size() != static_cast<std::size_t>(layout.dimension))
      throw ConfigError(side.name + ".velocity: expected " + std::to_string(layout.dimension) + " components, got " +
                        std::to_string(config.velocity.size()));
    std::copy(config.velocity.begin(), config.velocity.end(), side.velocity.begin());
    if (side.velocity[static_cast<std::size_t>(axis)] != 0)
      throw ConfigError(side.name + ".velocity: a wall moves along itself; component " + "xyz"[axis] + " must be 0");
  }
  std::vector<std::string> wanted = channels, known = channels;
  if (side.kind == Kind::prescribed) known.push_back("where");
  if (side.kind == Kind::pressure) wanted = known = {"pressure"};
  if (is_wall) {
    known = {"temperature"};
    wanted = config.values.empty() ? std::vector<std::string>{} : known;
  }
  if (side.kind == Kind::periodic || side.kind == Kind::free_slip || side.kind == Kind::outflow) {
    if (!config.values.empty()) throw ConfigError(side.name + ".values: a side of type " + config.type + " takes none");
    wanted.clear();
  }
  for (const auto& [channel, text] : config.values)
    if (std::find(known.begin(), known.end(), channel) == known.end())
      throw ConfigError(side.name + ".values: no channel is called '" + printable(channel) + "'" +
                        suggestion(channel, known));
  for (const auto& channel : wanted) {
    const auto found = config.values.find(channel);
    if (found == config.values.end()) throw ConfigError(side.name + ".values: '" + channel + "' is missing");
    side.values.emplace_back(problem, found->second, side.name + ".values." + channel);
    side.depends_on_time = side.depends_on_time || !side.values.back().is_steady();
  }
  if (is_wall && side.depends_on_time) throw ConfigError(side.name + ".values.temperature: may not depend on t");
  if (config.values.contains("where")) {
    side.where.emplace(problem, config.values.at("where"), side.name + ".values.where");
    side.depends_on_time = side.depends_on_time || !side.where->is_steady();
  }
  return side;
}

template <class Element>
GridSides<Element>::GridSides(const Case& problem, const RowPhysics<Element>& physics, const BlockShape& shape)
    : shape_(shape), physics_(physics) {
  const Grid& grid = problem.grid();
  for (int axis = 0; axis < shape.dimension; ++axis) {
    low_[static_cast<std::size_t>(axis)] = grid.low(axis);
    width_[static_cast<std::size_t>(axis)] = (grid.high(axis) - grid.low(axis)) / static_cast<double>(grid.cells(axis));
    for (const bool is_high : {false, true})
      sides_[static_cast<std::size_t>(2 * axis + (is_high ? 1 : 0))] =
          read_side(problem, physics.layout(), std::string(1, "xyz"[axis]) + (is_high ? "_high" : "_low"), axis);
  }
}

template <class Element>
typename GridSides<Element>::Lines GridSides<Element>::lines(int axis) const {
  const int first = axis == 0 ? 1 : 0, second = axis == 2 ? 1 : 2;
  const int first_ghosts = first < axis ? shape_.ghosts_along(first) : 0,
            second_ghosts = second < axis ? shape_.ghosts_along(second) : 0;
  return {-first_ghosts, shape_.cells[static_cast<std::size_t>(first)] + 2 * first_ghosts, -second_ghosts,
          shape_.cells[static_cast<std::size_t>(second)] + second_ghosts};
}

template <class Element>
int GridSides<Element>::ghost_of(int index, int layer) const {
  return index % 2 == 1 ? shape_.cells[static_cast<std::size_t>(index / 2)] - 1 + layer : -layer;
}

template <class Element>
int GridSides<Element>::source_of(const Side& side, int index, int layer) const {
  const int cells = shape_.cells[static_cast<std::size_t>(index / 2)];
  // A grid narrower than its ghost layers wraps around more than once.
  if (side.kind == Kind::periodic) return ((ghost_of(index, layer) % cells) + cells) % cells;
  const bool is_mirror = side.is_wall() || side.kind == Kind::prescribed;
  const int inwards = is_mirror ? std::min(layer, cells) - 1 : 0;
  return index % 2 == 1 ? cells - 1 - inwards : inwards;
}

template <class Element>
std::array<double, 3> GridSides<Element>::place(int index, int layer, int along, int line) const {
  const int axis = index / 2, across = ghost_of(index, layer);
  const std::array<int, 3> cell = {axis == 0 ? across : along, axis == 1 ? across : (axis == 0 ? along : line),
                                   axis == 2 ? across : line};
  std::array<double, 3> out{};
  for (std::size_t a = 0; a < static_cast<std::size_t>(shape_.dimension); ++a)
    out[a] = low_[a] + (cell[a] + 0.5) * width_[a];
  return out;
}

/// Values of the ghost cells, line by line, component by component: conserved states of prescribed sides (NaN where
/// their wall is), primitive ones of far fields, the pressure of an outflow.
template <class Element>
void GridSides<Element>::evaluate(int index, double time, std::vector<Element>& out) const {
  const Side& side = sides_[static_cast<std::size_t>(index)];
  const Lines shape = lines(index / 2);
  const auto count = static_cast<std::size_t>(shape.count), components = side.values.size();
  out.clear();
  for (int layer = 1; layer <= shape_.ghosts; ++layer)
    for (int line = shape.line_begin; line < shape.line_end; ++line) {
      const std::size_t start = out.size();
      out.resize(start + components * count);
      for (int i = 0; i < shape.count; ++i) {
        const auto at = place(index, layer, shape.begin + i, line);
        std::array<Element, max_components> primitive{}, conserved{};
        MutableRows<Element> primitive_rows{}, conserved_rows{};
        for (std::size_t c = 0; c < max_components; ++c) {
          primitive_rows[c] = &primitive[c];
          conserved_rows[c] = &conserved[c];
        }
        for (std::size_t c = 0; c < components; ++c)
          primitive[c] = static_cast<Element>(side.values[c](at[0], at[1], at[2], time));
        bool is_physical = side.kind != Kind::pressure || primitive[0] > 0;
        const bool is_wall = side.where && (*side.where)(at[0], at[1], at[2], time) == 0;
        if (is_wall) {
          conserved.fill(std::numeric_limits<Element>::quiet_NaN());
        } else if (side.kind != Kind::pressure) {
          const Element none = 0;
          const auto state = primitive;
          physics_.to_conserved(read_only<Element>(primitive_rows), conserved_rows, 1);
          is_physical = physics_.to_primitive(read_only<Element>(conserved_rows), &none, primitive_rows, 1);
          primitive = state;
        }
        if (!is_physical)
          throw ConfigError(side.name + ".values: the state at " + at_place(at) + ", t = " + format_number(time, 6) +
                            " is not physical; density, depth and pressure must be positive");
        for (std::size_t c = 0; c < components; ++c)
          out[start + c * count + static_cast<std::size_t>(i)] =
              side.kind == Kind::prescribed ? conserved[c] : primitive[c];
      }
    }
}

template <class Element>
void GridSides<Element>::copy_side(PaddedArray<Element>& field, int components, int index, int normal_component) const {
  const Side& side = sides_[static_cast<std::size_t>(index)];
  const int axis = index / 2;
  const Lines shape = lines(axis);
  for (int c = 0; c < components; ++c) {
    const Element sign = side.is_wall() && c == normal_component ? Element(-1) : Element(1);
    for (int layer = 1; layer <= shape_.ghosts; ++layer) {
      const int ghost = ghost_of(index, layer), source = source_of(side, index, layer);
      for (int line = shape.line_begin; line < shape.line_end; ++line) {
        if (axis == 0) {
          for (int j = 0; j < shape.count; ++j) {
            Element* row = field.row(c, j, line);
            row[ghost] = sign * row[source];
          }
          continue;
        }
        const Element* from = (axis == 1 ? field.row(c, source, line) : field.row(c, line, source)) + shape.begin;
        Element* to = (axis == 1 ? field.row(c, ghost, line) : field.row(c, line, ghost)) + shape.begin;
        std::transform(from, from + shape.count, to, [sign](Element value) { return sign * value; });
      }
    }
  }
}

template <class Element>
void GridSides<Element>::move_line(PaddedArray<Element>& field, int components, int axis, int across, int line,
                                   const MutableRows<Element>& rows, bool is_reading) const {
  const Lines shape = lines(axis);
  for (int c = 0; c < components; ++c) {
    Element* out = rows[static_cast<std::size_t>(c)];
    for (int i = 0; i < shape.count; ++i) {
      Element& cell = axis == 0   ? field.row(c, i, line)[across]
                      : axis == 1 ? field.row(c, across, line)[shape.begin + i]
                                  : field.row(c, line, across)[shape.begin + i];
      if (is_reading) {
        out[i] = cell;
      } else {
        cell = out[i];
      }
    }
  }
}

template <class Element>
void GridSides<Element>::prescribe_side(PaddedArray<Element>& field, int index,
                                        const std::vector<Element>& prescribed) const {
  const Side& side = sides_[static_cast<std::size_t>(index)];
  const StateLayout& layout = physics_.layout();
  const int axis = index / 2, components = layout.conserved_count;
  const int normal_component = layout.first_vector < 0 ? -1 : layout.first_vector + axis;
  const Lines shape = lines(axis);
  std::vector<Element> mirrored(static_cast<std::size_t>(max_components * shape.count));
  const auto rows = rows_in(mirrored, 0, shape.count);
  const Element* value = prescribed.data();
  for (int layer = 1; layer <= shape_.ghosts; ++layer)
    for (int line = shape.line_begin; line < shape.line_end; ++line, value += components * shape.count) {
      move_line(field, components, axis, source_of(side, index, layer), line, rows, true);
      for (int c = 0; c < components; ++c)
        for (int i = 0; i < shape.count; ++i) {
          Element& cell = rows[static_cast<std::size_t>(c)][i];
          const Element given = value[c * shape.count + i];
          cell = !std::isnan(given) ? given : (c == normal_component ? -cell : cell);
        }
      move_line(field, components, axis, ghost_of(index, layer), line, rows, false);
    }
}

/// Walls with friction and open sides, through the primitive states of the cells inside.
template <class Element>
void GridSides<Element>::compute_side(PaddedArray<Element>& field, int index, Work& work) const {
  const Side& side = sides_[static_cast<std::size_t>(index)];
  const StateLayout& layout = physics_.layout();
  const int axis = index / 2, components = layout.conserved_count;
  const bool is_high = index % 2 == 1;
  const Lines shape = lines(axis);
  const auto n = static_cast<std::size_t>(shape.count);
  work.lines.assign((3 * max_components + 1) * n, Element(0));
  const auto conserved = rows_in(work.lines, 0, shape.count), inside = rows_in(work.lines, max_components, shape.count),
             ghost = rows_in(work.lines, 2 * max_components, shape.count);
  const Element* no_wall = work.lines.data() + 3 * max_components * n;
  const auto turned = [&](MutableRows<Element> rows) {
    std::swap(rows[static_cast<std::size_t>(layout.first_vector)],
              rows[static_cast<std::size_t>(layout.first_vector + axis)]);
    return rows;
  };
  std::size_t line_number = 0;
  for (int layer = 1; layer <= shape_.ghosts; ++layer)
    for (int line = shape.line_begin; line < shape.line_end; ++line, ++line_number) {
      move_line(field, components, axis, source_of(side, index, layer), line, conserved, true);
      // A state that is not admissible leaves one that is not, which the sweep reports.
      static_cast<void>(physics_.to_primitive(read_only<Element>(conserved), no_wall, inside, shape.count));
      if (side.kind == Kind::no_slip) {
        for (std::size_t d = 0; d < static_cast<std::size_t>(layout.dimension); ++d) {
          const auto wall = static_cast<Element>(2 * side.velocity[d]);
          Element* velocity = inside[static_cast<std::size_t>(layout.first_vector) + d];
          for (std::size_t i = 0; i < n; ++i) velocity[i] = wall - velocity[i];
        }
        physics_.to_conserved(read_only<Element>(inside), conserved, shape.count);
      } else {
        std::vector<Element>& values = work.values[static_cast<std::size_t>(index)];
        if (side.kind == Kind::far_field) {
          const auto outside = rows_in(values, static_cast<int>(line_number) * components, shape.count, components);
          physics_.far_field(read_only<Element>(turned(inside)), read_only<Element>(turned(outside)), is_high,
                             turned(ghost), shape.count);
        } else {
          const auto a = static_cast<std::size_t>(axis);
          physics_.outflow(read_only<Element>(turned(inside)), values.data() + line_number * n,
                           pressure_relaxation / shape_.cells[a], is_high, turned(ghost), shape.count);
        }
        physics_.to_conserved(read_only<Element>(ghost), conserved, shape.count);
      }
      move_line(field, components, axis, ghost_of(index, layer), line, conserved, false);
    }
}

template <class Element>
void GridSides<Element>::fill(PaddedArray<Element>& state, double time, Work& work) const {
  const StateLayout& layout = physics_.layout();
  for (int index = 0; index < 2 * shape_.dimension; ++index) {
    const auto s = static_cast<std::size_t>(index);
    const Side& side = sides_[s];
    const bool takes_values =
        side.kind == Kind::prescribed || side.kind == Kind::far_field || side.kind == Kind::pressure;
    if (takes_values && (work.values[s].empty() || (side.depends_on_time && work.time[s] != time))) {
      evaluate(index, time, work.values[s]);
      work.time[s] = time;
    }
    if (side.kind == Kind::prescribed) {
      prescribe_side(state, index, work.values[s]);
    } else if (takes_values || side.kind == Kind::no_slip) {
      compute_side(state, index, work);
    } else {
      copy_side(state, layout.conserved_count, index, layout.first_vector < 0 ? -1 : layout.first_vector + index / 2);
    }
  }
}

template <class Element>
void GridSides<Element>::fill_scalar(PaddedArray<Element>& field) const {
  for (int index = 0; index < 2 * shape_.dimension; ++index) copy_side(field, 1, index, -1);
}

template <class Element>
void GridSides<Element>::set_wall_temperature(PaddedArray<Element>& field) const {
  for (int index = 0; index < 2 * shape_.dimension; ++index) {
    const Side& side = sides_[static_cast<std::size_t>(index)];
    if (side.kind != Kind::no_slip || side.values.empty()) continue;
    const int axis = index / 2;
    const Lines shape = lines(axis);
    std::vector<Element> values(static_cast<std::size_t>(max_components * shape.count));
    const auto rows = rows_in(values, 0, shape.count);
    for (int layer = 1; layer <= shape_.ghosts; ++layer)
      for (int line = shape.line_begin; line < shape.line_end; ++line) {
        for (int i = 0; i < shape.count; ++i) {
          auto at = place(index, layer, shape.begin + i, line);
          at[static_cast<std::size_t>(axis)] = low_[static_cast<std::size_t>(axis)];
          if (index % 2 == 1)
            at[static_cast<std::size_t>(axis)] +=
                shape_.cells[static_cast<std::size_t>(axis)] * width_[static_cast<std::size_t>(axis)];
          const double temperature = side.values[0](at[0], at[1], at[2], 0);
          if (!(temperature > 0))
            throw ConfigError(side.name + ".values.temperature: must be > 0, is " + format_number(temperature, 6) +
                              " at " + at_place(at));
          rows[0][i] = static_cast<Element>(temperature);
        }
        move_line(field, 1, axis, ghost_of(index, layer), line, rows, false);
      }
  }
}

template class GridSides<double>;
template class GridSides<float>;

}  // namespace eddyline
