#pragma once
// How a random field is described in a config.

#include <string>

#include "core/config/config.hpp"

namespace eddyline {

/// A random function of position, drawn from a seed; see core/field/random_field.hpp for what each type is.
struct RandomFieldConfig final : Config {
  std::string type = "gaussian";
  double mean = 0, amplitude = 1;  // of the Gaussian field: mean and standard deviation
  std::string spectrum = "peak";
  double peak_wavenumber = 0;     // radians per length; spectrum peak
  double correlation_length = 0;  // length; spectra power_law and squared_exponential
  double slope = 4;
  std::int64_t modes = 0;      // waves along the longest side; 0: as many as the spectrum has
  bool normalised = false;     // the draw's own root mean square is the amplitude
  std::int64_t shapes = 5;     // type shapes: how many
  std::string shape = "disc";  // disc (a ball, an interval) or box
  double smallest = 0.05;      // radius or half width over the shortest side
  double largest = 0.2;        // the same
  double low = 0, high = 1;    // values of type threshold; range of the values of type shapes
  void fields(FieldVisitor& visit) override;
  void check(ConfigProblems& problems) const override;
};

}  // namespace eddyline
