#include "solvers/linear/network_multigrid.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace eddyline {
namespace {

constexpr std::size_t parallel_from = 20000;  // cells

/// Cells of a network as lines along an axis: cell (outer, place, inner).
struct Lines {
  std::size_t outer, length, inner, kept, dropped;
  Lines(const ConductanceNetwork& network, int axis)
      : length(static_cast<std::size_t>(network.cells[static_cast<std::size_t>(axis)])), inner(network.stride(axis)) {
    outer = network.size() / (length * inner);
    kept = (length + 1) / 2;
    dropped = length / 2;
  }
  [[nodiscard]] std::size_t fine(std::size_t o, std::size_t p) const { return (o * length + p) * inner; }
  [[nodiscard]] std::size_t coarse(std::size_t o, std::size_t p) const { return (o * kept + p / 2) * inner; }
  [[nodiscard]] std::size_t eliminated(std::size_t o, std::size_t p) const { return (o * dropped + p / 2) * inner; }
};

bool wraps(const ConductanceNetwork& network, int axis) {
  const Lines lines(network, axis);
  for (std::size_t o = 0; o < lines.outer; ++o)
    for (std::size_t q = 0; q < lines.inner; ++q)
      if (network.link[static_cast<std::size_t>(axis)][lines.fine(o, lines.length - 1) + q] > 0) return true;
  return false;
}

/// The axis with the strongest mean link; -1 when there is one cell.
int strongest_axis(const ConductanceNetwork& network) {
  int best = -1;
  double strongest = -1;
  for (int axis = 0; axis < 3; ++axis) {
    const auto& link = network.link[static_cast<std::size_t>(axis)];
    if (network.cells[static_cast<std::size_t>(axis)] < 2) continue;
    double sum = 0, count = 0;
    for (const double c : link) {
      sum += c;
      count += c > 0 ? 1 : 0;
    }
    const double mean = count > 0 ? sum / count : 0;
    if (mean > strongest) {
      strongest = mean;
      best = axis;
    }
  }
  return best;
}

}  // namespace

NetworkMultigrid::Level NetworkMultigrid::level_of(ConductanceNetwork network) {
  Level level;
  level.network = std::move(network);
  level.inverse_diagonal = level.network.diagonal();
  for (double& d : level.inverse_diagonal) d = d > 0 ? 1 / d : 0;
  level.axis = strongest_axis(level.network);
  // Around a wrapped axis of odd length two cells of one colour are neighbours: their order must not depend on threads.
  level.can_split = level.network.size() > parallel_from;
  for (int axis = 1; axis < 3; ++axis)
    if (level.network.cells[static_cast<std::size_t>(axis)] % 2 == 1 && wraps(level.network, axis))
      level.can_split = false;
  return level;
}

ConductanceNetwork NetworkMultigrid::coarsened(Level& level) {
  const ConductanceNetwork& fine = level.network;
  const auto along = static_cast<std::size_t>(level.axis);
  const Lines lines(fine, level.axis);
  auto cells = fine.cells;
  cells[along] = static_cast<std::int64_t>(lines.kept);
  ConductanceNetwork coarse = ConductanceNetwork::of(cells);
  level.to_low.assign(lines.outer * lines.dropped * lines.inner, 0.0);
  level.to_high = level.to_low;
  const auto& link = fine.link[along];
  for (std::size_t o = 0; o < lines.outer; ++o)
    for (std::size_t p = 0; p < lines.length; ++p)
      for (std::size_t q = 0; q < lines.inner; ++q) {
        const std::size_t cell = lines.fine(o, p) + q;
        if (p % 2 == 0) {
          const std::size_t kept = lines.coarse(o, p) + q;
          for (std::size_t axis = 0; axis < 3; ++axis) coarse.ground[axis][kept] += fine.ground[axis][cell];
          // The last cell of a wrapped line of odd length lies next to the first.
          if (p + 1 == lines.length && lines.kept > 1) coarse.link[along][kept] += link[cell];
          continue;
        }
        const std::size_t low = lines.coarse(o, p - 1) + q, high = lines.coarse(o, (p + 1) % lines.length) + q;
        const double to_low = link[lines.fine(o, p - 1) + q], to_high = link[cell], ground = fine.ground[along][cell];
        const double sum = to_low + to_high + ground;
        if (sum <= 0) continue;
        const std::size_t dropped = lines.eliminated(o, p) + q;
        level.to_low[dropped] = to_low / sum;
        level.to_high[dropped] = to_high / sum;
        if (low != high) coarse.link[along][low] += to_low * to_high / sum;
        for (std::size_t axis = 0; axis < 3; ++axis) {
          coarse.ground[axis][low] += to_low / sum * fine.ground[axis][cell];
          coarse.ground[axis][high] += to_high / sum * fine.ground[axis][cell];
        }
      }
  for (int axis = 0; axis < 3; ++axis) {
    if (axis == level.axis || fine.cells[static_cast<std::size_t>(axis)] < 2) continue;
    const auto& across = fine.link[static_cast<std::size_t>(axis)];
    auto& out = coarse.link[static_cast<std::size_t>(axis)];
    const std::size_t stride = fine.stride(axis),
                      length = static_cast<std::size_t>(fine.cells[static_cast<std::size_t>(axis)]);
    const std::size_t stride_dropped = axis > level.axis ? stride / lines.length * lines.dropped : stride;
    for (std::size_t o = 0; o < lines.outer; ++o)
      for (std::size_t p = 0; p < lines.length; ++p)
        for (std::size_t q = 0; q < lines.inner; ++q) {
          const std::size_t cell = lines.fine(o, p) + q;
          if (p % 2 == 0) {
            out[lines.coarse(o, p) + q] += across[cell];
            continue;
          }
          const std::size_t dropped = lines.eliminated(o, p) + q;
          const bool is_last = cell / stride % length + 1 == length;
          const std::size_t next = is_last ? dropped - (length - 1) * stride_dropped : dropped + stride_dropped;
          out[lines.coarse(o, p - 1) + q] += 0.5 * (level.to_low[dropped] + level.to_low[next]) * across[cell];
          out[lines.coarse(o, (p + 1) % lines.length) + q] +=
              0.5 * (level.to_high[dropped] + level.to_high[next]) * across[cell];
        }
  }
  return coarse;
}

NetworkMultigrid::NetworkMultigrid(ConductanceNetwork network) {
  levels_.push_back(level_of(std::move(network)));
  while (levels_.back().axis >= 0) {
    ConductanceNetwork coarse = coarsened(levels_.back());
    levels_.push_back(level_of(std::move(coarse)));
  }
}

void NetworkMultigrid::smooth(const Level& level, const std::vector<double>& b, std::vector<double>& x, bool reverse) {
  const ConductanceNetwork& network = level.network;
  const auto [cx, cy, cz] = network.cells;
  const auto nx = static_cast<std::size_t>(cx);
  const std::int64_t rows = cy * cz;
  const double *lx = network.link[0].data(), *ly = network.link[1].data(), *lz = network.link[2].data();
  for (int half = 0; half < 2; ++half) {
    const std::int64_t colour = (half == 0) == reverse ? 1 : 0;
#pragma omp parallel for schedule(static) if (level.can_split)
    for (std::int64_t row = 0; row < rows; ++row) {
      const NetworkRow r(network, row);
      const auto first = static_cast<std::size_t>((colour + row % cy + row / cy) % 2);
      const auto update = [&](std::size_t i, std::size_t low, std::size_t high) {
        const std::size_t c = r.at + i;
        x[c] = level.inverse_diagonal[c] * (b[c] + (lx[c] * x[high] + lx[low] * x[low]) +
                                            (ly[c] * x[r.y_high + i] + ly[r.y_low + i] * x[r.y_low + i]) +
                                            (lz[c] * x[r.z_high + i] + lz[r.z_low + i] * x[r.z_low + i]));
      };
      std::size_t i = first;
      if (i == 0) {
        update(0, r.at + nx - 1, r.at + (nx > 1 ? 1 : 0));
        i = 2;
      }
      for (; i + 1 < nx; i += 2) update(i, r.at + i - 1, r.at + i + 1);
      if (i + 1 == nx) update(i, r.at + i - 1, r.at);
    }
  }
}

void NetworkMultigrid::restrict_to(const Level& level, const std::vector<double>& fine, std::vector<double>& coarse) {
  const Lines lines(level.network, level.axis);
  const bool wraps = lines.length % 2 == 0;  // where it does not wrap, the weight across the end is zero
  coarse.resize(lines.outer * lines.kept * lines.inner);
#pragma omp parallel for collapse(2) schedule(static) if (fine.size() > parallel_from)
  for (std::size_t o = 0; o < lines.outer; ++o)
    for (std::size_t p = 0; p < lines.length; p += 2) {
      const std::size_t from = lines.fine(o, p), to = lines.coarse(o, p);
      for (std::size_t q = 0; q < lines.inner; ++q) coarse[to + q] = fine[from + q];
      if (p + 1 < lines.length) {
        const std::size_t weight = lines.eliminated(o, p + 1), dropped = lines.fine(o, p + 1);
        for (std::size_t q = 0; q < lines.inner; ++q) coarse[to + q] += level.to_low[weight + q] * fine[dropped + q];
      }
      if (p > 0 || wraps) {
        const std::size_t before = p > 0 ? p - 1 : lines.length - 1;
        const std::size_t weight = lines.eliminated(o, before), dropped = lines.fine(o, before);
        for (std::size_t q = 0; q < lines.inner; ++q) coarse[to + q] += level.to_high[weight + q] * fine[dropped + q];
      }
    }
}

void NetworkMultigrid::add_prolonged(const Level& level, const std::vector<double>& coarse, std::vector<double>& fine) {
  const Lines lines(level.network, level.axis);
#pragma omp parallel for collapse(2) schedule(static) if (fine.size() > parallel_from)
  for (std::size_t o = 0; o < lines.outer; ++o)
    for (std::size_t p = 0; p < lines.length; ++p) {
      const std::size_t to = lines.fine(o, p);
      if (p % 2 == 0) {
        const std::size_t from = lines.coarse(o, p);
        for (std::size_t q = 0; q < lines.inner; ++q) fine[to + q] += coarse[from + q];
        continue;
      }
      const std::size_t low = lines.coarse(o, p - 1), high = lines.coarse(o, (p + 1) % lines.length),
                        weight = lines.eliminated(o, p);
      for (std::size_t q = 0; q < lines.inner; ++q)
        fine[to + q] += level.to_low[weight + q] * coarse[low + q] + level.to_high[weight + q] * coarse[high + q];
    }
}

void NetworkMultigrid::cycle(std::size_t number, Work& work) const {
  const Level& level = levels_[number];
  auto &x = work.solution[number], &b = work.source[number], &r = work.residual[number];
  x.assign(b.size(), 0.0);
  smooth(level, b, x, false);
  if (level.axis < 0) return;
  level.network.apply(x, r);
#pragma omp parallel for schedule(static) if (r.size() > parallel_from)
  for (std::size_t i = 0; i < r.size(); ++i) r[i] = b[i] - r[i];
  restrict_to(level, r, work.source[number + 1]);
  cycle(number + 1, work);
  add_prolonged(level, work.solution[number + 1], x);
  smooth(level, b, x, true);
}

void NetworkMultigrid::precondition(const std::vector<double>& r, std::vector<double>& z, Work& work) const {
  for (auto* blocks : {&work.solution, &work.source, &work.residual}) blocks->resize(levels_.size());
  work.source[0] = r;
  cycle(0, work);
  z = work.solution[0];
}

}  // namespace eddyline
