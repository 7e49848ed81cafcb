#pragma once
// Edges as tensors, and the sums over them that message passing is made of.

#include <optional>

#include "core/domain/graph.hpp"
#include "operators/kernels/layers.hpp"

namespace eddyline {

/// A graph's edges sorted by target, then source, with the second order that gradients need.
struct EdgeList {
  explicit EdgeList(const Graph& graph);
  torch::Tensor source, target;  // [E] int64
  torch::Tensor target_offsets;  // [N + 1]: edges into node i are target_offsets[i] .. target_offsets[i + 1] - 1
  torch::Tensor by_source;       // [E]: edge numbers sorted by source
  torch::Tensor source_offsets;  // [N + 1], into by_source
  torch::Tensor in_degree;       // [N, 1] int64
};

/// sum[i] = sum of values[order[k]] for offsets[i] <= k < offsets[i + 1], 0 where there is none. Every row is summed by
/// one thread in the order given, so the bits depend on nothing else; no atomics.
/// @param values  [E, H] float or double. @param order  [E], or nothing: as they stand. @param offsets  [N + 1].
/// @param segment  [E]: the row that each value goes to (what the gradient needs).
[[nodiscard]] torch::Tensor segment_sum(const torch::Tensor& values, const std::optional<torch::Tensor>& order,
                                        const torch::Tensor& offsets, const torch::Tensor& segment);

/// at_target[target of e] + at_source[source of e] for every edge: [N, H] twice to [E, H].
[[nodiscard]] torch::Tensor edge_sum(const torch::Tensor& at_target, const torch::Tensor& at_source,
                                     const EdgeList& edges);

/// Mean of `values` [E, H] over the edges into each node: [N, H], 0 where there is none.
[[nodiscard]] torch::Tensor incoming_mean(const torch::Tensor& values, const EdgeList& edges);

}  // namespace eddyline
