// What is measured on a flow in three dimensions: residual of a transition, divergence, energy, enstrophy, dissipation.

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>

#include "core/base/error.hpp"
#include "solvers/incompressible/incompressible_3d_work.hpp"

namespace eddyline {

at::Tensor Incompressible3d::residual(const State& before, const State& after) const {
  const double dt = after.time - before.time;
  if (!(dt > 0)) throw DataError("residual: the second state must be later than the first");
  const auto first = load(before), second = load(after), middle = load(before);
  const int nx = axes_[0].cells(), ny = axes_[1].cells(), nz = axes_[2].cells();
  // Faces 0..n of every component, the scalar's cells; ghosts are filled afterwards.
  const auto combine = [&](BoxFields& out, double factor, const BoxFields& a, double other, const BoxFields& b) {
    for (int k = 0; k <= nz; ++k)
      for (int j = 0; j <= ny; ++j) {
        for (int c = 0; c < 3; ++c)
          for (int i = 0; i <= nx; ++i)
            out.velocity.row(c, j, k)[i] = factor * a.velocity.row(c, j, k)[i] + other * b.velocity.row(c, j, k)[i];
        for (int i = 0; i <= nx && scalar_; ++i)
          out.scalar.row(0, j, k)[i] = factor * a.scalar.row(0, j, k)[i] + other * b.scalar.row(0, j, k)[i];
      }
  };
  combine(middle->now, 0.5, first->now, 0.5, second->now);
  middle->time = 0.5 * (before.time + after.time);
  sides_.update(middle->sides, middle->time);
  sides_.fill_ghosts(middle->now.velocity, middle->sides);
  if (scalar_) sides_.fill_scalar_ghosts(middle->now.scalar, middle->sides);
  static_cast<void>(balanced_rates(*middle, middle->next));
  combine(first->next, 1 / dt, second->now, -1 / dt, first->now);
  combine(middle->start, 1, first->next, -1, middle->next);
  at::Tensor cells = at::zeros({static_cast<std::int64_t>(problem_->channels().size()), nz, ny, nx}, at::kDouble);
  auto out = cells.accessor<double, 4>();
  for (int k = 0; k < nz; ++k)
    for (int j = 0; j < ny; ++j)
      for (int i = 0; i < nx; ++i) {
        const PaddedField& u = middle->start.velocity;
        out[0][k][j][i] = 0.5 * (u.row(0, j, k)[i] + u.row(0, j, k)[i + 1]);
        out[1][k][j][i] = 0.5 * (u.row(1, j, k)[i] + u.row(1, j + 1, k)[i]);
        out[2][k][j][i] = 0.5 * (u.row(2, j, k)[i] + u.row(2, j, k + 1)[i]);
        if (scalar_) out[4][k][j][i] = middle->start.scalar.row(0, j, k)[i];
      }
  return cells;
}

Diagnostics Incompressible3d::diagnostics(const State& state) const {
  const auto work = load(state);
  const PaddedField& velocity = work->now.velocity;
  const std::array<int, 3> n = {axes_[0].cells(), axes_[1].cells(), axes_[2].cells()};
  const double step = stable_dt(*work);
  const auto at = [&](int c, const std::array<int, 3>& index) { return velocity.row(c, index[1], index[2])[index[0]]; };
  const auto for_all = [&](const std::array<int, 3>& first, const std::array<int, 3>& last, auto&& visit) {
    std::array<int, 3> index{};
    for (index[2] = first[2]; index[2] < last[2]; ++index[2])
      for (index[1] = first[1]; index[1] < last[1]; ++index[1])
        for (index[0] = first[0]; index[0] < last[0]; ++index[0]) visit(index);
  };
  const auto shifted = [](std::array<int, 3> index, std::size_t axis, int by) {
    index[axis] += by;
    return index;
  };
  /// Extent of the control volume of a face of axis `a`, or of a cell.
  const auto cell = [&](std::size_t a, int i) { return axes_[a].width()[i]; };
  const auto face = [&](std::size_t a, int i) {
    const bool is_end = !axes_[a].is_periodic() && (i == 0 || i == n[a]);  // half a cell inside the domain
    return (is_end ? 0.5 : 1.0) / axes_[a].inverse_distance()[i];
  };
  double courant = 0, divergence = 0, energy = 0, dissipation = 0, enstrophy = 0, mean = 0, volume = 0;
  double least = INFINITY, most = -INFINITY;
  for_all({0, 0, 0}, n, [&](const std::array<int, 3>& i) {
    double speeds = 0, sum = 0;
    for (std::size_t c = 0; c < 3; ++c) {
      const double low = at(static_cast<int>(c), i), high = at(static_cast<int>(c), shifted(i, c, 1));
      const double slope = (high - low) * axes_[c].inverse_width()[i[c]];
      speeds += 0.5 * std::abs(low + high) * axes_[c].inverse_width()[i[c]];
      sum += slope;
      dissipation += slope * slope * cell(0, i[0]) * cell(1, i[1]) * cell(2, i[2]);
    }
    courant = std::max(courant, step * speeds);
    divergence = std::max(divergence, std::abs(sum));
    const double part = cell(0, i[0]) * cell(1, i[1]) * cell(2, i[2]);
    volume += part;
    if (!scalar_) return;
    const double value = work->now.scalar.row(0, i[1], i[2])[i[0]];
    mean += value * part;
    least = std::min(least, value);
    most = std::max(most, value);
  });
  for (std::size_t c = 0; c < 3; ++c) {
    const std::size_t a = (c + 1) % 3, b = (c + 2) % 3;
    auto last = n;
    if (!axes_[c].is_periodic()) ++last[c];
    for_all({0, 0, 0}, last, [&](const std::array<int, 3>& i) {
      energy += 0.5 * std::pow(at(static_cast<int>(c), i), 2) * face(c, i[c]) * cell(a, i[a]) * cell(b, i[b]);
    });
    // Edges along axis c: the two components across it, whose slopes make vorticity and shear.
    auto edges = n;
    for (const std::size_t axis : {a, b})
      if (!axes_[axis].is_periodic()) ++edges[axis];
    for_all({0, 0, 0}, edges, [&](const std::array<int, 3>& i) {
      const auto first = static_cast<int>(a), second = static_cast<int>(b);
      const double rise = (at(second, i) - at(second, shifted(i, a, -1))) * axes_[a].inverse_distance()[i[a]];
      const double fall = (at(first, i) - at(first, shifted(i, b, -1))) * axes_[b].inverse_distance()[i[b]];
      const double part = face(a, i[a]) * face(b, i[b]) * cell(c, i[c]);
      enstrophy += 0.5 * (rise - fall) * (rise - fall) * part;
      dissipation += (rise * rise + fall * fall) * part;
    });
  }
  const auto [in, out] = sides_.volume_flux(velocity);
  Diagnostics diagnostics = {{"cfl", courant},
                             {"divergence", divergence},
                             {"kinetic_energy", energy},
                             {"enstrophy", enstrophy},
                             {"dissipation", momentum_.viscosity() * dissipation},
                             {"mass_in", in},
                             {"mass_out", out}};
  if (!scalar_) return diagnostics;
  diagnostics.emplace_back(scalar_->channel + "_mean", mean / volume);
  diagnostics.emplace_back(scalar_->channel + "_least", least);
  diagnostics.emplace_back(scalar_->channel + "_most", most);
  return diagnostics;
}

}  // namespace eddyline
