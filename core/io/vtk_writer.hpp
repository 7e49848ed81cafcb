#pragma once
// Grid states for ParaView and everything else that reads VTK's XML formats.

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "core/domain/grid.hpp"
#include "core/field/channel.hpp"
#include "core/field/state.hpp"

namespace eddyline {

/// A cell array of the file: one component per tensor, each of the grid's cell shape [(D,) (H,) W].
struct VtkArray {
  std::string name, unit;
  std::vector<at::Tensor> components;
};

/// Everything one file holds.
struct VtkGridFrame {
  const Grid* grid = nullptr;
  double time = 0;
  std::string length_unit = "1", time_unit = "1";
  std::vector<VtkArray> arrays;
};

struct VtkOptions {
  bool double_precision = false;  // float32 halves the files and is what pictures need
};

/// The arrays of a state: the components of a vector (`velocity_x`, `velocity_y`) become one three-component array
/// `velocity` with zeros for what is missing; other channels keep their names.
/// @param prefix  goes before each name: "prediction_".
/// @throws ShapeError when a channel is missing.
[[nodiscard]] std::vector<VtkArray> vtk_arrays(const State& state, const std::vector<Channel>& channels,
                                               const std::string& prefix = "");

/// ".vti" for a uniform grid, ".vtr" for a stretched one.
[[nodiscard]] std::string vtk_extension(const Grid& grid);

/// The file's bytes: XML, appended raw data, zlib. Units are in each array's UNITS_LABEL, the time is in the field
/// data TimeValue (what ParaView reads), length and time units in LengthUnit and TimeUnit.
/// @throws ShapeError when an array does not fit the grid.
[[nodiscard]] std::string vtk_bytes(const VtkGridFrame& frame, const VtkOptions& options = {});

/// Writes a file atomically. @throws IoError; ShapeError.
void write_vtk(const std::filesystem::path& path, const VtkGridFrame& frame, const VtkOptions& options = {});

/// A ParaView collection: which file shows which time. Rewritten atomically by `add`, so that it lists only files that
/// were whole before; times are written with full precision.
class PvdCollection {
 public:
  /// Writes itself at once, empty, or with the entries of an existing file up to the time `keep_until` and whose files
  /// are still there. @throws IoError when it cannot be written.
  explicit PvdCollection(std::filesystem::path path, std::optional<double> keep_until = {});
  /// @param file  name relative to the collection's folder, already whole on disk.
  void add(double time, const std::string& file);
  [[nodiscard]] const std::filesystem::path& path() const { return path_; }

 private:
  void write() const;
  std::filesystem::path path_;
  std::vector<std::pair<double, std::string>> entries_;
};

}  // namespace eddyline
