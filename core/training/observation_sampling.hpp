#pragma once
// Scattered observations of a field given by formulas, so that a fitted model can be measured against the truth. The
// engine behind `eddyline observe`.

#include <cstdint>
#include <string>
#include <vector>

#include "core/config/config.hpp"

namespace eddyline {

/// What `eddyline observe CONFIG` reads: formulas in x, y, z, t.
struct ObserveConfig final : Config {
  std::string output;
  std::int64_t points = 20000;
  std::vector<double> low = {-1, -1}, high = {1, 1};  // box that places are drawn from
  double time_low = 0, time_high = 1;
  std::string density;
  std::vector<std::string> velocity;  // one formula an axis; empty: the velocity is not observed
  double noise = 0;                   // relative standard deviation on density and velocity
  std::int64_t seed = 0;
  void fields(FieldVisitor& visit) override;
  void check(ConfigProblems& problems) const override;
};

/// Writes the CSV file, places and times uniform in the box; a pure function of the config.
/// @throws ConfigError when a formula is wrong, or gives a negative density; IoError.
void observe(const ObserveConfig& config);

}  // namespace eddyline
