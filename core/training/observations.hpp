#pragma once
// Scattered observations of a density and, where it was seen, of the velocity that carries it.

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

namespace eddyline {

struct Observations {
  std::string source;       // file, for messages
  at::Tensor points;        // [N, D], double
  at::Tensor times;         // [N], double
  at::Tensor values;        // [N, 1 + D], double: density, velocity; nan where it was not observed
  std::string fingerprint;  // of the file's bytes
  [[nodiscard]] std::int64_t size() const { return points.size(0); }
  [[nodiscard]] int dimension() const { return static_cast<int>(points.size(1)); }
};

/// A CSV file (or the datasets of an HDF5 file, ".h5" or ".hdf5") with the columns x[,y[,z]],t,rho[,u[,v[,w]]]; `nan`
/// where a density or velocity was not observed. Other columns are refused.
/// @throws IoError; DataError naming row and column: no rows, a place or time that is not finite, a density below zero
/// or infinite, a column that is missing or unknown, lengths that differ.
[[nodiscard]] Observations read_observations(const std::filesystem::path& path);

/// Rows by number.
[[nodiscard]] Observations selected(const Observations& all, const std::vector<std::int64_t>& rows);
/// A random part, and the rest: pure functions of (count, fraction, seed). @throws DataError when either is empty.
struct ObservationSplit {
  Observations train, valid;
};
[[nodiscard]] ObservationSplit split_observations(const Observations& all, double valid_fraction, std::uint64_t seed);

}  // namespace eddyline
