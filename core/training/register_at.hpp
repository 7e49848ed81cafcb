#pragma once
// Modules under the dotted names of the authors' state dicts, so that names need no translation.

#include <memory>
#include <string>

#include "core/base/tensor.hpp"

namespace eddyline {

/// Registers `module` as `path` ("to_x.0.to_in") below `root`; the modules on the way are made when missing.
/// @return the module.
template <class Registered>
Registered register_at(torch::nn::Module& root, const std::string& path, Registered module) {
  const auto dot = path.find('.');
  if (dot == std::string::npos) {
    root.register_module(path, module);
    return module;
  }
  const std::string head = path.substr(0, dot);
  const auto children = root.named_children();
  const auto holder =
      children.contains(head) ? children[head] : root.register_module(head, std::make_shared<torch::nn::Module>());
  return register_at(*holder, path.substr(dot + 1), module);
}

}  // namespace eddyline
