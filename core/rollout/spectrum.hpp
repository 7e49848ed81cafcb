#pragma once
// How kinetic energy is spread over scales.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "core/domain/grid.hpp"
#include "core/field/derived.hpp"

namespace eddyline {

/// E(k): kinetic energy per unit mass in shells of width dk = 2 pi / (shortest side), |k| rounded to the nearest shell.
struct EnergySpectrum {
  std::vector<double> wave_numbers;  // k = i dk, in radians per length; i = 0 is the mean flow
  std::vector<double> energy;        // sum of |u_k|^2 / 2 over the shell
  std::int64_t resolved = 0;         // shells 1..resolved-1 lie inside the Nyquist limit of every axis
};

/// @param velocity  [dimension, (D,) (H,) W]. On periodic axes sum_k E(k) = <|u|^2> / 2 (Parseval). Along an axis that
/// does not wrap, a Hann window (mean square 1) is applied after the mean was taken off, so that the jump between the
/// ends does not hide the small scales; compare such spectra with each other only. Stretched grids are interpolated to
/// a uniform one with as many cells first.
/// @throws ShapeError.
[[nodiscard]] EnergySpectrum energy_spectrum(const at::Tensor& velocity, const Grid& grid,
                                             const PeriodicAxes& periodic = {});

/// A prediction's spectrum against the reference's, mean flow left out.
struct SpectrumError {
  /// sqrt(mean over resolved shells of log10(E_p / E_r)^2), energies below 1e-12 of the reference's largest shell
  /// raised to that floor: 0 is equal, 1 is a factor of ten in the mean.
  double log_distance = 0;
  /// Energy of the prediction over that of the reference in three bands of equal width in log k over the resolved
  /// shells: below 1 in `high` is a prediction too smooth. NaN for a band without reference energy.
  double low_ratio = 0, middle_ratio = 0, high_ratio = 0;
};

/// @throws ShapeError when the spectra come from different grids.
[[nodiscard]] SpectrumError compare_spectra(const EnergySpectrum& prediction, const EnergySpectrum& reference);

}  // namespace eddyline
