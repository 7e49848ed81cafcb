#pragma once
// Our parameters under the names of the originals' state dicts.

#include "core/training/importer.hpp"

namespace eddyline::fno {

/// Parameters and buffers by name; dense spectral weights, which we keep as real pairs, under the name that the
/// originals give them (weight.tensor).
[[nodiscard]] NamedTensors foreign_state(torch::nn::Module& module, const std::string& prefix = "");
/// The module that an operator holds under `name`, null when it has none of this type.
template <class Module>
[[nodiscard]] Module* held_module(torch::nn::Module& owner, const std::string& name = "model") {
  const auto children = owner.named_children();
  const auto* child = children.find(name);
  return child == nullptr ? nullptr : dynamic_cast<Module*>(child->get());
}

}  // namespace eddyline::fno
