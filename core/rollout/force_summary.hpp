#pragma once
// What a run says about the forces on its bodies, at its end.

#include <filesystem>
#include <string>

#include "core/rollout/simulation_config.hpp"

namespace eddyline {

/// From the coefficients in history.csv (diagnostics that end in `_coefficient`) after `output.forces_from` of the run:
/// mean, least and largest of each, and the Strouhal number f D / U of the lift when it oscillates for at least two
/// periods of at least four equally spaced rows. Writes forces.csv beside it, one row, and returns the same as text;
/// empty when there are no forces.
[[nodiscard]] std::string write_force_summary(const std::filesystem::path& folder, const SimulationConfig& config);

}  // namespace eddyline
