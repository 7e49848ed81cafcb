#include "core/plot/report_page.hpp"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/base/error.hpp"
#include "core/base/numbers.hpp"
#include "core/io/colour_map.hpp"
#include "core/io/picture_fields.hpp"
#include "core/io/safe_name.hpp"

namespace eddyline {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::int64_t most_pixels = 256;  // along an axis; finer fields are thinned

Json numbers(const std::vector<double>& values, int digits = 6) {
  Json list = Json::array();
  for (const double value : values)
    list.push_back(std::isfinite(value) ? Json(parse_number(format_number(value, digits)).value_or(value)) : Json());
  return list;
}

/// Colours from the low to the high end, for a colour bar.
Json stops(ColourMap map) {
  Json list = Json::array();
  for (int n = 0; n <= 16; ++n) {
    const Colour colour = colour_at(map, n / 16.0);
    list.push_back("rgb(" + std::to_string(colour.red) + "," + std::to_string(colour.green) + "," +
                   std::to_string(colour.blue) + ")");
  }
  return list;
}

/// A pixel a cell, y up.
std::string picture_of(const at::Tensor& field, const at::Tensor& fluid, const ColourScale& scale) {
  const std::int64_t rows = field.size(0), columns = field.size(1);
  const std::int64_t stride = (std::max(rows, columns) + most_pixels - 1) / most_pixels;
  const auto height = static_cast<int>((rows + stride - 1) / stride),
             width = static_cast<int>((columns + stride - 1) / stride);
  Canvas canvas(width, height);
  const at::Tensor values = field.to(at::kDouble).contiguous();
  const at::Tensor inside = fluid.defined() ? fluid.contiguous() : at::Tensor();
  const double* value = values.const_data_ptr<double>();
  const double range = scale.high - scale.low;
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) {
      const std::int64_t cell = (y * stride) * columns + x * stride;
      Colour colour{225, 225, 225};  // of what is not finite
      if (inside.defined() && !inside.const_data_ptr<bool>()[cell])
        colour = body_colour;
      else if (std::isfinite(value[cell]))
        colour = colour_at(scale.map, range > 0 ? (value[cell] - scale.low) / range : 0.5);
      canvas.blend(x, height - 1 - y, colour);
    }
  return canvas.png();
}

Json scale_json(const ColourScale& scale) {
  return {{"low", format_number(scale.low, 3)}, {"high", format_number(scale.high, 3)}, {"stops", stops(scale.map)}};
}

/// Reference, prediction and difference of every frame as pictures.
Json pictures(const ReportChannel& channel, const at::Tensor& fluid) {
  std::vector<at::Tensor> difference;
  for (std::size_t n = 0; n < channel.prediction.size(); ++n)
    difference.push_back(channel.prediction[n] - channel.reference[n]);
  const auto [low, high] = [&] {
    const ColourScale range = shared_scale(channel.reference, fluid, ColourMap::sequential, "");
    return std::pair(range.low, range.high);
  }();
  const bool is_signed = low < 0 && high > 0 && std::min(-low, high) > 0.25 * std::max(-low, high);
  const ColourScale values =
      shared_scale(channel.reference, fluid, is_signed ? ColourMap::diverging : ColourMap::sequential, "");
  const ColourScale errors = shared_scale(difference, fluid, ColourMap::diverging, "");
  Json frames = Json::array();
  for (std::size_t n = 0; n < channel.prediction.size(); ++n) {
    Json row = Json::array();
    row.push_back(base64(picture_of(channel.reference[n], fluid, values)));
    row.push_back(base64(picture_of(channel.prediction[n], fluid, values)));
    row.push_back(base64(picture_of(difference[n], fluid, errors)));
    frames.push_back(std::move(row));
  }
  return {{"scale", scale_json(values)}, {"error_scale", scale_json(errors)}, {"pictures", std::move(frames)}};
}

std::vector<double> values_of(const at::Tensor& values) {
  const at::Tensor flat = values.to(at::kDouble).contiguous();
  return {flat.const_data_ptr<double>(), flat.const_data_ptr<double>() + flat.numel()};
}

/// Reference and prediction of every frame as curves.
Json profiles(const ReportChannel& channel) {
  Json frames = Json::array();
  for (std::size_t n = 0; n < channel.prediction.size(); ++n)
    frames.push_back({numbers(values_of(channel.reference[n]), 4), numbers(values_of(channel.prediction[n]), 4)});
  return {{"profiles", std::move(frames)}};
}

Json rollout_json(const ReportRollout& rollout, const Grid& grid) {
  Json channels = Json::array();
  for (const auto& channel : rollout.channels) {
    for (const auto* list : {&channel.reference, &channel.prediction})
      for (const at::Tensor& field : *list)
        if (field.sizes() != at::IntArrayRef(grid.cell_shape()))
          throw ShapeError("a frame of channel '" + channel.name + "' does not fit the grid of the report");
    Json entry = grid.dimension() == 1 ? profiles(channel) : pictures(channel, rollout.fluid);
    entry["name"] = channel.name;
    entry["unit"] = channel.unit;
    channels.push_back(std::move(entry));
  }
  return {{"name", rollout.name}, {"frames", rollout.frames}, {"channels", std::move(channels)}};
}

void replace(std::string& text, const std::string& mark, const std::string& by) {
  const auto at = text.find(mark);
  text.replace(at, mark.size(), by);
}

}  // namespace

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t n = 0; n < bytes.size(); n += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - n);
    std::uint32_t group = 0;
    for (std::size_t k = 0; k < 3; ++k)
      group = group << 8 | (k < count ? static_cast<unsigned char>(bytes[n + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) text += k <= count ? digits[group >> (18 - 6 * k) & 63] : '=';
  }
  return text;
}

std::string report_page(const ReportData& data) {
  Json json;
  json["title"] = data.title;
  json["status"] = data.status;
  json["complete"] = data.complete;
  json["facts"] = data.facts;
  json["time_unit"] = data.time_unit;
  json["length_unit"] = data.length_unit;
  json["columns"] = data.metrics.columns;
  json["rows"] = Json::array();
  for (const auto& row : data.metrics.rows) json["rows"].push_back(numbers(row));
  json["errors"] = Json::array();
  for (const auto& [name, table] : data.errors) {
    Json rows = Json::array();
    for (const auto& row : table.rows) rows.push_back(numbers(row));
    json["errors"].push_back({{"name", name}, {"columns", table.columns}, {"rows", std::move(rows)}});
  }
  json["rollouts"] = Json::array();
  if (data.grid) {
    json["x"] = numbers(data.grid->centers(0));
    if (data.grid->dimension() == 2)
      json["aspect"] = (data.grid->high(0) - data.grid->low(0)) / (data.grid->high(1) - data.grid->low(1));
    for (const auto& rollout : data.rollouts) json["rollouts"].push_back(rollout_json(rollout, *data.grid));
  }
  json["config"] = data.config;
  json["provenance"] = data.provenance;
  // "</script>" in a name must not end the element; what is no UTF-8 is replaced.
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  for (auto at = text.find("</"); at != std::string::npos; at = text.find("</", at + 3)) text.replace(at, 2, "<\\/");
  std::string page = report_template();
  replace(page, "@TITLE@", xml_escaped(data.title));
  replace(page, "@DATA@", text);
  return page;
}

}  // namespace eddyline
