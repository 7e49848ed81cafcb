#include "core/rollout/picture_sink.hpp"

#include <ATen/ATen.h>

#include <algorithm>

#include "core/base/error.hpp"
#include "core/base/log.hpp"
#include "core/base/numbers.hpp"
#include "core/base/text.hpp"
#include "core/io/atomic_file.hpp"
#include "core/io/safe_name.hpp"

namespace eddyline {
namespace {

const Channel* channel_of(const std::string& name, const std::vector<Channel>& channels) {
  const auto found = std::find_if(channels.begin(), channels.end(), [&](const Channel& c) { return c.name == name; });
  return found == channels.end() ? nullptr : &*found;
}

at::Tensor middle_plane(const at::Tensor& cells) { return cells.dim() == 3 ? cells[cells.size(0) / 2] : cells; }

}  // namespace

std::vector<std::string> velocity_names(const std::vector<Channel>& channels) {
  std::vector<std::string> names(3);
  for (const Channel& channel : channels) {
    if (channel.kind == ChannelKind::vector_x) names[0] = channel.name;
    if (channel.kind == ChannelKind::vector_y) names[1] = channel.name;
    if (channel.kind == ChannelKind::vector_z) names[2] = channel.name;
  }
  while (!names.empty() && names.back().empty()) names.pop_back();
  return names;
}

std::vector<std::string> picture_quantities(const std::vector<Channel>& channels) {
  std::vector<std::string> names = channel_names(channels);
  if (velocity_names(channels).size() > 1) names.insert(names.begin(), {"vorticity", "speed", "divergence"});
  return names;
}

void check_quantity(const std::string& quantity, const std::vector<Channel>& channels) {
  const auto known = picture_quantities(channels);
  if (std::find(known.begin(), known.end(), quantity) == known.end())
    throw ConfigError("there is no '" + printable(quantity) + "' to draw" + suggestion(quantity, known));
}

at::Tensor picture_plane(const State& state, const std::vector<Channel>& channels, const Case& problem,
                         const std::string& quantity) {
  return picture_plane(cell_tensor(state, channel_names(channels)), channels, problem.grid(), periodic_axes(problem),
                       quantity);
}

at::Tensor picture_plane(const at::Tensor& cells, const std::vector<Channel>& channels, const Grid& grid,
                         const PeriodicAxes& periodic, const std::string& quantity) {
  check_quantity(quantity, channels);
  if (grid.dimension() < 2) throw ShapeError("a field in one dimension has no picture; plot it as a curve");
  const std::vector<std::string> names = channel_names(channels);
  const auto channel = [&](const std::string& name) {
    return cells[std::find(names.begin(), names.end(), name) - names.begin()];
  };
  if (channel_of(quantity, channels) != nullptr) return middle_plane(channel(quantity));
  std::vector<at::Tensor> components;
  for (const std::string& name : velocity_names(channels)) components.push_back(channel(name));
  const at::Tensor velocity = at::stack(components);
  if (quantity == "speed") return middle_plane(speed(velocity));
  if (quantity == "divergence") return middle_plane(divergence(velocity, grid, periodic));
  const at::Tensor curl = vorticity(velocity, grid, periodic);
  return grid.dimension() == 3 ? middle_plane(curl[2]) : curl;
}

std::string default_quantity(const std::vector<Channel>& channels) { return picture_quantities(channels).at(0); }

std::string quantity_label(const std::string& quantity, const std::vector<Channel>& channels, const Case& problem) {
  return quantity_label(quantity, channels, problem.config().length_unit, problem.config().time_unit);
}

std::string quantity_label(const std::string& quantity, const std::vector<Channel>& channels,
                           const std::string& length_unit, const std::string& time_unit) {
  const Channel* channel = channel_of(quantity, channels);
  std::string unit = "1", name = quantity;
  if (channel != nullptr) {
    unit = channel->unit;
  } else if (quantity == "speed") {
    unit = channel_of(velocity_names(channels)[0], channels)->unit;
  } else if (time_unit != "1") {
    unit = "1/" + time_unit;
  }
  // A case without dimensions has no units to show, whatever its equation calls them.
  if (length_unit == "1" && time_unit == "1") unit = "1";
  std::replace(name.begin(), name.end(), '_', ' ');
  return unit == "1" ? name : name + " [" + unit + "]";
}

ColourMap quantity_colours(const std::string& quantity, const std::vector<Channel>& channels) {
  const Channel* channel = channel_of(quantity, channels);
  if (channel == nullptr) return quantity == "speed" ? ColourMap::sequential : ColourMap::diverging;
  // The component across the main flow is signed about zero; along it and for scalars the range tells more.
  return channel->kind == ChannelKind::vector_y || channel->kind == ChannelKind::vector_z ? ColourMap::diverging
                                                                                          : ColourMap::sequential;
}

Grid picture_grid(const Grid& grid) { return Grid({grid.nodes(0), grid.nodes(1)}); }

void draw_or_warn(const std::function<void()>& draw) {
  try {
    draw();
  } catch (const IoError& error) {
    log_warning(std::string("a picture is missing, the run goes on: ") + error.what());
  }
}

PictureSink::PictureSink(std::filesystem::path folder, const std::string& name, PictureSinkOptions options)
    : folder_(std::move(folder)), name_(safe_file_name(name)), options_(std::move(options)) {
  if (options_.every < 1) throw ConfigError("pictures every " + std::to_string(options_.every) + " frames: at least 1");
}

void PictureSink::open(const std::shared_ptr<const Case>& problem, const std::vector<Channel>& channels) {
  problem_ = problem;
  channels_ = channels;
  if (options_.quantity.empty()) options_.quantity = default_quantity(channels);
  check_quantity(options_.quantity, channels);
  if (problem->grid().dimension() < 2)
    throw ConfigError("pictures need two or three dimensions; switch them off for this case");
  if (channel_of(options_.quantity, channels) == nullptr && options_.quantity != "speed" &&
      std::min(problem->grid().cells(0), problem->grid().cells(1)) < 3)
    throw ConfigError("pictures of the " + printable(options_.quantity) +
                      " need at least three cells along x and y; refine the grid or switch pictures off");
  grid_ = std::make_unique<Grid>(picture_grid(problem->grid()));
  fluid_ = middle_plane(fluid_mask(*problem));
  scales_.clear();
  create_folder(folder_);
}

void PictureSink::write(const Frame& frame) {
  if (frame.index % options_.every != 0) return;
  const std::string& quantity = options_.quantity;
  const at::Tensor plane = picture_plane(*frame.state, channels_, *problem_, quantity);
  const ColourMap colours = quantity_colours(quantity, channels_);
  ColourScale scale = shared_scale({plane}, fluid_, colours, quantity_label(quantity, channels_, *problem_),
                                   colours == ColourMap::diverging ? options_.kept : 1);
  const auto found = scales_.find(frame.member);
  if (found != scales_.end()) {
    const ColourScale& before = found->second;
    scale.clipped_below = scale.low < before.low ? scale.clipped_below : before.clipped_below;
    scale.clipped_above = scale.high > before.high ? scale.clipped_above : before.clipped_above;
    scale.low = std::min(scale.low, before.low);
    scale.high = std::max(scale.high, before.high);
  }
  scales_[frame.member] = scale;
  const CaseConfig& config = problem_->config();
  FieldPicture picture;
  const std::string unit = config.time_unit == "1" ? "" : " " + config.time_unit;
  picture.title = printable(problem_->name()) + ", t = " + tick_text(frame.state->time) + unit;
  picture.grid = grid_.get();
  picture.bodies = config.obstacles;
  picture.length_unit = config.length_unit;
  picture.rows = {{"", {plane}, scale}};
  picture.width = options_.width;
  const std::string member = frame.member == 0 ? "" : "_member" + std::to_string(frame.member);
  draw_or_warn([&] {
    write_png(folder_ / (name_ + member + "_" + safe_file_name(quantity) + "_" + numbered(frame.index) + ".png"),
              draw_fields(picture));
  });
}

// Every picture is whole already.
void PictureSink::close(RunStatus) {}

}  // namespace eddyline
