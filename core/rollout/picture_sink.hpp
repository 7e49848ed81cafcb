#pragma once
// Frames as PNG pictures.

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/field/derived.hpp"
#include "core/io/picture_fields.hpp"
#include "core/rollout/sink.hpp"

namespace eddyline {

/// A quantity to look at, as a plane [H, W] in two dimensions, the middle plane across z in three.
/// @param quantity  "vorticity" (across z), "speed", "divergence" or a channel.
/// @throws ConfigError naming what there is when the state has no such quantity; ShapeError in one dimension.
[[nodiscard]] at::Tensor picture_plane(const State& state, const std::vector<Channel>& channels, const Case& problem,
                                       const std::string& quantity);
/// The same of cells [C, (D,) H, W] in the order of the channels.
[[nodiscard]] at::Tensor picture_plane(const at::Tensor& cells, const std::vector<Channel>& channels, const Grid& grid,
                                       const PeriodicAxes& periodic, const std::string& quantity);
/// What can be drawn of these channels, the usual ones first.
[[nodiscard]] std::vector<std::string> picture_quantities(const std::vector<Channel>& channels);
/// @throws ConfigError naming the nearest quantity when there is no such one.
void check_quantity(const std::string& quantity, const std::vector<Channel>& channels);
/// The channels of the velocity, x first; empty without one.
[[nodiscard]] std::vector<std::string> velocity_names(const std::vector<Channel>& channels);
/// "vorticity" where there is a velocity, else the first channel.
[[nodiscard]] std::string default_quantity(const std::vector<Channel>& channels);
/// "vorticity [1/s]": name and unit for a colour bar.
[[nodiscard]] std::string quantity_label(const std::string& quantity, const std::vector<Channel>& channels,
                                         const Case& problem);
[[nodiscard]] std::string quantity_label(const std::string& quantity, const std::vector<Channel>& channels,
                                         const std::string& length_unit, const std::string& time_unit);
/// Diverging for what is signed about zero (vorticity, divergence, velocity components, differences).
[[nodiscard]] ColourMap quantity_colours(const std::string& quantity, const std::vector<Channel>& channels);
/// Grid of the plane that `picture_plane` gives.
[[nodiscard]] Grid picture_grid(const Grid& grid);

/// Runs `draw`. A picture that the file system refuses is no reason to lose a run: IoError becomes a warning.
void draw_or_warn(const std::function<void()>& draw);

struct PictureSinkOptions {
  std::int64_t every = 1;     // frames
  std::string quantity = {};  // empty: default_quantity
  double kept = 0.995;        // fraction of the cells inside a diverging scale; sequential ones hold all
  int width = 0;              // pixels; 0 chooses
};

/// Writes FOLDER/NAME_QUANTITY_000012.png for every n-th frame. The scale only ever widens over the frames, so that
/// neighbouring pictures compare. A picture that cannot be written is a warning.
class PictureSink final : public Sink {
 public:
  /// @throws ConfigError when `every` is not positive.
  PictureSink(std::filesystem::path folder, const std::string& name, PictureSinkOptions options = {});
  /// @throws ConfigError when the quantity is unknown; IoError.
  void open(const std::shared_ptr<const Case>& problem, const std::vector<Channel>& channels) override;
  void write(const Frame& frame) override;
  void close(RunStatus status) override;

 private:
  std::filesystem::path folder_;
  std::string name_;
  PictureSinkOptions options_;
  std::shared_ptr<const Case> problem_;
  std::vector<Channel> channels_;
  std::unique_ptr<Grid> grid_;
  at::Tensor fluid_;
  std::map<int, ColourScale> scales_;  // by member
};

}  // namespace eddyline
