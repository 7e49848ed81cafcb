#pragma once
// IFactFormer: one factorised attention block applied many times with the same weights, each a small step.
// Yang, Wang & Wang, Implicit factorized transformer approach to fast prediction of turbulent channel flows (2024),
// arXiv:2412.18840; names as in the authors' state dicts.

#include "operators/factformer/factorised_encoder.hpp"
#include "operators/kernels/layers.hpp"

namespace eddyline::ifactformer {

struct IFactFormerOptions {
  factformer::EncoderOptions encoder;
  std::int64_t in_channels = 1, out_channels = 1;
  std::int64_t frames = 0;  // > 0: the input is [B, C, frames, n..], joined by a convolution over time
};

/// x [B, n.., C] (channels last; [B, C, T, n..] with `frames`) to [B, C_out, n..].
class IFactFormerModelImpl final : public torch::nn::Module {
 public:
  explicit IFactFormerModelImpl(const IFactFormerOptions& options);
  /// @param increments  when given, what each application of a block added (before the division by their number).
  torch::Tensor forward(const torch::Tensor& x, const factformer::AxisPositions& positions,
                        std::vector<torch::Tensor>* increments = nullptr);

 private:
  torch::nn::Linear linear_lifting_{nullptr};
  factformer::TimeLifting time_lifting_{nullptr};
  factformer::Encoder encoder_{nullptr};
  torch::nn::Conv1d head_in_{nullptr}, head_out_{nullptr};
};
TORCH_MODULE(IFactFormerModel);

}  // namespace eddyline::ifactformer
