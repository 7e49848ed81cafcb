#include "solvers/grid/random_waves.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/base/random.hpp"

namespace eddyline {

RandomWaves::RandomWaves(const RandomWavesRanges& ranges, std::uint64_t seed, double length,
                         const std::vector<double>& x)
    : points_(x.size()) {
  const double turn = 2 * std::numbers::pi;
  RandomStream random(seed, "forcing/waves");
  for (std::int64_t k = 0; k < ranges.count; ++k) {
    Wave wave{};
    wave.amplitude = random.uniform(-ranges.amplitude, ranges.amplitude);
    wave.frequency = random.uniform(-ranges.frequency, ranges.frequency);
    wave.wavenumber =
        turn * static_cast<double>(1 + random.below(static_cast<std::uint64_t>(ranges.largest_wavenumber))) / length;
    wave.phase = random.uniform(0, turn);
    waves_.push_back(wave);
    for (const double at : x) {
      sines_.push_back(std::sin(wave.wavenumber * at + wave.phase));
      cosines_.push_back(std::cos(wave.wavenumber * at + wave.phase));
    }
  }
}

void RandomWaves::evaluate(double time, double* out) const {
  std::fill_n(out, points_, 0.0);
  for (std::size_t k = 0; k < waves_.size(); ++k) {
    const double *sines = sines_.data() + k * points_, *cosines = cosines_.data() + k * points_;
    const double with_sine = waves_[k].amplitude * std::cos(waves_[k].frequency * time),
                 with_cosine = waves_[k].amplitude * std::sin(waves_[k].frequency * time);
#pragma omp simd
    for (std::size_t i = 0; i < points_; ++i) out[i] = out[i] + (with_sine * sines[i] + with_cosine * cosines[i]);
  }
}

}  // namespace eddyline
