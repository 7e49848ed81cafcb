#pragma once
// What an operator sees: collated samples, and for graphs the merged geometry.

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace eddyline {

struct Batch {
  at::Tensor inputs;      // grids [B, K, C, ...]: K past frames, oldest first, normalised; meshes [N, K, C]
  at::Tensor targets;     // grids [B, F, C, ...]: the F frames to predict, normalised; undefined when predicting
  at::Tensor statics;     // [B, S, ...]: channels constant in time (mask)
  at::Tensor parameters;  // [B, P], normalised
  at::Tensor time;        // [B], of the last input frame
  at::Tensor lead_time;   // [B], time from one frame to the next, in the units the normaliser gives it
  at::Tensor mask;        // [B, ...]: 1 where a loss counts (fluid), 0 in solids; undefined when everything counts
  std::vector<std::string> sample_ids;  // "train/3@17"
  // Merged geometry of graph batches; undefined for grids.
  at::Tensor positions;   // [N, D]
  at::Tensor edge_index;  // [2, E] (source, target), node numbers already offset
  at::Tensor batch;       // [N], the sample each node belongs to
};

}  // namespace eddyline
