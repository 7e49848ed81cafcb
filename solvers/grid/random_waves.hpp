#pragma once
// The forcing of MP-PDE's experiments E1-E3: random waves along x,
//   delta(t, x) = sum over j of A_j sin(omega_j t + 2 pi l_j x / L + phi_j),
// A in [-amplitude, amplitude], omega in [-frequency, frequency], l in 1..largest_wavenumber, phi in [0, 2 pi).
// Brandstetter, Worrall & Welling, Message Passing Neural PDE Solvers (ICLR 2022), section 4.1.

#include <cstdint>
#include <vector>

namespace eddyline {

struct RandomWavesRanges {
  std::int64_t count = 5;
  double amplitude = 0.5;
  double frequency = 0.4;  // radians per time unit
  std::int64_t largest_wavenumber = 3;
};

/// Drawn from the seed, tabulated at points of the x axis. An empty object is no forcing.
class RandomWaves {
 public:
  RandomWaves() = default;
  /// @param length  L, of the domain.
  RandomWaves(const RandomWavesRanges& ranges, std::uint64_t seed, double length, const std::vector<double>& x);
  [[nodiscard]] bool exist() const { return !waves_.empty(); }
  /// The sum of the waves at every point.
  void evaluate(double time, double* out) const;

 private:
  struct Wave {
    double amplitude, frequency, wavenumber, phase;
  };
  std::vector<Wave> waves_;
  std::vector<double> sines_, cosines_;  // of 2 pi l x / L + phi, a row a wave
  std::size_t points_ = 0;
};

}  // namespace eddyline
