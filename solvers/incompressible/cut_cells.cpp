#include "solvers/incompressible/cut_cells.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"

namespace eddyline {
namespace {

/// Fraction of the segment a-b that lies in the fluid; the surface crosses it at most once.
double open_fraction(const std::vector<ObstacleConfig>& bodies, Point a, Point b, double at_a, double at_b) {
  if (at_a > 0 && at_b > 0) return 1;
  if (at_a <= 0 && at_b <= 0) return 0;
  double low = 0, high = 1;  // position of the sign change from a
  for (int step = 0; step < 50; ++step) {
    const double middle = 0.5 * (low + high);
    const double distance = signed_distance(bodies, {a[0] + middle * (b[0] - a[0]), a[1] + middle * (b[1] - a[1]), 0});
    ((distance > 0) == (at_a > 0) ? low : high) = middle;
  }
  const double fraction = at_a > 0 ? low : 1 - low;
  constexpr double smallest = 1e-3;  // slivers below it are closed: they carry no flow but would spoil the conditioning
  return fraction < smallest ? 0 : fraction;
}

/// Fluid area of a cell from its corners (counter-clockwise from the lower left) and the open fractions of its edges.
double fluid_area(double width, double height, const std::array<bool, 4>& fluid, const std::array<double, 4>& open) {
  const std::array<std::array<double, 2>, 4> corner = {{{0, 0}, {width, 0}, {width, height}, {0, height}}};
  std::vector<std::array<double, 2>> outline;
  for (std::size_t k = 0; k < 4; ++k) {
    const std::size_t next = (k + 1) % 4;
    if (fluid[k]) outline.push_back(corner[k]);
    if (fluid[k] == fluid[next]) continue;
    const double along = fluid[k] ? open[k] : 1 - open[k];
    outline.push_back({corner[k][0] + along * (corner[next][0] - corner[k][0]),
                       corner[k][1] + along * (corner[next][1] - corner[k][1])});
  }
  double twice = 0;
  for (std::size_t k = 0; k < outline.size(); ++k) {
    const auto& a = outline[k];
    const auto& b = outline[(k + 1) % outline.size()];
    twice += a[0] * b[1] - a[1] * b[0];
  }
  return 0.5 * twice;
}

void check_body(const Grid& grid, const ObstacleConfig& body) {
  const bool inside = body.shape == "polygon" || (body.center[0] > grid.low(0) && body.center[0] < grid.high(0) &&
                                                  body.center[1] > grid.low(1) && body.center[1] < grid.high(1));
  if (!inside)
    throw ConfigError("obstacles: the obstacle at (" + format_number(body.center[0]) + ", " +
                      format_number(body.center[1]) + ") lies outside the domain [" + format_number(grid.low(0)) +
                      ", " + format_number(grid.high(0)) + "] x [" + format_number(grid.low(1)) + ", " +
                      format_number(grid.high(1)) + "]; move it inside");
}

void fill_ghosts(std::vector<double>& widths, const std::vector<double>& inner, bool periodic) {
  widths.assign(1, periodic ? inner.back() : inner.front());
  widths.insert(widths.end(), inner.begin(), inner.end());
  widths.push_back(periodic ? inner.front() : inner.back());
}

}  // namespace

CutCells cut_cells(const Grid& grid, const std::vector<ObstacleConfig>& bodies, bool periodic_x, bool periodic_y) {
  CutCells out;
  const std::int64_t nx = out.nx = grid.cells(0), ny = out.ny = grid.cells(1);
  fill_ghosts(out.dx, grid.widths(0), periodic_x);
  fill_ghosts(out.dy, grid.widths(1), periodic_y);
  out.open_x = Array2(nx + 1, ny, 1.0);
  out.open_y = Array2(nx, ny + 1, 1.0);
  out.corner_is_fluid = Array2(nx + 1, ny + 1, 1.0);
  out.area = Array2(nx, ny);
  out.has_bodies = !bodies.empty();
  for (const auto& body : bodies) check_body(grid, body);

  Array2 distance(nx + 1, ny + 1, 1.0);
  const auto point = [&](std::int64_t i, std::int64_t j) {
    return Point{grid.nodes(0)[static_cast<std::size_t>(i)], grid.nodes(1)[static_cast<std::size_t>(j)], 0};
  };
  if (out.has_bodies) {
    for (std::int64_t j = 0; j <= ny; ++j)
      for (std::int64_t i = 0; i <= nx; ++i) {
        distance(i, j) = signed_distance(bodies, point(i, j));
        out.corner_is_fluid(i, j) = distance(i, j) > 0 ? 1 : 0;
      }
    for (std::int64_t j = 0; j <= ny; ++j)
      for (std::int64_t i = 0; i <= nx; ++i) {
        if (j < ny)
          out.open_x(i, j) = open_fraction(bodies, point(i, j), point(i, j + 1), distance(i, j), distance(i, j + 1));
        if (i < nx)
          out.open_y(i, j) = open_fraction(bodies, point(i, j), point(i + 1, j), distance(i, j), distance(i + 1, j));
      }
  }
  double solid = 0, total = 0;
  for (std::int64_t j = 0; j < ny; ++j)
    for (std::int64_t i = 0; i < nx; ++i) {
      const std::array fluid = {distance(i, j) > 0, distance(i + 1, j) > 0, distance(i + 1, j + 1) > 0,
                                distance(i, j + 1) > 0};
      const std::array open = {out.open_y(i, j), out.open_x(i + 1, j), out.open_y(i, j + 1), out.open_x(i, j)};
      const bool is_closed = open[0] + open[1] + open[2] + open[3] == 0;
      const double whole = out.width(i) * out.height(j);
      out.area(i, j) = is_closed ? 0 : fluid_area(out.width(i), out.height(j), fluid, open);
      total += whole;
      solid += whole - out.area(i, j);
    }
  if (out.has_bodies && !(solid > 0))
    throw ConfigError("obstacles: too small for this grid, no cell centre or corner lies in them; refine the grid");
  if (out.has_bodies && !(solid < total))
    throw ConfigError("obstacles: they fill the whole domain; move or shrink them");
  // Ghost faces continue the domain: around it when periodic, mirrored at its sides otherwise.
  for (std::int64_t j = 0; j < ny; ++j) {
    out.area(-1, j) = out.area(periodic_x ? nx - 1 : 0, j);
    out.area(nx, j) = out.area(periodic_x ? 0 : nx - 1, j);
  }
  for (std::int64_t j = 0; j <= ny; ++j) {
    out.open_y(-1, j) = out.open_y(periodic_x ? nx - 1 : 0, j);
    out.open_y(nx, j) = out.open_y(periodic_x ? 0 : nx - 1, j);
  }
  for (std::int64_t i = 0; i < nx; ++i) {
    out.area(i, -1) = out.area(i, periodic_y ? ny - 1 : 0);
    out.area(i, ny) = out.area(i, periodic_y ? 0 : ny - 1);
  }
  for (std::int64_t i = 0; i <= nx; ++i) {
    out.open_x(i, -1) = out.open_x(i, periodic_y ? ny - 1 : 0);
    out.open_x(i, ny) = out.open_x(i, periodic_y ? 0 : ny - 1);
  }
  return out;
}

void check_open_path(const CutCells& cells, int axis) {
  Array2 seen(cells.nx, cells.ny);
  std::deque<std::array<std::int64_t, 2>> queue;
  const auto visit = [&](std::int64_t i, std::int64_t j, double open) {
    if (i < 0 || j < 0 || i >= cells.nx || j >= cells.ny || open <= 0 || seen(i, j) > 0) return;
    seen(i, j) = 1;
    queue.push_back({i, j});
  };
  if (axis == 0) {
    for (std::int64_t j = 0; j < cells.ny; ++j) visit(0, j, cells.open_x(0, j));
  } else {
    for (std::int64_t i = 0; i < cells.nx; ++i) visit(i, 0, cells.open_y(i, 0));
  }
  while (!queue.empty()) {
    const auto [i, j] = queue.front();
    queue.pop_front();
    if ((axis == 0 ? i : j) == (axis == 0 ? cells.nx : cells.ny) - 1) return;
    visit(i - 1, j, cells.open_x(i, j));
    visit(i + 1, j, cells.open_x(i + 1, j));
    visit(i, j - 1, cells.open_y(i, j));
    visit(i, j + 1, cells.open_y(i, j + 1));
  }
  throw ConfigError(
      "obstacles: they close the channel, no open path leads from the inflow to the outflow; move or shrink them");
}

}  // namespace eddyline
