#include "core/plot/field_figure.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <functional>
#include <limits>
#include <memory>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/numbers.hpp"
#include "core/base/progress.hpp"
#include "core/base/signals.hpp"
#include "core/base/text.hpp"
#include "core/io/animation.hpp"
#include "core/rollout/comparison_sink.hpp"
#include "core/rollout/picture_sink.hpp"
#include "core/rollout/spectrum.hpp"

namespace eddyline {
namespace {

constexpr std::size_t most_scaled = 24;  // frames that the scale of an animation is found on
constexpr double kept_of_signed = 0.995;

at::Tensor middle_plane(const at::Tensor& cells) { return cells.dim() == 3 ? cells[cells.size(0) / 2] : cells; }

/// "t = 12.50 s" with as many decimals as the distance between frames needs, so that titles keep their width.
std::string time_text(const FrameSeries& series, std::int64_t frame) {
  const double time = series.times.at(static_cast<std::size_t>(frame));
  const double distance = series.frames() > 1 ? std::abs(series.times.back() - series.times.front()) /
                                                    static_cast<double>(series.frames() - 1)
                                              : std::abs(time);
  const int decimals = distance > 0 ? std::clamp(static_cast<int>(std::ceil(1 - std::log10(distance))), 0, 6) : 0;
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), time, std::chars_format::fixed, decimals);
  const std::string unit = series.time_unit == "1" ? "" : " " + printable(series.time_unit);
  return "t = " + (end.ec == std::errc() ? std::string(text.data(), end.ptr) : format_number(time, 6)) + unit;
}

std::string with_unit(const std::string& text, const std::string& unit) {
  return unit == "1" ? text : text + " [" + unit + "]";
}

/// One frame of one quantity.
struct Plane {
  at::Tensor prediction, reference;  // [H, W] or [W]; the reference undefined where there is none
};

class View {
 public:
  View(const FrameSeries& series, const FieldView& view)
      : series_(series), quantity_(shown_quantity(series, view)), show_(shown_view(series, view)), view_(view) {
    colours_ = quantity_colours(quantity_, series.channels);
    if (show_ == "difference") colours_ = ColourMap::diverging;
    if (view.colours == "sequential") colours_ = ColourMap::sequential;
    if (view.colours == "diverging") colours_ = ColourMap::diverging;
    if (!view.colours.empty() && view.colours != "sequential" && view.colours != "diverging")
      throw ConfigError("colours are sequential or diverging, not '" + printable(view.colours) + "'");
    label_ = printable(quantity_label(quantity_, series.channels, series.length_unit, series.time_unit));
    if (show_ == "difference") label_ = "difference of " + label_;
    if (view.range && !(view.range->first < view.range->second))
      throw ConfigError("a range rises, not " + format_number(view.range->first) + " to " +
                        format_number(view.range->second));
  }
  [[nodiscard]] const std::string& show() const { return show_; }
  [[nodiscard]] const std::string& label() const { return label_; }
  [[nodiscard]] ColourMap colours() const { return colours_; }

  [[nodiscard]] Plane plane(std::int64_t frame) const {
    const SeriesFrame read = series_.read(frame);
    Plane plane;
    plane.prediction = values(read.cells);
    if (read.reference) plane.reference = values(*read.reference);
    if (show_ != "prediction" && !plane.reference.defined())
      throw ConfigError("frame " + std::to_string(frame) + " of '" + printable(series_.name) +
                        "' has no reference; choose an earlier frame, or --show prediction");
    return plane;
  }
  /// What a panel that is no comparison shows.
  [[nodiscard]] at::Tensor shown(const Plane& plane) const {
    if (show_ == "reference") return plane.reference;
    return show_ == "difference" ? plane.prediction - plane.reference : plane.prediction;
  }

 private:
  [[nodiscard]] at::Tensor values(const at::Tensor& cells) const {
    if (series_.grid->dimension() > 1)
      return picture_plane(cells, series_.channels, *series_.grid, series_.periodic, quantity_).to(at::kDouble);
    const auto names = channel_names(series_.channels);
    return cells[std::find(names.begin(), names.end(), quantity_) - names.begin()].to(at::kDouble);
  }
  const FrameSeries& series_;
  std::string quantity_, show_, label_;
  FieldView view_;
  ColourMap colours_ = ColourMap::sequential;
};

/// Pictures of one view with scales that are found once.
class Painter {
 public:
  Painter(const FrameSeries& series, const FieldView& view, const std::vector<std::int64_t>& frames)
      : series_(series), view_(series, view), range_(view.range), width_(static_cast<int>(view.width)) {
    if (series.grid->dimension() < 2)
      throw ConfigError("'" + printable(series.name) + "' has one dimension and is drawn as curves, without pictures");
    grid_ = std::make_unique<Grid>(picture_grid(*series.grid));
    if (series.fluid.defined()) fluid_ = middle_plane(series.fluid);
    at::Tensor fluid = fluid_mask(*grid_, series.bodies);
    if (fluid_.defined()) fluid = fluid.logical_and(fluid_);
    std::vector<at::Tensor> shown, reference;
    for (const std::int64_t frame : spread_frames(frames, most_scaled)) {
      const Plane plane = view_.plane(frame);
      shown.push_back(view_.show() == "comparison" ? plane.prediction : view_.shown(plane));
      if (view_.show() == "comparison") reference.push_back(plane.reference);
    }
    const double kept = view_.colours() == ColourMap::diverging ? kept_of_signed : 1;
    if (view_.show() == "comparison") {
      scales_ = comparison_scales(reference, shown, fluid, view_.label(), view_.colours());
    } else {
      scales_.field = shared_scale(shown, fluid, view_.colours(), view_.label(), kept);
    }
    if (!range_) return;
    shown.insert(shown.end(), reference.begin(), reference.end());
    const ColourScale whole = shared_scale(shown, fluid, ColourMap::sequential, "");
    scales_.field = {view_.colours(), range_->first, range_->second, view_.label(),
                     whole.low<range_->first, whole.high> range_->second};
  }

  [[nodiscard]] Canvas draw(const std::vector<std::int64_t>& frames, bool animated) const {
    FieldPicture picture;
    picture.title = printable(series_.name);
    picture.grid = grid_.get();
    picture.bodies = series_.bodies;
    picture.fluid = fluid_;
    picture.length_unit = printable(series_.length_unit);
    picture.width = width_ > 0 ? width_ : animated ? 760 : 0;
    std::vector<std::string> titles;
    std::vector<at::Tensor> shown, reference;
    for (const std::int64_t frame : frames) {
      const Plane plane = view_.plane(frame);
      titles.push_back(time_text(series_, frame));
      shown.push_back(view_.show() == "comparison" ? plane.prediction : view_.shown(plane));
      reference.push_back(plane.reference);
    }
    if (frames.size() == 1) picture.title += ", " + titles[0];
    if (view_.show() == "comparison") {
      if (frames.size() > 1) picture.columns = titles;
      picture.rows = comparison_rows(reference, shown, scales_);
      return draw_fields(picture);
    }
    const std::size_t columns = sheet_columns(frames.size());
    for (std::size_t first = 0; first < frames.size(); first += columns) {
      const auto begin = static_cast<std::ptrdiff_t>(first),
                 end = static_cast<std::ptrdiff_t>(std::min(first + columns, frames.size()));
      PanelRow row{"", {shown.begin() + begin, shown.begin() + end}, scales_.field};
      if (frames.size() > 1) row.titles = {titles.begin() + begin, titles.begin() + end};
      picture.rows.push_back(std::move(row));
    }
    picture.one_bar = true;
    return draw_fields(picture);
  }

  [[nodiscard]] std::vector<ColourMap> maps() const {
    if (view_.show() == "comparison" && view_.colours() == ColourMap::sequential)
      return {ColourMap::sequential, ColourMap::diverging};
    return {view_.colours()};
  }

 private:
  /// Columns of a contact sheet that come nearest to the shape of a page in landscape.
  [[nodiscard]] std::size_t sheet_columns(std::size_t panels) const {
    constexpr double page = 1.6;
    const double shape = (grid_->high(0) - grid_->low(0)) / (grid_->high(1) - grid_->low(1));
    std::size_t best = 1;
    double distance = std::numeric_limits<double>::infinity();
    for (std::size_t columns = 1; columns <= panels; ++columns) {
      const std::size_t rows = (panels + columns - 1) / columns;
      const double holes = static_cast<double>(rows * columns - panels) / static_cast<double>(panels);
      const double here =
          std::abs(std::log(shape * static_cast<double>(columns) / static_cast<double>(rows) / page)) + holes;
      if (here >= distance) continue;
      distance = here;
      best = columns;
    }
    return best;
  }

  const FrameSeries& series_;
  View view_;
  std::optional<std::pair<double, double>> range_;
  int width_;
  std::unique_ptr<Grid> grid_;
  at::Tensor fluid_;
  ComparisonScales scales_;
};

std::vector<double> numbers(const at::Tensor& values) {
  const at::Tensor flat = values.to(at::kDouble).contiguous();
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

}  // namespace

const std::vector<std::string>& field_view_choices() {
  static const std::vector<std::string> choices = {"comparison", "prediction", "reference", "difference"};
  return choices;
}

std::string shown_quantity(const FrameSeries& series, const FieldView& view) {
  if (view.quantity.empty()) return default_quantity(series.channels);
  check_quantity(view.quantity, series.channels);
  return view.quantity;
}

std::string shown_view(const FrameSeries& series, const FieldView& view) {
  if (view.show.empty()) return series.has_reference ? "comparison" : "prediction";
  const auto& choices = field_view_choices();
  if (std::find(choices.begin(), choices.end(), view.show) == choices.end())
    throw ConfigError("there is no view '" + printable(view.show) + "'" + suggestion(view.show, choices));
  if (view.show != "prediction" && !series.has_reference)
    throw ConfigError("'" + printable(series.name) + "' has no reference beside it, which a " + view.show +
                      " needs; name one with --reference DATASET#SPLIT/NUMBER");
  return view.show;
}

std::vector<std::int64_t> spread_frames(const std::vector<std::int64_t>& frames, std::size_t count) {
  if (frames.size() <= count) return frames;
  std::vector<std::int64_t> result;
  for (std::size_t k = 0; k < count; ++k)
    result.push_back(frames[count > 1 ? k * (frames.size() - 1) / (count - 1) : 0]);
  return result;
}

std::vector<std::int64_t> drawable_frames(const FrameSeries& series, const std::vector<std::int64_t>& frames,
                                          const FieldView& view) {
  if (shown_view(series, view) == "prediction") return frames;
  std::vector<std::int64_t> result;
  for (const std::int64_t frame : frames)
    if (series.read(frame).reference) result.push_back(frame);
  if (result.empty()) throw ConfigError("no frame of '" + printable(series.name) + "' has a reference");
  if (result.size() < frames.size())
    log_info(std::to_string(frames.size() - result.size()) + " frames without a reference are left out");
  return result;
}

Canvas field_figure(const FrameSeries& series, const std::vector<std::int64_t>& frames, const FieldView& view) {
  return Painter(series, view, frames).draw(frames, false);
}

LinePlot profile_figure(const FrameSeries& series, const std::vector<std::int64_t>& frames, const FieldView& view) {
  const View shown(series, view);
  if (series.grid->dimension() != 1)
    throw ConfigError("'" + printable(series.name) + "' has more than one dimension; profiles are drawn in one");
  const std::vector<double> x = series.grid->centers(0);
  LinePlot plot;
  plot.title = printable(series.name);
  if (frames.size() == 1) plot.title += ", " + time_text(series, frames[0]);
  plot.x_label = with_unit("x", printable(series.length_unit));
  plot.y_label = shown.label();
  plot.y_range = view.range;
  for (const std::int64_t frame : frames) {
    const Plane plane = shown.plane(frame);
    const std::string label = frames.size() > 1 ? time_text(series, frame) : shown.show();
    if (shown.show() != "comparison") {
      plot.curves.push_back({label, x, numbers(shown.shown(plane))});
      continue;
    }
    plot.curves.push_back({frames.size() > 1 ? label : "prediction", x, numbers(plane.prediction)});
    plot.curves.push_back({frames.size() > 1 ? label + ", reference" : "reference", x, numbers(plane.reference)});
  }
  return plot;
}

LinePlot spectrum_figure(const FrameSeries& series, const std::vector<std::int64_t>& frames, const FieldView& view) {
  const std::string show = shown_view(series, view);
  const auto velocity = velocity_names(series.channels), names = channel_names(series.channels);
  if (velocity.empty() || static_cast<int>(velocity.size()) != series.grid->dimension())
    throw ConfigError("an energy spectrum needs a velocity; '" + printable(series.name) + "' has " +
                      printable(join(names, ", ")));
  at::Tensor fluid = fluid_mask(*series.grid, series.bodies);
  if (series.fluid.defined()) fluid = fluid.logical_and(series.fluid);
  const auto spectrum = [&](const std::string& label, const at::Tensor& cells) -> Curve {
    std::vector<at::Tensor> components;
    for (const std::string& name : velocity)
      components.push_back(cells[std::find(names.begin(), names.end(), name) - names.begin()].to(at::kDouble) * fluid);
    const EnergySpectrum energy = energy_spectrum(at::stack(components), *series.grid, series.periodic);
    const auto first = energy.wave_numbers.begin(), values = energy.energy.begin();
    return {label, {first + 1, first + energy.resolved}, {values + 1, values + energy.resolved}};
  };
  LinePlot plot;
  plot.title = printable(series.name);
  if (frames.size() == 1) plot.title += ", " + time_text(series, frames[0]);
  const bool has_units = series.length_unit != "1" || series.time_unit != "1";
  std::string unit = "1";
  for (const Channel& channel : series.channels)
    if (channel.name == velocity[0]) unit = printable(channel.unit);
  plot.x_label = has_units ? "wave number [rad/" + printable(series.length_unit) + "]" : "wave number";
  plot.y_label = has_units && unit != "1" ? "kinetic energy [(" + unit + ")^2]" : "kinetic energy";
  plot.log_x = plot.log_y = true;
  plot.y_range = view.range;
  for (const std::int64_t frame : frames) {
    const SeriesFrame read = series.read(frame);
    const std::string time = frames.size() > 1 ? time_text(series, frame) : "";
    const auto label = [&](const std::string& what) {
      return !series.has_reference ? time : time.empty() ? what : time + ", " + what;
    };
    if (show != "reference") plot.curves.push_back(spectrum(label("prediction"), read.cells));
    if (show != "prediction" && read.reference) plot.curves.push_back(spectrum(label("reference"), *read.reference));
  }
  return plot;
}

void write_animation(const FrameSeries& series, const std::vector<std::int64_t>& frames, const FieldView& view,
                     const std::filesystem::path& output, double frames_per_second) {
  const std::vector<std::int64_t> shown = drawable_frames(series, frames, view);
  AnimationOptions options;
  options.frames_per_second = frames_per_second;
  std::function<Canvas(std::int64_t)> draw;
  std::optional<Painter> painter;
  if (series.grid->dimension() > 1) {
    painter.emplace(series, view, shown);
    options.palette = animation_palette(painter->maps());
    draw = [&](std::int64_t frame) { return painter->draw({frame}, true); };
  } else {
    FieldView fixed = view;
    if (!fixed.range) {
      double low = std::numeric_limits<double>::infinity(), high = -low;
      for (const Curve& curve : profile_figure(series, shown, view).curves)
        for (const double value : curve.y) low = std::min(low, value), high = std::max(high, value);
      const double margin = high > low ? 0.05 * (high - low) : 1;
      fixed.range = std::pair(low - margin, high + margin);
    }
    options.palette = animation_palette({});
    draw = [&series, fixed](std::int64_t frame) {
      LinePlot plot = profile_figure(series, {frame}, fixed);
      if (fixed.width > 0) plot.width = static_cast<int>(fixed.width);
      return draw_plot(plot);
    };
  }
  const auto animation = open_animation(output, options);
  Progress progress("plot", static_cast<std::int64_t>(shown.size()));
  for (const std::int64_t frame : shown) {
    animation->add(draw(frame));
    progress.advance();
    stop_if_interrupted();
  }
  animation->finish();
}

}  // namespace eddyline
