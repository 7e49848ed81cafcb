#pragma once
// Grid files of VTK (.vti, .vtr) and ParaView's collections (.pvd) read back.

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/io/vtk_writer.hpp"

namespace eddyline {

/// What a file holds. Arrays are double, [(D,) (H,) W] a component.
struct VtkGridFile {
  std::shared_ptr<const Grid> grid;
  std::optional<double> time;  // TimeValue, when the file has one
  std::string length_unit = "1", time_unit = "1";
  std::vector<VtkArray> arrays;
};

/// Reads the cell arrays of a .vti or .vtr file in one to three dimensions (x first); sizes are checked against the
/// file before anything is allocated.
/// @throws IoError when it is missing; DataError when it is damaged, of another kind, or has no cell arrays.
[[nodiscard]] VtkGridFile read_vtk(const std::filesystem::path& path);

/// Times and files of a collection, in its order; the paths are complete.
/// @throws IoError; DataError when it is no collection or lists nothing.
[[nodiscard]] std::vector<std::pair<double, std::filesystem::path>> read_pvd(const std::filesystem::path& path);

}  // namespace eddyline
