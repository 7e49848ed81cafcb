#include "operators/kernels/edge_list.hpp"

#include <ATen/Dispatch.h>
#include <ATen/Parallel.h>

#include <optional>

namespace eddyline {
namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;
using torch::autograd::Variable;

constexpr std::int64_t rows_a_task = 64;

torch::Tensor indices(const std::vector<std::int64_t>& values) {
  return torch::from_blob(const_cast<std::int64_t*>(values.data()), {static_cast<std::int64_t>(values.size())},
                          torch::kLong)
      .clone();
}

torch::Tensor sum_rows(const torch::Tensor& values, const std::optional<torch::Tensor>& order,
                       const torch::Tensor& offsets) {
  const auto input = values.contiguous();
  const auto rows = offsets.numel() - 1, width = input.size(1);
  auto sums = torch::zeros({rows, width}, input.options());
  const auto* begin = offsets.const_data_ptr<std::int64_t>();
  const auto* chosen = order ? order->const_data_ptr<std::int64_t>() : nullptr;
  AT_DISPATCH_FLOATING_TYPES(input.scalar_type(), "segment_sum", [&] {
    const auto* from = input.const_data_ptr<scalar_t>();
    auto* to = sums.mutable_data_ptr<scalar_t>();
    at::parallel_for(0, rows, rows_a_task, [&](std::int64_t first, std::int64_t last) {
      for (std::int64_t row = first; row < last; ++row)
        for (std::int64_t k = begin[row]; k < begin[row + 1]; ++k) {
          const auto* value = from + (chosen == nullptr ? k : chosen[k]) * width;
          auto* sum = to + row * width;
          for (std::int64_t c = 0; c < width; ++c) sum[c] += value[c];
        }
    });
  });
  return sums;
}

class SegmentSum final : public torch::autograd::Function<SegmentSum> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& values,
                               const std::optional<torch::Tensor>& order, const torch::Tensor& offsets,
                               const torch::Tensor& segment) {
    context->save_for_backward({segment});
    return sum_rows(values, order, offsets);
  }
  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    return {gradients[0].index_select(0, context->get_saved_variables()[0]), Variable(), Variable(), Variable()};
  }
};

class EdgeSum final : public torch::autograd::Function<EdgeSum> {
 public:
  static torch::Tensor forward(AutogradContext* context, const torch::Tensor& at_target, const torch::Tensor& at_source,
                               const torch::Tensor& source, const torch::Tensor& target,
                               const torch::Tensor& target_offsets, const torch::Tensor& by_source,
                               const torch::Tensor& source_offsets) {
    context->save_for_backward({source, target, target_offsets, by_source, source_offsets});
    const auto a = at_target.contiguous(), b = at_source.contiguous();
    const auto count = source.numel(), width = a.size(1);
    auto sums = torch::empty({count, width}, a.options());
    const auto* to_node = target.const_data_ptr<std::int64_t>();
    const auto* from_node = source.const_data_ptr<std::int64_t>();
    AT_DISPATCH_FLOATING_TYPES(a.scalar_type(), "edge_sum", [&] {
      const auto* left = a.const_data_ptr<scalar_t>();
      const auto* right = b.const_data_ptr<scalar_t>();
      auto* out = sums.mutable_data_ptr<scalar_t>();
      at::parallel_for(0, count, rows_a_task, [&](std::int64_t first, std::int64_t last) {
        for (std::int64_t edge = first; edge < last; ++edge) {
          const auto* x = left + to_node[edge] * width;
          const auto* y = right + from_node[edge] * width;
          auto* sum = out + edge * width;
          for (std::int64_t c = 0; c < width; ++c) sum[c] = x[c] + y[c];
        }
      });
    });
    return sums;
  }
  static tensor_list backward(AutogradContext* context, const tensor_list& gradients) {
    const auto saved = context->get_saved_variables();
    const auto &source = saved[0], &target = saved[1], &target_offsets = saved[2], &by_source = saved[3],
               &source_offsets = saved[4];
    return {segment_sum(gradients[0], std::nullopt, target_offsets, target),
            segment_sum(gradients[0], by_source, source_offsets, source),
            Variable(),
            Variable(),
            Variable(),
            Variable(),
            Variable()};
  }
};

}  // namespace

EdgeList::EdgeList(const Graph& graph) : source(indices(graph.sources)), target_offsets(indices(graph.offsets)) {
  in_degree = target_offsets.diff().unsqueeze(1);
  target = torch::repeat_interleave(in_degree.squeeze(1));
  by_source = source.argsort(true, 0, false);
  const auto out_degree = torch::bincount(source, {}, graph.nodes());
  source_offsets = torch::constant_pad_nd(out_degree.cumsum(0), {1, 0});
}

torch::Tensor segment_sum(const torch::Tensor& values, const std::optional<torch::Tensor>& order,
                          const torch::Tensor& offsets, const torch::Tensor& segment) {
  return SegmentSum::apply(values, order, offsets, segment);
}

torch::Tensor edge_sum(const torch::Tensor& at_target, const torch::Tensor& at_source, const EdgeList& edges) {
  return EdgeSum::apply(at_target, at_source, edges.source, edges.target, edges.target_offsets, edges.by_source,
                        edges.source_offsets);
}

torch::Tensor incoming_mean(const torch::Tensor& values, const EdgeList& edges) {
  const auto sums = segment_sum(values, std::nullopt, edges.target_offsets, edges.target);
  return sums / edges.in_degree.clamp_min(1).to(values.dtype());
}

}  // namespace eddyline
