#pragma once
// Figures of whatever the project writes: the engine behind `eddyline plot`.

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/plot/field_figure.hpp"
#include "core/plot/table_figure.hpp"

namespace eddyline {

struct PlotOptions {
  /// A run directory, the output folder of `solve` or `predict`, a dataset (DATASET#SPLIT/NUMBER[@FRAME]), one of the
  /// files .pvd, .vti, .vtr, .h5, .hdf5, or a .csv table.
  std::string path;
  /// A file whose extension chooses the format (.png, .svg, .gif, .ogv), or a folder; empty: `plots` inside the run or
  /// output folder, the current folder for anything else.
  std::filesystem::path output;
  FieldView field;
  TableView table;
  std::string frames;      // "0,10,-1": numbers from 0, negative ones from the end; empty chooses
  std::string reference;   // frames to compare with, named as `path`
  bool spectrum = false;   // of the kinetic energy instead of the field
  std::int64_t every = 1;  // animations: frames from one picture to the next
  std::int64_t frames_per_second = 10;
};

/// Draws what the options ask for; with a path alone what is usual: a run gives its losses and its learning rate, an
/// output folder the last frame (or reference, prediction and difference) with forces, residuals, probes or errors, a
/// dataset a contact sheet of one trajectory. Curves come as .png and .svg.
/// @return the files, whole. @throws ConfigError (unknown field, column, frame or format), IoError (missing file),
/// DataError (damaged file), Interrupted.
std::vector<std::filesystem::path> plot(const PlotOptions& options);

}  // namespace eddyline
