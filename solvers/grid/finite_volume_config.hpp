#pragma once
// Settings of the explicit finite-volume solver.

#include <string>

#include "core/config/config.hpp"

namespace eddyline {

struct FiniteVolumeConfig final : Config {
  std::string flux;  // empty: the equation's own choice
  std::string reconstruction = "van_leer";
  std::string time = "ssp_rk3";
  double cfl = 0.4;  // of the sum over the axes
  std::string precision = "double";
  std::int64_t points = 2;  // Gauss points an axis of the cell averages at t = 0
  std::int64_t max_steps_per_frame = 1000000;
  void fields(FieldVisitor& visit) override;
};

}  // namespace eddyline
