#pragma once
// The message-passing neural PDE solver: encode, process, decode.
// Brandstetter, Worrall & Welling (2022), arXiv:2202.03376, eqs. 5-10 and appendix F; parameter names as in the
// authors' code. More than one axis of space and several channels are this project's generalisation (u, x and their
// differences have more components, the decoder more channels).

#include <string>
#include <vector>

#include "operators/kernels/layers.hpp"
#include "operators/mp_pde/message_passing.hpp"

namespace eddyline::mp_pde {

struct MpPdeOptions {
  std::int64_t width = 128, layers = 6;
  std::int64_t fields = 25;    // K * C: components of u
  std::int64_t dimension = 1;  // of space
  std::int64_t variables = 1;
  std::int64_t frames = 25;  // that come out
  std::int64_t channels = 1;
  std::string decoder = "convolution";  // along the hidden axis, or "linear"
};

/// Hidden states on the way, for tests.
struct HiddenStates {
  torch::Tensor embedding, first_layer, last_layer;  // [N, width]
};

/// Kernel of the first convolution of the decoder, its stride, kernel of the second: the authors' for 20, 25 and 50
/// frames at width 128; else kernels that give `frames` values and use the whole axis.
/// @throws ConfigError when the width is too small for the frames.
struct DecoderSizes {
  std::int64_t first_kernel, stride, second_kernel;
};
[[nodiscard]] DecoderSizes decoder_sizes(std::int64_t width, std::int64_t frames);

/// Gives d [N, frames, channels]; the prediction is u_last + (k + 1) dt d_k (eq. 10).
class MpPdeModelImpl final : public torch::nn::Module {
 public:
  explicit MpPdeModelImpl(const MpPdeOptions& options);
  /// @throws ShapeError with the shapes when the inputs do not fit.
  torch::Tensor forward(const NodeInputs& inputs, const NodeGraph& graph, HiddenStates* hidden = nullptr);

 private:
  void check(const NodeInputs& inputs, const NodeGraph& graph) const;

  MpPdeOptions options_;
  torch::nn::Linear embed_in_{nullptr}, embed_out_{nullptr}, linear_decoder_{nullptr};
  std::vector<MessagePassing> layers_;
  torch::nn::Conv1d decode_in_{nullptr}, decode_out_{nullptr};
};
TORCH_MODULE(MpPdeModel);

}  // namespace eddyline::mp_pde
