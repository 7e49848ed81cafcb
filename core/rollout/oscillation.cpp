#include "core/rollout/oscillation.hpp"

#include <cmath>
#include <complex>
#include <numbers>
#include <string>
#include <vector>

#include "core/base/error.hpp"

namespace eddyline {
namespace {

/// The signal without its linear trend (least squares), times a Hann window of sum 1.
std::vector<double> windowed(std::span<const double> signal) {
  const std::size_t count = signal.size();
  const double middle = 0.5 * static_cast<double>(count - 1);
  double mean = 0, moment = 0, spread = 0;
  for (std::size_t n = 0; n < count; ++n) {
    const double position = static_cast<double>(n) - middle;
    mean += signal[n] / static_cast<double>(count);
    moment += signal[n] * position;
    spread += position * position;
  }
  const double slope = spread > 0 ? moment / spread : 0;
  std::vector<double> result(count);
  double sum = 0;
  for (std::size_t n = 0; n < count; ++n) {
    const double phase = 2 * std::numbers::pi * (static_cast<double>(n) + 0.5) / static_cast<double>(count);
    const double window = 0.5 - 0.5 * std::cos(phase);
    result[n] = window * (signal[n] - mean - slope * (static_cast<double>(n) - middle));
    sum += window;
  }
  for (double& value : result) value /= sum;
  return result;
}

double amplitude_of(const std::vector<double>& windowed, double dt, double frequency) {
  std::complex<double> sum = 0;
  for (std::size_t n = 0; n < windowed.size(); ++n)
    sum += std::polar(windowed[n], -2 * std::numbers::pi * frequency * dt * static_cast<double>(n));
  return 2 * std::abs(sum);
}

}  // namespace

double amplitude_at(std::span<const double> signal, double dt, double frequency) {
  return amplitude_of(windowed(signal), dt, frequency);
}

Oscillation strongest_oscillation(std::span<const double> signal, double dt) {
  if (signal.size() < 16)
    throw DataError("an oscillation needs at least 16 samples, got " + std::to_string(signal.size()));
  const std::vector<double> values = windowed(signal);
  const double length = dt * static_cast<double>(signal.size()), spacing = 0.1 / length;
  Oscillation best;
  for (double frequency = 2 / length; frequency <= 0.25 / dt; frequency += spacing) {
    const double amplitude = amplitude_of(values, dt, frequency);
    if (amplitude > best.amplitude) best = {frequency, amplitude};
  }
  for (double step = 0.5 * spacing; step > 1e-9 / length; step *= 0.5)
    for (const double frequency : {best.frequency - step, best.frequency + step}) {
      const double amplitude = amplitude_of(values, dt, frequency);
      if (amplitude > best.amplitude) best = {frequency, amplitude};
    }
  return best;
}

}  // namespace eddyline
