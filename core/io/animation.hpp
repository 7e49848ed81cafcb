#pragma once
// Moving pictures: GIF (giflib) and Ogg Theora video (VTK), written frame by frame.

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/io/picture.hpp"

namespace eddyline {

struct AnimationOptions {
  double frames_per_second = 10;     // GIF counts in hundredths of a second, Theora in whole frames
  std::vector<Colour> palette = {};  // of a GIF, the same for all frames, at most 256; empty: `animation_palette`
};

/// A file under construction: unless `finish` was called, nothing is left of it.
class Animation {
 public:
  virtual ~Animation() = default;
  /// @throws ShapeError when the frame has another size than the first; IoError.
  virtual void add(const Canvas& frame) = 0;
  /// Makes the file appear. @throws IoError; DataError without any frame.
  virtual void finish() = 0;
};

/// File name extensions of the formats that can be written, with the dot.
[[nodiscard]] const std::vector<std::string>& animation_extensions();
/// The extension of `path` chooses the format. @throws ConfigError on another extension or frame rate; IoError.
[[nodiscard]] std::unique_ptr<Animation> open_animation(const std::filesystem::path& path,
                                                        const AnimationOptions& options);

/// 256 colours in which the pictures of `draw_fields` (with these maps) and the line plots look as they do in PNG: even
/// samples of the maps, a ramp of greys for bodies and text, tints of the curves' colours.
[[nodiscard]] std::vector<Colour> animation_palette(const std::vector<ColourMap>& maps);

}  // namespace eddyline
