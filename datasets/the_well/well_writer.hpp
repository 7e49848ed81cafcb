#pragma once
// Writes datasets in The Well's schema (the_well 1.2.0), readable by its own loader.

#include <filesystem>
#include <string>
#include <vector>

#include "core/io/hdf5.hpp"
#include "core/training/dataset.hpp"

namespace eddyline::well {

/// One trajectory in memory.
struct Trajectory {
  at::Tensor frames;               // [T, C, (D,) (H,) W] float32, channels of the info
  at::Tensor statics;              // [S, ...] float32
  std::vector<double> times;       // one a frame; evenly spaced
  std::vector<double> parameters;  // in the order of the info
  std::string case_yaml;           // may be empty
};

/// Writes trajectories of equal length one by one. The Well's loader knows one time axis a file, so `dimensions/time`
/// counts frames and `eddyline/time_scale` [N] holds each trajectory's time between frames. Vectors velocity_x,
/// velocity_y become one t1 field; constant channels become fields with time_varying false; parameters become scalars,
/// one a trajectory.
class WellWriter {
 public:
  /// @throws IoError when the folder cannot be written.
  WellWriter(const std::filesystem::path& path, const DatasetInfo& info, std::int64_t trajectories,
             std::int64_t frames);
  /// @throws ShapeError when the trajectory does not fit, NumericalError when a value is not finite.
  void add(const Trajectory& trajectory);
  /// Makes the file appear. @throws DataError when trajectories are missing.
  void commit();

 private:
  struct Group {
    std::string dataset;
    std::vector<std::int64_t> channels;  // one for t0, the dimension for t1
    bool is_static = false;
  };
  DatasetInfo info_;
  std::int64_t trajectories_, frames_, written_ = 0;
  hdf5::File file_;
  std::vector<Group> groups_;
  std::vector<std::vector<double>> parameters_;
  std::vector<double> time_scales_;
  std::vector<std::string> cases_;
};

/// stats.yaml of The Well: mean, std, rms and those of the frame-to-frame change, for every field.
void write_statistics(const std::filesystem::path& path, const Dataset& dataset);

}  // namespace eddyline::well
