#pragma once
// Trajectories on disk, read window by window.

#include <ATen/core/Tensor.h>

#include <memory>
#include <string>
#include <vector>

#include "core/field/case.hpp"

namespace eddyline {

/// What all trajectories of a dataset share.
struct DatasetInfo {
  std::string name;
  std::shared_ptr<const Grid> grid;      // null for meshes and particles
  std::vector<Channel> channels;         // change in time
  std::vector<Channel> static_channels;  // constant in time: "mask"
  std::vector<Parameter> parameters;     // one number a trajectory
  std::string length_unit = "m", time_unit = "s";
};

/// What one trajectory has of its own.
struct TrajectoryInfo {
  std::string id;                  // unique in the dataset: "test/3"
  std::vector<double> times;       // one a frame
  std::vector<double> parameters;  // in the order of DatasetInfo::parameters
  [[nodiscard]] std::int64_t frames() const { return static_cast<std::int64_t>(times.size()); }
  /// Time between frames. @throws DataError when it varies by over 1e-3 relative.
  [[nodiscard]] double dt() const;
};

/// Random access; lazy and thread-safe.
class Dataset {
 public:
  virtual ~Dataset() = default;
  [[nodiscard]] virtual const DatasetInfo& info() const = 0;
  [[nodiscard]] virtual std::int64_t size() const = 0;
  [[nodiscard]] virtual TrajectoryInfo trajectory(std::int64_t index) const = 0;
  /// Frames first..first+count-1: [count, C, ...] float32. @throws DataError naming file, trajectory, frame, channel
  /// and cell when a value is not finite.
  [[nodiscard]] virtual at::Tensor frames(std::int64_t index, std::int64_t first, std::int64_t count) const = 0;
  /// [S, ...] float32; S may be 0.
  [[nodiscard]] virtual at::Tensor statics(std::int64_t index) const = 0;
  /// The problem behind a trajectory, null when the file does not say.
  [[nodiscard]] virtual std::shared_ptr<const Case> problem(std::int64_t index) const = 0;
  /// Hash of the content's identity (files, sizes, shapes, statistics), for provenance.
  [[nodiscard]] virtual std::string fingerprint() const = 0;
};

/// Reads one kind of dataset, recognised by what is there. A reader registers under its format's name.
class DatasetFormat {
 public:
  static constexpr const char* registry_kind = "datasets";
  virtual ~DatasetFormat() = default;
  /// Whether this format recognises the path, by its content.
  [[nodiscard]] virtual bool recognises(const std::string& path) const = 0;
  /// Splits to look for at the path; not all of them need to be there.
  [[nodiscard]] virtual std::vector<std::string> splits(const std::string& path) const;
  /// @throws IoError when the dataset has no such split.
  [[nodiscard]] virtual std::shared_ptr<const Dataset> open(const std::string& path,
                                                            const std::string& split) const = 0;
};
using DatasetRegistry = Registry<DatasetFormat>;

/// Opens one split ("train", "valid", "test", or what the format calls them) of the dataset at `path`. A part of a
/// split is named with brackets, from the first to before the last trajectory: "train[:850]", "train[850:]",
/// "test[10:20]".
/// @throws IoError when the path or the split is missing, DataError when no format recognises it, ConfigError when the
/// brackets are malformed or leave nothing.
[[nodiscard]] std::shared_ptr<const Dataset> open_dataset(const std::string& path, const std::string& split);

/// Splits that the format of `path` looks for. @throws what open_dataset throws for the path.
[[nodiscard]] std::vector<std::string> splits_of_dataset(const std::string& path);

}  // namespace eddyline
