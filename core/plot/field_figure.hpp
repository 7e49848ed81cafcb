#pragma once
// Figures of frames: pictures, contact sheets, comparisons, animations, profiles in one dimension, energy spectra.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "core/io/picture_fields.hpp"
#include "core/io/picture_plot.hpp"
#include "core/plot/frame_series.hpp"

namespace eddyline {

/// Words of FieldView::show.
[[nodiscard]] const std::vector<std::string>& field_view_choices();

/// What of the frames is shown, and how.
struct FieldView {
  std::string quantity = {};  // a channel, "vorticity", "speed" or "divergence"; empty: the usual one
  std::string show = {};      // a choice; empty: the comparison where there is a reference, else the frames
  std::string colours = {};   // "sequential" or "diverging"; empty: as the quantity asks for
  std::optional<std::pair<double, double>> range = {};  // of the scale; empty: what the frames need
  std::int64_t width = 0;                               // pixels; 0 chooses
};

/// One panel a frame in two dimensions (the middle plane across z in three) with one scale; a comparison has the rows
/// reference, prediction and difference with a column a frame.
/// @throws ConfigError naming the nearest quantity, when a frame has no reference, or when the field has one dimension.
[[nodiscard]] Canvas field_figure(const FrameSeries& series, const std::vector<std::int64_t>& frames,
                                  const FieldView& view);

/// The field along x, a curve a frame, of one-dimensional frames. @throws ConfigError.
[[nodiscard]] LinePlot profile_figure(const FrameSeries& series, const std::vector<std::int64_t>& frames,
                                      const FieldView& view);

/// Kinetic energy over wave number (see energy_spectrum), a curve a frame and one of its reference. Solid cells count
/// as velocity 0. @throws ConfigError when the channels hold no velocity.
[[nodiscard]] LinePlot spectrum_figure(const FrameSeries& series, const std::vector<std::int64_t>& frames,
                                       const FieldView& view);

/// The frames as a GIF or Ogg Theora file (the extension of `output` chooses); one scale for all, found on frames
/// spread over the series. Shows its progress. @throws ConfigError; IoError; Interrupted, and then no file is left.
void write_animation(const FrameSeries& series, const std::vector<std::int64_t>& frames, const FieldView& view,
                     const std::filesystem::path& output, double frames_per_second);

/// Of these frames those that have what the view needs: all, or those with a reference.
[[nodiscard]] std::vector<std::int64_t> drawable_frames(const FrameSeries& series,
                                                        const std::vector<std::int64_t>& frames, const FieldView& view);

/// The quantity that a view of these frames shows. @throws ConfigError naming the nearest one.
[[nodiscard]] std::string shown_quantity(const FrameSeries& series, const FieldView& view);
/// "comparison", "prediction", "reference" or "difference". @throws ConfigError when it needs a reference that is not
/// there.
[[nodiscard]] std::string shown_view(const FrameSeries& series, const FieldView& view);

/// `count` frames (or all) evenly spread over the list, the first and the last among them.
[[nodiscard]] std::vector<std::int64_t> spread_frames(const std::vector<std::int64_t>& frames, std::size_t count);

}  // namespace eddyline
