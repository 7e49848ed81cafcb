#pragma once
// One HDF5 file in The Well's schema (the_well 1.2.0): names of fields, axes, what varies.

#include <string>
#include <vector>

#include "core/io/hdf5.hpp"
#include "core/training/dataset.hpp"

namespace eddyline::well {

/// One scalar channel of ours and where it sits in the file.
struct Source {
  std::string dataset;          // "t1_fields/velocity"
  std::int64_t component = -1;  // flattened tensor component, -1 for t0 fields
  std::int64_t components = 1;  // of the field in the file
  bool sample_varying = true, time_varying = true;
  std::vector<bool> dim_varying;
};

/// The header of a file, in our words. Spatial axes of the file run x, y, z; ours z, y, x.
struct Header {
  DatasetInfo info;
  std::vector<Source> channels, static_channels;
  std::vector<std::string> parameter_sources;  // datasets under /scalars
  std::int64_t trajectories = 0, frames = 0;
};

/// @throws DataError naming file and group when it is not The Well's schema or its axes contradict each other.
[[nodiscard]] Header read_header(const hdf5::File& file);

}  // namespace eddyline::well
