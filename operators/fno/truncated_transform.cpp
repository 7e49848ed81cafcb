#include "operators/fno/truncated_transform.hpp"

#include <cmath>
#include <numbers>
#include <utility>

namespace eddyline::fno {
namespace {

/// Angles 2 pi n k / N [N, modes] in double, k from `first`; n k is taken modulo N, so that no accuracy is lost.
torch::Tensor angles(std::int64_t size, std::int64_t first, std::int64_t modes) {
  const auto options = torch::dtype(torch::kLong);
  const auto points = torch::arange(size, options).unsqueeze(1), numbers = torch::arange(first, first + modes, options);
  return (points * numbers).remainder(size).to(torch::kDouble) * (2 * std::numbers::pi / static_cast<double>(size));
}

/// [..., K] real pairs interleaved: (re, im) of one mode side by side.
torch::Tensor interleaved(const torch::Tensor& real, const torch::Tensor& imaginary, int axis) {
  return torch::stack({real, imaginary}, axis + 1).flatten(axis, axis + 1).contiguous();
}

}  // namespace

TruncatedTransform::TruncatedTransform(std::vector<std::int64_t> sizes, std::vector<std::int64_t> kept,
                                       const torch::TensorOptions& like)
    : sizes_(std::move(sizes)), kept_(std::move(kept)) {
  const torch::NoGradGuard no_gradient;
  for (std::size_t axis = 0; axis + 1 < sizes_.size(); ++axis) {
    const auto size = sizes_[axis], modes = kept_[axis];
    const auto angle = angles(size, -(modes / 2), modes);
    const auto wave = torch::complex(angle.cos(), angle.sin());  // exp(+2 pi i n k / N) [N, k]
    const auto type = like.dtype() == torch::kDouble ? torch::kComplexDouble : torch::kComplexFloat;
    const auto options = like.dtype(type);
    analysis_.push_back((wave.conj() / static_cast<double>(size)).resolve_conj().contiguous().to(options));
    synthesis_.push_back(wave.contiguous().to(options));
  }
  const auto size = sizes_.back(), modes = kept_.back();
  const auto angle = angles(size, 0, modes);
  last_analysis_ = (interleaved(angle.cos(), -angle.sin(), 1) / static_cast<double>(size)).to(like);
  // Every mode but 0 and N/2 stands for its conjugate too.
  auto weight = torch::full({modes}, 2.0, torch::kDouble);
  weight[0] = 1;
  if (size % 2 == 0 && modes == size / 2 + 1) weight[-1] = 1;
  last_synthesis_ =
      interleaved((angle.cos() * weight).t().contiguous(), (angle.sin() * -weight).t().contiguous(), 0).to(like);
}

bool TruncatedTransform::pays(const std::vector<std::int64_t>& sizes, const std::vector<std::int64_t>& kept) {
  for (std::size_t axis = 0; axis < sizes.size(); ++axis)
    if (sizes[axis] * kept[axis] > 8192) return false;
  return true;
}

bool TruncatedTransform::fits(const std::vector<std::int64_t>& sizes, const torch::TensorOptions& like) const {
  return sizes == sizes_ && like.dtype() == last_analysis_.dtype() && like.device() == last_analysis_.device();
}

torch::Tensor TruncatedTransform::analysis(const torch::Tensor& fields) const {
  const auto batch = fields.size(0), channels = fields.size(1);
  // The last axis first: it is contiguous and halves the work of the others.
  auto x = torch::matmul(fields.reshape({-1, sizes_.back()}), last_analysis_);  // [B C N1 .. , 2 kn]
  x = torch::view_as_complex(x.view({-1, kept_.back(), 2}));
  // The axis at hand is carried to the end, which makes one large product of many small ones; the modes found so far
  // stand before it, in reverse order of their axes.
  std::int64_t behind = kept_.back();
  for (std::size_t axis = sizes_.size() - 1; axis-- > 0;) {
    x = x.reshape({-1, sizes_[axis], behind}).transpose(1, 2).reshape({-1, sizes_[axis]});
    x = torch::matmul(x, analysis_[axis]).view({-1, behind, kept_[axis]}).transpose(1, 2);
    behind *= kept_[axis];
  }
  return x.reshape({batch * channels, behind}).t().reshape({behind, batch, channels});
}

torch::Tensor TruncatedTransform::synthesis(const torch::Tensor& modes) const {
  const auto batch = modes.size(1), channels = modes.size(2);
  auto x = modes.flatten(1).t().contiguous();
  std::int64_t behind = x.size(1);
  for (std::size_t axis = 0; axis + 1 < sizes_.size(); ++axis) {
    behind /= kept_[axis];
    const auto waves = x.reshape({-1, kept_[axis], behind});
    x = torch::bmm(synthesis_[axis].expand({waves.size(0), sizes_[axis], kept_[axis]}), waves);
  }
  const auto pairs = torch::view_as_real(x.reshape({-1, kept_.back()})).flatten(1);
  auto shape = sizes_;
  shape.insert(shape.begin(), {batch, channels});
  return torch::matmul(pairs, last_synthesis_).view(shape);
}

}  // namespace eddyline::fno
