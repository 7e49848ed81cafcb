#pragma once
// Frames to look at, wherever they come from: a trajectory of a dataset, a rollout file, VTK files.

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/field/derived.hpp"

namespace eddyline {

struct SeriesFrame {
  at::Tensor cells;                     // [C, (D,) (H,) W] in the order of the channels
  std::optional<at::Tensor> reference;  // the same, where there is one
};

struct FrameSeries {
  std::string name;
  std::shared_ptr<const Grid> grid;
  std::vector<Channel> channels;
  PeriodicAxes periodic;               // empty where the source does not say
  std::vector<ObstacleConfig> bodies;  // empty where the source does not say
  at::Tensor fluid;                    // bool, cell shape; undefined: everywhere, or as the bodies say
  std::string length_unit = "1", time_unit = "1";
  std::vector<double> times;  // one a frame
  bool has_reference = false;
  std::optional<std::int64_t> chosen;  // the frame that the path names
  /// @throws DataError when the frame is damaged.
  std::function<SeriesFrame(std::int64_t)> read;
  [[nodiscard]] std::int64_t frames() const { return static_cast<std::int64_t>(times.size()); }
};

/// Opens DATASET#SPLIT/NUMBER[@FRAME] (a split may be left out: test, valid or train, the first that exists), a dataset
/// or rollout in one file (.hdf5, .h5), a ParaView collection (.pvd) or one of its files (.vti, .vtr). Arrays
/// prediction_* and reference_* of VTK files become the frames and their reference; `solid` marks the bodies.
/// @throws IoError when something is missing; ConfigError when there is no such trajectory or frame; DataError.
[[nodiscard]] FrameSeries open_frames(const std::string& path);

/// The frames of `prediction` beside those of `reference` at the same times; frames without one have none.
/// @throws DataError when grid or channels differ, or no time is in both.
[[nodiscard]] FrameSeries with_reference(FrameSeries prediction, const FrameSeries& reference);

}  // namespace eddyline
