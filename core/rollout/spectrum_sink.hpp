#pragma once
// Energy spectra of a run, a table a frame.

#include <filesystem>
#include <string>
#include <vector>

#include "core/rollout/sink.hpp"

namespace eddyline {

/// Channels of which the spectrum is taken: the velocity, or on a line without one its first channel.
/// @throws ConfigError starting with `path` when a side is not periodic or there is no velocity.
std::vector<std::string> check_has_spectrum(const Case& problem, const std::string& path);

/// Writes FOLDER/spectrum_000012.csv: wave_number, energy, time; the resolved shells (see core/rollout/spectrum.hpp).
class SpectrumSink final : public Sink {
 public:
  SpectrumSink(std::filesystem::path folder, std::int64_t every) : folder_(std::move(folder)), every_(every) {}
  /// @throws ConfigError as check_has_spectrum.
  void open(const std::shared_ptr<const Case>& problem, const std::vector<Channel>& channels) override;
  void write(const Frame& frame) override;
  void close(RunStatus) override {}  // every file is whole already

 private:
  std::filesystem::path folder_;
  std::int64_t every_;
  std::vector<std::string> channels_;
};

}  // namespace eddyline
