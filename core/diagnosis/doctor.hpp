#pragma once
// What this build and this machine have, and whether they compute, write and draw as they should: `eddyline doctor`.

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace eddyline {

enum class Health { good, doubtful, bad };

/// One thing that was tried. A doubtful one works but deserves a look; the text says what to do.
struct HealthCheck {
  std::string name;
  Health health = Health::good;
  std::string text;
};

struct DoctorReport {
  std::vector<std::pair<std::string, std::string>> facts;  // name and value: versions, threads, memory
  std::vector<HealthCheck> checks;
  [[nodiscard]] bool healthy() const;  // nothing bad
  [[nodiscard]] std::string text() const;
};

/// Tries the numbers (text without the locale, FFT and matrix products against their definition), threads, memory, and
/// in `folder` the disk, whole files and HDF5 with its locks; files made on the way are removed. Never throws on what
/// it finds: that is in the report.
[[nodiscard]] DoctorReport examine(const std::filesystem::path& folder);

}  // namespace eddyline
