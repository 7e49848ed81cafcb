#include "core/rollout/spectrum.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numbers>

#include "core/base/error.hpp"
#include "core/field/remap.hpp"

namespace eddyline {
namespace {

Grid uniform_like(const Grid& grid) {
  std::vector<double> low, high;
  std::vector<std::int64_t> cells;
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    low.push_back(grid.low(axis));
    high.push_back(grid.high(axis));
    cells.push_back(grid.cells(axis));
  }
  return Grid::uniform(low, high, cells);
}

/// The axes' Hann windows, each of mean square 1, multiplied onto the fluctuation.
at::Tensor windowed(const at::Tensor& velocity, const Grid& grid, const PeriodicAxes& periodic) {
  at::Tensor out = velocity;
  bool open = false;
  for (int axis = 0; axis < grid.dimension(); ++axis) {
    const auto a = static_cast<std::size_t>(axis);
    if (a < periodic.size() && periodic[a]) continue;
    if (!open) {
      std::vector<std::int64_t> space;
      for (std::int64_t dim = 1; dim < velocity.dim(); ++dim) space.push_back(dim);
      out = out - out.mean(space, true);
    }
    open = true;
    const std::int64_t cells = grid.cells(axis);
    at::Tensor window = (at::arange(cells, at::kDouble) + 0.5) / static_cast<double>(cells);
    window = (std::numbers::pi * window).sin().square();
    window = window / window.square().mean().sqrt();
    std::vector<std::int64_t> shape(static_cast<std::size_t>(velocity.dim()), 1);
    shape[static_cast<std::size_t>(velocity.dim() - 1 - axis)] = cells;
    out = out * window.reshape(shape);
  }
  return out;
}

}  // namespace

EnergySpectrum energy_spectrum(const at::Tensor& velocity, const Grid& grid, const PeriodicAxes& periodic) {
  const int dimension = grid.dimension();
  if (velocity.dim() != dimension + 1 || velocity.size(0) != dimension ||
      velocity[0].sizes() != at::IntArrayRef(grid.cell_shape()))
    throw ShapeError("an energy spectrum needs a velocity of " + std::to_string(dimension) +
                     " components on the grid's cells");
  at::Tensor cells = velocity.detach().to(at::kCPU, at::kDouble);
  if (!grid.is_uniform()) cells = interpolated_remap(cells, grid, uniform_like(grid));
  cells = windowed(cells, grid, periodic);

  std::vector<std::int64_t> space;
  double count = 1, shortest = std::numeric_limits<double>::infinity(), nyquist = shortest;
  for (int axis = 0; axis < dimension; ++axis) {
    space.push_back(axis + 1);
    const double length = grid.high(axis) - grid.low(axis), number = static_cast<double>(grid.cells(axis));
    count *= number;
    shortest = std::min(shortest, length);
    nyquist = std::min(nyquist, std::numbers::pi * number / length);
  }
  const double shell = 2 * std::numbers::pi / shortest;
  const at::Tensor modes = at::fft_fftn(cells, std::nullopt, space) / count;
  const at::Tensor energy = 0.5 * at::real(modes * modes.conj()).sum(0);
  at::Tensor square = at::zeros({1}, at::kDouble);
  for (int axis = dimension - 1; axis >= 0; --axis) {
    const double width = (grid.high(axis) - grid.low(axis)) / static_cast<double>(grid.cells(axis));
    const at::Tensor k = 2 * std::numbers::pi * at::fft_fftfreq(grid.cells(axis), width, at::kDouble);
    square = square.unsqueeze(-1) + k.square();
  }
  const at::Tensor index = (square.sqrt() / shell).round().to(at::kLong).flatten();
  const at::Tensor sums = at::bincount(index, energy.flatten());

  EnergySpectrum spectrum;
  for (std::int64_t i = 0; i < sums.size(0); ++i) {
    spectrum.wave_numbers.push_back(static_cast<double>(i) * shell);
    spectrum.energy.push_back(sums[i].item<double>());
  }
  // A shell reaches half a width beyond its wave number.
  const auto limit = static_cast<std::int64_t>(std::floor(nyquist / shell - 0.5 + 1e-9)) + 1;
  spectrum.resolved = std::min(limit, sums.size(0));
  return spectrum;
}

SpectrumError compare_spectra(const EnergySpectrum& prediction, const EnergySpectrum& reference) {
  if (prediction.wave_numbers != reference.wave_numbers)
    throw ShapeError("the spectra have " + std::to_string(prediction.wave_numbers.size()) + " and " +
                     std::to_string(reference.wave_numbers.size()) + " shells: they come from different grids");
  const auto resolved = static_cast<std::size_t>(reference.resolved);
  const double undefined = std::numeric_limits<double>::quiet_NaN();
  if (resolved < 2) return {undefined, undefined, undefined, undefined};
  const double floor = 1e-12 * *std::max_element(reference.energy.begin() + 1, reference.energy.end());
  std::array<double, 3> predicted = {0, 0, 0}, expected = {0, 0, 0};
  double sum = 0;
  for (std::size_t i = 1; i < resolved; ++i) {
    // Shell i of n lies in band floor(3 log(i) / log(n)).
    const double place = resolved > 2 ? std::log(static_cast<double>(i)) / std::log(static_cast<double>(resolved)) : 0;
    const auto band = std::min<std::size_t>(static_cast<std::size_t>(3 * place), 2);
    predicted[band] += prediction.energy[i];
    expected[band] += reference.energy[i];
    const double p = std::isnan(prediction.energy[i]) ? undefined : std::max(prediction.energy[i], floor);
    const double r = std::max(reference.energy[i], floor);
    const double decades = p == r ? 0 : std::log10(p / r);
    sum += decades * decades;
  }
  const auto ratio = [&](std::size_t band) {
    return expected[band] > 0 ? predicted[band] / expected[band] : undefined;
  };
  return {std::sqrt(sum / static_cast<double>(resolved - 1)), ratio(0), ratio(1), ratio(2)};
}

}  // namespace eddyline
