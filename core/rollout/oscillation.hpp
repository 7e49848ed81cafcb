#pragma once
// Oscillations of a sampled signal: the shedding frequency in a lift coefficient, the amplitude of a drag coefficient.

#include <span>

namespace eddyline {

/// A sinusoid: frequency in periods a time unit, amplitude (half of peak to peak) in units of the signal.
struct Oscillation {
  double frequency = 0, amplitude = 0;
};

/// Amplitude of the component at `frequency`: the Fourier integral of the signal behind a Hann window, its linear trend
/// removed; exact for a sinusoid of many periods. @param dt  time between samples.
[[nodiscard]] double amplitude_at(std::span<const double> signal, double dt, double frequency);

/// The component of largest amplitude with at least two periods in the record and four samples a period. The frequency
/// lies between the record's Fourier frequencies: it is refined until it no longer matters.
/// @throws DataError when the record has fewer than 16 samples.
[[nodiscard]] Oscillation strongest_oscillation(std::span<const double> signal, double dt);

}  // namespace eddyline
