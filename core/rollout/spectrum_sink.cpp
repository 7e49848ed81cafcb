#include "core/rollout/spectrum_sink.hpp"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/csv.hpp"
#include "core/io/safe_name.hpp"
#include "core/rollout/spectrum.hpp"

namespace eddyline {

std::vector<std::string> check_has_spectrum(const Case& problem, const std::string& path) {
  const PeriodicAxes periodic = periodic_axes(problem);
  if (std::find(periodic.begin(), periodic.end(), false) != periodic.end())
    throw ConfigError(path + ": an energy spectrum needs a box with periodic sides; set it to 0");
  const auto channels = problem.channels();
  const auto velocity = velocity_channels(channels, problem.grid().dimension());
  std::vector<std::string> names;
  for (const auto position : velocity) names.push_back(channels[static_cast<std::size_t>(position)].name);
  if (names.empty() && problem.grid().dimension() == 1) names = {channels.front().name};
  if (names.empty())
    throw ConfigError(path + ": " + problem.equation().name() + " has no velocity to take a spectrum of; set it to 0");
  return names;
}

void SpectrumSink::open(const std::shared_ptr<const Case>& problem, const std::vector<Channel>&) {
  channels_ = check_has_spectrum(*problem, "output.spectra_every");
  create_folder(folder_);
}

void SpectrumSink::write(const Frame& frame) {
  if (frame.index % every_ != 0) return;
  const Case& problem = *frame.state->problem;
  const EnergySpectrum spectrum =
      energy_spectrum(cell_tensor(*frame.state, channels_), problem.grid(), periodic_axes(problem));
  std::string text = "wave_number,energy,time\n";
  for (std::size_t n = 0; n < static_cast<std::size_t>(spectrum.resolved); ++n)
    text += csv_line({spectrum.wave_numbers[n], spectrum.energy[n], frame.state->time});
  write_atomically(folder_ / ("spectrum_" + numbered(frame.index) + ".csv"), text);
}

}  // namespace eddyline
