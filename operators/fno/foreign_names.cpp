#include "operators/fno/foreign_names.hpp"

namespace eddyline::fno {

NamedTensors foreign_state(torch::nn::Module& module, const std::string& prefix) {
  NamedTensors state;
  for (const auto& entry : module.named_parameters()) {
    std::string name = entry.key();
    if (name.find("convs.") != std::string::npos && name.ends_with(".weight")) name += ".tensor";
    state[prefix + name] = entry.value();
  }
  for (const auto& entry : module.named_buffers()) state[prefix + entry.key()] = entry.value();
  return state;
}

}  // namespace eddyline::fno
