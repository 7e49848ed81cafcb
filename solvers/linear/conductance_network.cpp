#include "solvers/linear/conductance_network.hpp"

#include <algorithm>

namespace eddyline {

ConductanceNetwork ConductanceNetwork::of(const std::array<std::int64_t, 3>& cells) {
  ConductanceNetwork network;
  network.cells = cells;
  for (auto& link : network.link) link.assign(network.size(), 0.0);
  for (auto& ground : network.ground) ground.assign(network.size(), 0.0);
  return network;
}

std::size_t ConductanceNetwork::size() const { return static_cast<std::size_t>(cells[0] * cells[1] * cells[2]); }

std::size_t ConductanceNetwork::stride(int axis) const {
  return static_cast<std::size_t>(axis == 0 ? 1 : axis == 1 ? cells[0] : cells[0] * cells[1]);
}

bool ConductanceNetwork::is_singular() const {
  return std::all_of(ground.begin(), ground.end(), [](const auto& values) {
    return std::none_of(values.begin(), values.end(), [](double g) { return g > 0; });
  });
}

NetworkRow::NetworkRow(const ConductanceNetwork& network, std::int64_t row) {
  const auto [nx, ny, nz] = network.cells;
  const std::int64_t j = row % ny, k = row / ny;
  const auto start = [&](std::int64_t jj, std::int64_t kk) {
    return static_cast<std::size_t>(((kk + nz) % nz * ny + (jj + ny) % ny) * nx);
  };
  at = start(j, k);
  y_low = start(j - 1, k);
  y_high = start(j + 1, k);
  z_low = start(j, k - 1);
  z_high = start(j, k + 1);
}

std::vector<double> ConductanceNetwork::diagonal() const {
  std::vector<double> sum = ground[0];
  const auto nx = static_cast<std::size_t>(cells[0]);
  for (std::int64_t row = 0; row < cells[1] * cells[2]; ++row) {
    const NetworkRow r(*this, row);
    for (std::size_t i = 0; i < nx; ++i)
      sum[r.at + i] += ground[1][r.at + i] + ground[2][r.at + i] + link[0][r.at + i] +
                       link[0][r.at + (i > 0 ? i - 1 : nx - 1)] + link[1][r.at + i] + link[1][r.y_low + i] +
                       link[2][r.at + i] + link[2][r.z_low + i];
  }
  return sum;
}

void ConductanceNetwork::apply(const std::vector<double>& p, std::vector<double>& out) const {
  const auto nx = static_cast<std::size_t>(cells[0]);
  out.resize(size());
#pragma omp parallel for schedule(static) if (size() > 20000)
  for (std::int64_t row = 0; row < cells[1] * cells[2]; ++row) {
    const NetworkRow r(*this, row);
    const double *x = p.data(), *lx = link[0].data() + r.at, *ly = link[1].data(), *lz = link[2].data();
    const auto at = [&](std::size_t i, std::size_t low, std::size_t high) {
      const std::size_t c = r.at + i;
      out[c] = (ground[0][c] + ground[1][c] + ground[2][c]) * x[c] +
               (lx[i] * (x[c] - x[high]) + lx[low - r.at] * (x[c] - x[low])) +
               (ly[c] * (x[c] - x[r.y_high + i]) + ly[r.y_low + i] * (x[c] - x[r.y_low + i])) +
               (lz[c] * (x[c] - x[r.z_high + i]) + lz[r.z_low + i] * (x[c] - x[r.z_low + i]));
    };
    at(0, r.at + nx - 1, r.at + (nx > 1 ? 1 : 0));
    for (std::size_t i = 1; i + 1 < nx; ++i) at(i, r.at + i - 1, r.at + i + 1);
    if (nx > 1) at(nx - 1, r.at + nx - 2, r.at);
  }
}

}  // namespace eddyline
