#pragma once
// The unknowns at one time.

#include <ATen/core/Tensor.h>

#include <map>
#include <memory>
#include <string>

#include "core/field/case.hpp"

namespace eddyline {

/// Where the values of a field sit.
enum class Location { cell, face_x, face_y, face_z, node, particle };

struct Field {
  Location location = Location::cell;
  at::Tensor values;  // cell field of a 2D grid: [H, W]; of a mesh: [N]
};

/// Value type; tensors are shared until written, and nothing writes into the tensors of a state that was given away.
struct State {
  std::shared_ptr<const Case> problem;  // null for data whose case is not known
  double time = 0;                      // in the case's time unit
  std::map<std::string, Field> fields;  // by channel name
  /// What else an exact restart needs: face velocities of a staggered solver, a multistep history, a random counter.
  std::map<std::string, at::Tensor> auxiliary;
};

/// The cell fields of the named channels stacked: [C, ...]. @throws ShapeError when one is missing or not at cells.
[[nodiscard]] at::Tensor cell_tensor(const State& state, const std::vector<std::string>& channels);
/// A state with cell fields only. @param cells [C, ...] in the order of `channels`.
[[nodiscard]] State cell_state(std::shared_ptr<const Case> problem, double time,
                               const std::vector<std::string>& channels, const at::Tensor& cells);

}  // namespace eddyline
