#pragma once
// What the tests of this folder share: a scratch folder, a small case with a body, smooth states.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/field/state.hpp"

namespace eddyline::output_test {

/// A new folder under the system's temporary folder, removed at the end.
class ScratchFolder {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }
  [[nodiscard]] std::filesystem::path operator/(const std::filesystem::path& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// velocity_x, velocity_y [m/s] and pressure [m^2/s^2].
[[nodiscard]] std::vector<Channel> channels();
/// [0, 4] x [-1, 1] with `columns` x `columns` / 2 cells and a circle in it.
[[nodiscard]] std::shared_ptr<const Case> example_case(int columns = 8);
/// A travelling wave of vortices, double precision.
[[nodiscard]] State example_state(const std::shared_ptr<const Case>& problem, double time);

}  // namespace eddyline::output_test
