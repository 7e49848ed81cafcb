#include "core/field/state.hpp"

#include <ATen/ATen.h>

#include "core/base/error.hpp"

namespace eddyline {

at::Tensor cell_tensor(const State& state, const std::vector<std::string>& channels) {
  std::vector<at::Tensor> parts;
  for (const auto& name : channels) {
    const auto found = state.fields.find(name);
    if (found == state.fields.end() || found->second.location != Location::cell) {
      std::vector<std::string> names;
      for (const auto& [key, field] : state.fields) names.push_back(key);
      throw ShapeError("the state at t = " + std::to_string(state.time) + " has no cell field '" + name +
                       "'; it has: " + join(names, ", "));
    }
    parts.push_back(found->second.values);
  }
  return at::stack(parts);
}

State cell_state(std::shared_ptr<const Case> problem, double time, const std::vector<std::string>& channels,
                 const at::Tensor& cells) {
  if (cells.dim() < 2 || cells.size(0) != static_cast<std::int64_t>(channels.size()))
    throw ShapeError("expected a cell tensor of " + std::to_string(channels.size()) + " channels, got " +
                     std::to_string(cells.dim()) + " axes, the first of length " +
                     std::to_string(cells.dim() > 0 ? cells.size(0) : 0));
  State state;
  state.problem = std::move(problem);
  state.time = time;
  for (std::size_t c = 0; c < channels.size(); ++c)
    state.fields[channels[c]] = {Location::cell, cells[static_cast<std::int64_t>(c)]};
  return state;
}

}  // namespace eddyline
