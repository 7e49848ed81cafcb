#include "core/training/operator.hpp"

#include <cmath>
#include <sstream>

#include "core/base/error.hpp"

namespace eddyline {
namespace {

std::string shape_text(const torch::Tensor& tensor) {
  std::ostringstream text;
  text << tensor.sizes();
  return text.str();
}

}  // namespace

std::int64_t stacked_channel_count(const OperatorSpec& spec) {
  return spec.history * spec.channels + spec.static_channels + spec.parameters + (spec.lead_time ? 1 : 0);
}

torch::Tensor stacked_channels(const Batch& batch, const OperatorSpec& spec) {
  const auto& inputs = batch.inputs;
  if (inputs.dim() != spec.dimension + 3 || inputs.size(1) != spec.history || inputs.size(2) != spec.channels) {
    throw ShapeError("the operator expects inputs [batch, " + std::to_string(spec.history) + ", " +
                     std::to_string(spec.channels) + "] and " + std::to_string(spec.dimension) +
                     " axes of space, got " + shape_text(inputs));
  }
  if (!inputs.is_floating_point())
    throw ShapeError(std::string("the operator expects real inputs in floating point, got ") +
                     c10::toString(inputs.scalar_type()) + " " + shape_text(inputs));
  std::vector<torch::Tensor> parts = {inputs.flatten(1, 2)};
  const auto space = inputs.sizes().slice(3);
  const auto expect = [&](const char* what, const torch::Tensor& values, std::vector<std::int64_t> shape) {
    if (values.defined() && values.sizes() == at::IntArrayRef(shape)) return;
    std::ostringstream text;
    text << "the operator expects " << what << " " << at::IntArrayRef(shape) << " beside inputs " << inputs.sizes()
         << ", got ";
    if (values.defined())
      text << values.sizes();
    else
      text << "none";
    throw ShapeError(text.str());
  };
  if (spec.static_channels > 0) {
    std::vector<std::int64_t> shape = {inputs.size(0), spec.static_channels};
    shape.insert(shape.end(), space.begin(), space.end());
    expect("static channels", batch.statics, shape);
  }
  if (spec.parameters > 0) expect("parameters", batch.parameters, {inputs.size(0), spec.parameters});
  if (spec.lead_time) expect("lead times", batch.lead_time, {inputs.size(0)});
  const auto broadcast = [&](torch::Tensor values) {  // [B, n] -> [B, n, ...]
    std::vector<std::int64_t> shape = {values.size(0), values.size(1)};
    auto full = shape;
    shape.insert(shape.end(), space.size(), 1);
    full.insert(full.end(), space.begin(), space.end());
    parts.push_back(values.to(inputs.dtype()).reshape(shape).expand(full));
  };
  if (spec.static_channels > 0) parts.push_back(batch.statics.to(inputs.dtype()));
  if (spec.parameters > 0) broadcast(batch.parameters);
  if (spec.lead_time) broadcast(batch.lead_time.unsqueeze(1));
  return torch::cat(parts, 1);
}

std::vector<std::vector<double>> cell_coordinates(const OperatorSpec& spec, at::IntArrayRef cells) {
  if (spec.coordinates.empty()) {
    std::vector<std::vector<double>> unit;
    for (const std::int64_t count : cells) {
      auto& line = unit.emplace_back();
      for (std::int64_t i = 0; i < count; ++i) line.push_back(static_cast<double>(i) + 0.5);
    }
    return unit;
  }
  std::vector<std::int64_t> known;
  for (const auto& line : spec.coordinates) known.push_back(static_cast<std::int64_t>(line.size()));
  if (cells != known) {
    std::ostringstream text;
    text << "the operator was built for a grid of " << at::IntArrayRef(known) << " cells, got " << cells;
    throw ShapeError(text.str());
  }
  return spec.coordinates;
}

std::vector<std::vector<double>> cell_coordinates(const Grid& grid) {
  std::vector<std::vector<double>> lines;
  for (int axis = grid.dimension() - 1; axis >= 0; --axis) lines.push_back(grid.centers(axis));
  return lines;
}

InitialMoments pytorch_moments(const torch::Tensor& weight) {
  return {0, 1 / std::sqrt(3.0 * static_cast<double>(weight.numel() / weight.size(0)))};
}

}  // namespace eddyline
